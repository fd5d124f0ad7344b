"""Which flows can be touched by what became of the registers since an earlier run.

Proof, by the facts of docs/semantics.md, section 3. A party is asked as sender or recipient of a
flow, and as what issued or is named by evidence. Consents are asked by their subject; a flow of the
whole customer base asks the refusals of all, and the consents of whoever refused something, which
may lift them. Evidence is asked by its
subject and by who cites it; a row that names nobody is compared with every flow, unless its kind
speaks only to those who cite it. A lost row leaves in doubt what it names. Packs, what is declared
complete, zone, vocabulary and version are the same, or nothing of the earlier run is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from audit.changes.touching import Touched
from audit.vocabulary import WHOLE_BASE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.records.checking import Registers, Taints
    from audit.vocabulary import Vocabulary

_ROWS = 250_000  # compared at once


def nothing_touched() -> Touched:
    """The registers are those of then."""
    return Touched(everything=False, parties=_names(), subjects=_names(), evidence=_names())


def all_touched() -> Touched:
    """Nobody knows what the registers were."""
    return Touched(everything=True, parties=_names(), subjects=_names(), evidence=_names())


def touched(before: Registers, after: Registers, vocabulary: Vocabulary) -> Touched:
    """What the rows that were added, removed or changed, and those lost, can touch."""
    lost, losing = before.taints, after.taints
    parties = _changed(before.parties, after.parties)["party_id"].unique()
    parties = _union(parties, lost.parties ^ losing.parties)
    doubted = lost.consent_subjects ^ losing.consent_subjects
    consents = _changed(before.consents, after.consents)["subject_id"].unique()
    evidence = _evidence(before, after, parties)
    about = _union(evidence["subject_id"], lost.evidence_subjects ^ losing.evidence_subjects)
    refusing = _union(_refusing(before), _refusing(after))
    everybody = [WHOLE_BASE] if doubted or consents.is_in(refusing.implode()).any() else []
    return Touched(
        everything=_of_all(lost) != _of_all(losing) or _speaks_to_all(evidence, vocabulary),
        parties=parties,
        subjects=_union(_union(consents, about), doubted | {*everybody}),
        evidence=_union(evidence["evidence_id"], lost.evidence_ids ^ losing.evidence_ids),
    )


def _changed(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The rows of either that the other lacks; ids are unique, so no row stands twice in one.

    Registers change at few places: what begins and ends alike is compared row by row, and left out.
    """
    start = _alike(before, after)
    before, after = before.slice(start), after.slice(start)
    end = _alike(before, after, at_end=True)
    both = pl.concat([before.head(before.height - end), after.head(after.height - end)])
    return both.filter(~pl.struct(pl.all()).is_duplicated())


def _alike(before: pl.DataFrame, after: pl.DataFrame, *, at_end: bool = False) -> int:
    """How many rows both begin with, or end with, that are the same."""
    size = min(before.height, after.height)
    for done in range(0, size, _ROWS):
        rows = min(_ROWS, size - done)
        ours, theirs = (
            frame.slice(frame.height - done - rows if at_end else done, rows)
            for frame in (before, after)
        )
        other = [ours[name].ne_missing(theirs[name]) for name in ours.columns]
        places = pl.select(pl.any_horizontal(other)).to_series().arg_true()
        if len(places):
            return done + (rows - 1 - int(places[-1]) if at_end else int(places[0]))
    return size


def _refusing(registers: Registers) -> pl.Series:
    """The subjects who refused something, once or now."""
    return registers.consents.filter(pl.col("effect") == "forbid")["subject_id"].unique()


def _evidence(before: Registers, after: Registers, parties: pl.Series) -> pl.DataFrame:
    """The rows that differ, or say something else since a party that they name is another."""
    named = pl.any_horizontal(
        pl.col(column).is_in(parties.implode()) for column in ("issued_by", "reference")
    )
    resting = (each.evidence.filter(named.fill_null(value=False)) for each in (before, after))
    return pl.concat([_changed(before.evidence, after.evidence), *resting])


def _speaks_to_all(evidence: pl.DataFrame, vocabulary: Vocabulary) -> bool:
    """Whether a row names nobody and is, or may be, of a kind that is asked without being cited."""
    cited = [kind for kind, how in vocabulary.evidence_kinds.items() if how.subject_optional]
    nobody = evidence.filter(pl.col("subject_id").is_null())["kind"]
    return not nobody.is_in(cited).fill_null(value=False).all()


def _of_all(taints: Taints) -> tuple[bool, bool]:
    return taints.all_consent_subjects, taints.all_evidence_subjects


def _union(names: pl.Series, others: Iterable[str]) -> pl.Series:
    """Names and others, each once."""
    return pl.concat([names.drop_nulls().alias(""), _names(others)]).unique()


def _names(names: Iterable[str] = ()) -> pl.Series:
    return pl.Series("", sorted(names), dtype=pl.String)
