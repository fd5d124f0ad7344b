"""The base agreement of each subject: whether it is in force, or over and being settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.facts.base import SUBJECT, is_base
from audit.facts.pairs import FOREVER, Grouped, best, grouped, holds, soften
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
        owners, rows = self.rows.pairs(subject)
        given, ends, instant = self.given[rows], self.ends[rows], at[owners]
        in_force = _any(owners, holds(given, ends, instant), len(subject))
        over = (given < ends) & holds(ends, self.settles[rows], instant)
        settling = _any(owners, over, len(subject))
        settling[in_force == Truth.TRUE] = Truth.FALSE
        lost = self.doubt.tainted[subject]  # a lost row may have made false true
        told = np.where(self.has_any[subject], settling, np.int8(Truth.UNKNOWN))
        return (
            soften(np.where(self.has_any[subject], in_force, np.int8(Truth.UNKNOWN)), lost),
            soften(told, lost & (in_force != Truth.TRUE)),
        )


def compile_agreements(consents: pl.DataFrame, numbering: Numbering, doubt: Doubt) -> Agreements:
    """The rows that prove that the agreement is in force, of all the consents."""
    times = ("given_at", "ends_at", "settles_until")
    rows = consents.lazy().filter(is_base()).select(SUBJECT, *times).collect()
    subjects = numbering.subjects
    keys = rows[SUBJECT].to_numpy()
    has_any = np.zeros(len(subjects) + 1, dtype=np.bool_)
    has_any[keys] = True
    return Agreements(
        rows=grouped(keys, len(subjects)),
        given=rows["given_at"].cast(pl.Int64).to_numpy(),
        ends=rows["ends_at"].cast(pl.Int64).fill_null(FOREVER).to_numpy(),
        settles=rows["settles_until"].cast(pl.Int64).fill_null(FOREVER).to_numpy(),
        has_any=has_any,
        doubt=doubt,
    )


def _any(owners: Places, held: NDArray[np.bool_], size: int) -> Truths:
    return best(owners, np.where(held, np.int8(Truth.TRUE), np.int8(Truth.FALSE)), size)
