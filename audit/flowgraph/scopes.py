"""How far data may travel: the narrowest of the purposes registered for the parties on its path."""

from collections.abc import Mapping, Sequence
from functools import reduce

import polars as pl

from audit.evaluation.judgement import CODES
from audit.vocabulary import Truth, Vocabulary, covers, lineage

Scope = tuple[str, ...]


def judge_scopes(
    paths: pl.DataFrame, parties: pl.DataFrame, vocabulary: Vocabulary
) -> pl.DataFrame:
    """The paths with `scope` and `within_scope`, sorted.

    The scope is what all parties after the carrier are registered for; null where one of them has
    no registered purposes. within_scope says whether it covers the purpose of the last hop.
    """
    scopes = dict(parties.select("party_id", "purposes").iter_rows())
    asked = paths.select("path", "purpose").unique()
    judged = [_judged(path, purpose, scopes, vocabulary) for path, purpose in asked.iter_rows()]
    schema = {"scope": CODES, "within_scope": pl.String()}
    told = asked.hstack(pl.DataFrame(judged, schema=schema, orient="row"))
    return paths.join(told, on=["path", "purpose"], how="left", validate="m:1").sort(
        pl.col("path").list.join("\0"), "operation", "purpose", "data_category"
    )


def _judged(
    path: Sequence[str],
    purpose: str,
    registered: Mapping[str, Sequence[str] | None],
    vocabulary: Vocabulary,
) -> tuple[list[str] | None, str]:
    known = [tuple(scope) for party in path[1:] if (scope := registered.get(party))]
    scope = smallest_scope(known, vocabulary) if len(known) == len(path) - 1 else None
    truth = within(purpose, known, vocabulary)
    if scope is None:
        truth = min(truth, Truth.UNKNOWN)
    return (None if scope is None else list(scope)), truth.name.lower()


def smallest_scope(scopes: Sequence[Scope], vocabulary: Vocabulary) -> Scope:
    """What all the scopes cover; of a code and one below it the one below wins."""
    tree = vocabulary.purposes
    shared = reduce(lambda one, other: _shared(one, other, tree), scopes)
    return tuple(sorted(code for code in shared if not _below_another(code, shared, tree)))


def within(purpose: str, scopes: Sequence[Scope], vocabulary: Vocabulary) -> Truth:
    """Whether every one of the scopes covers the purpose, and so does what they share."""
    tree = vocabulary.purposes
    if not scopes:
        return Truth.UNKNOWN
    shared = smallest_scope(scopes, vocabulary)
    each = [covers(tree, purpose, scope) for scope in scopes]
    together = covers(tree, purpose, shared) if shared else Truth.FALSE
    return min(*each, together) if purpose in tree else Truth.UNKNOWN


def _shared(one: Scope, other: Scope, tree: Mapping[str, str | None]) -> Scope:
    """The narrower of each pair of which one covers the other; an unmapped code may be anything."""
    unmapped = {code for code in (*one, *other) if code not in tree}
    narrower = {code for code in one if _below_another(code, other, tree) or code in other}
    narrower |= {code for code in other if _below_another(code, one, tree)}
    return tuple(sorted(narrower | unmapped))


def _below_another(code: str, others: Scope, tree: Mapping[str, str | None]) -> bool:
    return code in tree and any(up in others for up in lineage(tree, code)[1:])
