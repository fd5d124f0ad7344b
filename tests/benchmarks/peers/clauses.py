"""A pack as tables for the peers: what each code says of each clause, and how clauses stand.

A peer may look codes up in these tables. What flows, registers and times say, it finds out itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from tests.generate import shipped_pack, shipped_vocabulary
from tests.reference import FALSE, TRUE, UNKNOWN, Truth, among, covers, listed, negate

PACK = "telecom_agreement"
VERDICTS = ("permitted", "excepted", "indeterminate", "violation")  # in rising gravity
CODE_WORDS = {  # the word, and the column of flows, or of who sends and receives, that it asks
    "sender_role": "sender_role",
    "recipient_role": "recipient_role",
    "operation": "operation",
    "purpose": "purpose",
    "data": "category",
    "channel": "channel",
    "recipient_country": "country",
}
_LISTINGS = {
    "sender_role": "roles",
    "recipient_role": "roles",
    "operation": "operations",
    "purpose": "purposes",
    "category": "categories",
    "channel": "channels",
    "country": "countries",
}
_OPEN, _NOT = "_such_as", "_not"
PLAIN = {TRUE: True, FALSE: False, UNKNOWN: None}


@dataclass(frozen=True)
class Clause:
    """A clause: what its lines ask that no code tells, and the places of those that except it."""

    place: int
    own_id: str
    effect: str
    asked: Mapping[str, Sequence[str]]  # a column: the codes that its lines name
    facts: Mapping[str, Any]
    attackers: Sequence[int]


@cache
def clauses() -> tuple[Clause, ...]:
    """The clauses of the agreement's pack, in its order."""
    entries = shipped_pack(PACK)["clause"]
    return tuple(
        Clause(
            place,
            entry["id"],
            entry["effect"],
            {column: () for word in entry["when"] if (column := _column(word))},
            {word: asked for word, asked in entry["when"].items() if not _column(word)},
            [n for n, each in enumerate(entries) if entry["id"] in each.get("exception_to", ())],
        )
        for place, entry in enumerate(entries)
    )


@cache
def codes(column: str) -> pl.DataFrame:
    """Each code that this column may hold, and whether each clause that asks the column holds.

    Columns `k` and the clause's place; null is unknown, and so is a code that is not there.
    """
    entries, words = shipped_pack(PACK)["clause"], shipped_vocabulary()
    known = sorted(words[_LISTINGS[column]])
    told = {
        f"k{place}": [PLAIN[min(values)] for values in zip(*lines, strict=True)]
        for place, entry in enumerate(entries)
        if (lines := _lines(entry["when"], column, known))
    }
    kinds = dict.fromkeys(told, pl.Boolean())
    return pl.DataFrame({"code": known, **told}, {"code": pl.String(), **kinds})


def _column(word: str) -> str | None:
    return CODE_WORDS.get(word.removesuffix(_NOT).removesuffix(_OPEN))


def _lines(when: Mapping[str, Any], column: str, known: Sequence[str]) -> list[list[Truth]]:
    """For each line of a clause that asks this column, its value for each code."""
    asked = ((word, listed(codes)) for word, codes in when.items() if _column(word) == column)
    return [[_value(word, column, code, codes) for code in known] for word, codes in asked]


def _value(word: str, column: str, code: str, asked: Sequence[str]) -> Truth:
    words = shipped_vocabulary_of(_LISTINGS[column])
    compare: Callable[..., Truth] = covers if isinstance(words, Mapping) else among
    value = compare(words, code, tuple(asked))
    if word.endswith(_OPEN):
        return max(value, UNKNOWN)
    return negate(value) if word.endswith(_NOT) else value


@cache
def shipped_vocabulary_of(listing: str) -> Any:  # noqa: ANN401
    """One list of codes; a tree tells the parents."""
    return shipped_vocabulary()[listing]


@cache
def covering(listing: str) -> pl.DataFrame:
    """Every two codes of a tree: whether the one is covered by the other, 0, 1 or 2."""
    tree = shipped_vocabulary_of(listing)
    rows = [(code, member, int(covers(tree, code, (member,)))) for code in tree for member in tree]
    return pl.DataFrame(
        rows, {"code": pl.String, "member": pl.String, "covered": pl.Int32}, orient="row"
    )


@cache
def kinds() -> pl.DataFrame:
    """What the kinds of evidence declare, as far as the clauses ask for them."""
    flags = ("amount", "issued_by_recipient", "independent", "subject_optional", "other_person")
    entries = shipped_vocabulary_of("evidence_kinds")
    asked = sorted({clause.facts["evidence"] for clause in clauses() if "evidence" in clause.facts})
    return pl.DataFrame(
        [
            {"kind": kind, **{flag: bool(entries[kind].get(flag)) for flag in flags}}
            for kind in asked
        ]
    )


def names(column: str) -> list[int]:
    """The places of the clauses that ask this column."""
    return [int(name[1:]) for name in codes(column).columns if name != "code"]
