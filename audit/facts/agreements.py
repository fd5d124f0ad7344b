"""The base agreement of each subject: whether it is in force, or over and being settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.facts.base import SUBJECT, base_rows
from audit.facts.pairs import FOREVER, Grouped, grouped, holds, soften
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.facts.numbering import Doubt, Numbering
    from audit.facts.pairs import Places, Truths


@dataclass(frozen=True)
class Agreements:
    """Base agreement rows by subject; times in microseconds."""

    rows: Grouped
    given: Places
    ends: Places
    settles: Places  # the settling interval is [ends, settles)
    has_any: NDArray[np.bool_]  # per subject, and last the unknown subject
    doubt: Doubt

    def facts(self, subject: Places, at: Places) -> tuple[Truths, Truths]:
        """agreement_in_force and agreement_settling of each flow (semantics, section 3)."""
        in_force, over = self._held(subject, at)
        settling = over & ~in_force
        lost = self.doubt.tainted[subject]  # a lost row may have made false true
        known = self.has_any[subject]
        return (
            soften(_truths(in_force, known), lost),
            soften(_truths(settling, known), lost & ~in_force),
        )

    def _held(self, subject: Places, at: Places) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether a row of each subject is in force, and whether one is over and being settled.

        Most subjects have one row: only the others are paired with theirs.
        """
        row, several = self.rows.alone(subject)
        single, rest = np.flatnonzero(row >= 0), np.flatnonzero(several)
        owners, rows = self.rows.pairs(subject[rest])
        held = np.zeros((2, len(subject)), dtype=np.bool_)
        held[:, single] = self._holding(row[single], at[single])
        found = self._holding(rows, at[rest[owners]])
        for told, holding in zip(held, found, strict=True):
            told[rest[owners[holding]]] = True
        return held[0], held[1]

    def _holding(self, rows: Places, at: Places) -> NDArray[np.bool_]:
        """[in force, being settled] of each row at its instant."""
        given, ends = self.given[rows], self.ends[rows]
        over = (given < ends) & holds(ends, self.settles[rows], at)
        return np.stack([holds(given, ends, at), over])


def compile_agreements(consents: pl.DataFrame, numbering: Numbering, doubt: Doubt) -> Agreements:
    """The rows that prove that the agreement is in force, of all the consents."""
    times = ("given_at", "ends_at", "settles_until")
    asked = base_rows(consents)
    given, ends, settles = (consents[name].filter(asked).cast(pl.Int64) for name in times)
    subjects = numbering.subjects
    keys = consents[SUBJECT].filter(asked).to_numpy()
    has_any = np.zeros(len(subjects) + 1, dtype=np.bool_)
    has_any[keys] = True
    return Agreements(
        rows=grouped(keys, len(subjects)),
        given=given.to_numpy(),
        ends=ends.fill_null(FOREVER).to_numpy(),
        settles=settles.fill_null(FOREVER).to_numpy(),
        has_any=has_any,
        doubt=doubt,
    )


def _truths(told: NDArray[np.bool_], known: NDArray[np.bool_]) -> Truths:
    """What is told, unknown where nothing is known."""
    return np.where(known, 2 * told, Truth.UNKNOWN).astype(np.int8)
