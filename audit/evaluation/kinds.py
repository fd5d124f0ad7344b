"""What the units of a run are like: each kind is decided once, however many signatures have it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from audit.evaluation.units import States, Units
from audit.facts.rows import Rows

if TYPE_CHECKING:
    from audit.clauses.compiling import Words
    from audit.facts.pairs import Places


@dataclass
class Kinds:
    """The kinds of units met so far, numbered: conditions, whether signed, and the claim."""

    words: int  # of conditions
    rows: Rows = field(init=False)

    def __post_init__(self) -> None:
        self.rows = Rows(2 * self.words + 2)

    def __len__(self) -> int:
        return len(self.rows)

    def number(self, basis: Places, units: Units) -> Places:
        """The kind of each unit, told the claim of each signature."""
        told = np.stack([units.supplement, basis[units.signature]], axis=1).astype(np.uint64)
        states = units.states
        return self.rows.number(np.concatenate([states.true, states.false, told], axis=1))

    def units(self, start: int) -> tuple[Places, Units]:
        """Each kind from this number on as the one unit of a signature, and what that claims."""
        rows = self.rows.all[start:]
        states = States(rows[:, : self.words], rows[:, self.words : -2])
        own = np.arange(len(rows))
        return rows[:, -1].astype(np.int64), Units(own, 0 * own, states, rows[:, -2] != 0)

    @property
    def claims(self) -> Places:
        """The claim of each kind."""
        return self.rows.all[:, -1].astype(np.int64)

    def said(self, kinds: Places) -> Words:
        """All but the claim: what `Signing` keeps of a unit."""
        return self.rows.all[kinds, :-1]

    def order(self) -> Places:
        """The rank of each kind by the bytes of what is said of it, whatever the claim."""
        told = np.ascontiguousarray(self.rows.all[:, :-1]).byteswap()
        return np.unique(told, axis=0, return_inverse=True)[1].reshape(-1)
