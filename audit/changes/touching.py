"""Which flows a change of the registers can touch; of all others the verdict stands.

Proof, by the facts of docs/semantics.md, section 3. A party is asked as sender or recipient of a
flow, and its role of the evidence that it issued. Consents are asked by their subject, and of a
flow of the whole customer base all refusals are, which consents may lift. Evidence is asked by its
subject and by who cites it; a row that names nobody is compared with every flow. Packs and what is
declared complete speak of every flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from audit.vocabulary import WHOLE_BASE

if TYPE_CHECKING:
    from audit.changes.change import Supposition
    from audit.records.checking import Registers


@dataclass(frozen=True)
class Touched:
    """The flows of these parties and subjects, and those that cite this evidence; or every flow."""

    everything: bool
    parties: pl.Series
    subjects: pl.Series
    evidence: pl.Series

    @property
    def nothing(self) -> bool:
        """Whether no flow is touched."""
        return not self.everything and not sum(
            map(len, (self.parties, self.subjects, self.evidence))
        )

    def mask(self) -> pl.Expr:
        """True for the flows that may get another verdict."""
        if self.everything:
            return pl.lit(True)
        ends = pl.any_horizontal(
            pl.col(side).is_in(self.parties.implode()) for side in ("sender", "recipient")
        )
        own = pl.col("subject_id").is_in(self.subjects.implode())
        cites = pl.col("evidence_id").is_in(self.evidence.implode()).fill_null(value=False)
        return ends | own | cites


def touched(before: Registers, after: Registers, change: Supposition) -> Touched:
    """What the change of the registers can touch, `after` being `before` as supposed."""
    roles = {party.id for party in change.parties if "role" in party.cells}
    issued = before.evidence["issued_by"].is_in([*roles]).any()
    consents = _differing(before.consents, after.consents)["subject_id"]
    evidence = _differing(before.evidence, after.evidence)
    base = pl.Series([WHOLE_BASE] if len(consents) else [], dtype=pl.String)
    subjects = [consents, evidence["subject_id"].drop_nulls(), base]
    return Touched(
        everything=bool(change.packs or change.complete or issued)
        or bool(evidence["subject_id"].has_nulls()),
        parties=pl.Series([party.id for party in change.parties], dtype=pl.String),
        subjects=pl.concat([each.rename("") for each in subjects]).unique(),
        evidence=evidence["evidence_id"],
    )


def _differing(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The rows that are not as they were; those that were added stand last."""
    if before is after:
        return after.clear()
    old = after.head(before.height)
    moved = (old[name].ne_missing(before[name]) for name in _MOVED if name in after.columns)
    return pl.concat([old.filter(pl.any_horizontal(*moved)), after.slice(before.height)])


_MOVED = ("ends_at", "settles_until", "valid_until")
