"""The distinct signatures of a run by what they say: a replay asks them instead of the flows.

What is kept of a signature is all that another pack can ask about with the words of this one: its
categories, the claim, and of each category which conditions are true, which are false, and whether
a supplement would carry a consent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from audit.evaluation.judgement import CODES
from audit.facts.pairs import starts_of
from audit.facts.rows import Sequences, headed, listed, ranked, taken, unheaded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.clauses.clause import Condition
    from audit.clauses.compiling import Program, Words
    from audit.evaluation.kinds import Kinds
    from audit.evaluation.ordered import InOrder
    from audit.facts.flows import CategorySets
    from audit.facts.pairs import Places

    # What each says, end to end in a part's numbers, and how long each is; None: too many.
    Signatures = tuple[NDArray[np.uint32], Places] | None

MOST = 1 << 20  # signatures of a run; where there are more, a replay judges the flows again
SIGNATURES = pl.Schema(
    {
        "signature": pl.UInt32(),
        "flows": pl.Int64(),
        "basis": pl.String(),
        "data_categories": CODES,
        "true": pl.List(pl.UInt64()),
        "false": pl.List(pl.UInt64()),
        "supplement": pl.List(pl.Boolean()),
    }
)
_CLAIM = 4  # bytes of a claim before what is said of units


@dataclass(frozen=True)
class Signed:
    """The signatures of a run.

    table: as SIGNATURES, a row per signature in the order of what it says; `basis` is null where it
    is unmapped and empty where nothing is claimed; bit i of a category's words (`true`, `false`:
    category by category) speaks of condition i. flows: their column `signature` has that of each.
    """

    conditions: tuple[Condition, ...]
    table: pl.DataFrame
    flows: InOrder

    @property
    def of_flow(self) -> pl.Series:
        """The signature of each flow, in the order of flow_id."""
        return pl.concat([piece["signature"] for piece in self.flows.pieces()])


@dataclass(frozen=True)
class Table:
    """SIGNATURES, and the place there of each number that a signing gave."""

    conditions: tuple[Condition, ...]
    rows: pl.DataFrame
    place: NDArray[np.uint32]


@dataclass
class Signing:
    """The signatures met so far; grows with the distinct ones, never with the flows."""

    program: Program
    sets: CategorySets
    kinds: Kinds
    most: int = MOST
    rows: Sequences = field(default_factory=Sequences)  # the set, and the kind of each unit
    too_many: bool = False

    def number(self, sets: Places, kinds: Places, sizes: Places) -> Places:
        """The numbers of signatures with these category sets and units.

        Nothing is remembered any more once there are too many.
        """
        if self.too_many:
            return np.zeros(len(sets), dtype=np.int64)
        numbers = self.rows.number(*headed(sets, kinds, sizes))
        if len(self.rows) > self.most:
            self._let_go()
        return numbers

    def _let_go(self) -> None:
        self.too_many, self.rows = True, Sequences()

    def part(self) -> Signatures:
        """The signatures met, as another signing takes them."""
        return None if self.too_many else (self.rows.values.copy(), self.rows.sizes)

    def take(self, signatures: Signatures, sets: Places, kinds: Places) -> Places:
        """The number here of each signature of a part, told the numbers of its sets and kinds."""
        if signatures is None:
            self._let_go()
            return np.zeros(0, dtype=np.int64)
        values, sizes = signatures
        own, units = unheaded(values, sizes)
        return self.number(sets[own], kinds[units], sizes - 1)

    def said(self, numbers: Places) -> tuple[Places, pl.Series]:
        """The sets of these signatures; and their claims and what is said of units, as bytes."""
        sets, basis, rows, sizes = self._of(numbers)
        lengths = sizes * rows.shape[1] * 8
        told = np.empty(int(lengths.sum()) + _CLAIM * len(numbers), dtype=np.uint8)
        ends = np.cumsum(lengths + _CLAIM)
        claims = (ends - lengths - _CLAIM)[:, None] + np.arange(_CLAIM)
        behind = np.ones(len(told), dtype=np.bool_)
        behind[claims.reshape(-1)] = False
        told[claims] = basis.astype(">u4").view(np.uint8).reshape(-1, _CLAIM)
        told[behind] = np.ascontiguousarray(rows).view(np.uint8).reshape(-1)
        offsets = pa.py_buffer(np.concatenate([[0], ends]).astype(np.int64))
        buffers = [None, offsets, pa.py_buffer(told)]
        every = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(numbers), buffers)
        return sets, pl.Series("said", every, dtype=pl.Binary)

    def _of(self, numbers: Places) -> tuple[Places, Places, Words, Places]:
        """Sets, claims, what is said of all units, and how many units each has."""
        sizes = self.rows.sizes[numbers]
        values = taken(self.rows.values, self.rows.first, self.rows.sizes, numbers)
        sets, kinds = unheaded(values, sizes)
        first = starts_of(sizes - 1)
        return sets, self.kinds.claims[kinds[first]], self.kinds.said(kinds), sizes - 1

    def settled(self, counts: Places) -> Table | None:
        """The signatures in the order of what they say; None where there are too many to keep.

        `counts` has how many flows each number has; the last ones may have none.
        """
        if self.too_many:
            return None
        sizes = self.rows.sizes
        sets, kinds = unheaded(self.rows.values, sizes)
        claims = self.kinds.claims[kinds[starts_of(sizes - 1)]]
        heads = self.sets.order()[1][sets] * len(self.program.domains["basis"]) + claims
        final = ranked(heads, self.kinds.order()[kinds], sizes - 1)
        flows = np.zeros(len(final), dtype=np.int64)
        flows[final[: len(counts)]] = counts[: len(final)]
        order = np.empty_like(final)
        order[final] = np.arange(len(final))
        table = self._table(order).with_columns(flows=pl.Series(flows))
        told = table.select(list(SIGNATURES))
        return Table(self.program.conditions, told, final.astype(np.uint32))

    def _table(self, order: Places) -> pl.DataFrame:
        """SIGNATURES but for the flows."""
        sets, basis, rows, sizes = self._of(order)
        words = self.program.words
        columns = {
            "signature": pl.Series(np.arange(len(order), dtype=np.uint32)),
            "basis": pl.Series(self.program.domains["basis"]).gather(basis),
            "data_categories": self.sets.named(sets),
            "true": _lists(rows[:, :words], sizes),
            "false": _lists(rows[:, words:-1], sizes),
            "supplement": _lists(rows[:, -1:].astype(np.bool_), sizes),
        }
        return pl.DataFrame({name: each.cast(SIGNATURES[name]) for name, each in columns.items()})


def _lists(rows: NDArray[Any], sizes: Places) -> pl.Series:
    """The rows of each signature, of which it has so many, one after another in a list."""
    return listed(pl.Series(rows.reshape(-1)), sizes * rows.shape[1])
