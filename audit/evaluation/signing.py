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

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.clauses.clause import Condition
    from audit.clauses.compiling import Program
    from audit.evaluation.ordered import InOrder
    from audit.evaluation.units import Units
    from audit.facts.flows import CategorySets
    from audit.facts.pairs import Places

    Signatures = tuple[bytes, ...] | None  # what each says, in a part's numbers; None: too many

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
_HEAD = 8  # bytes, one word, before the units: the set of categories, the claim


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
    most: int = MOST
    numbers: dict[bytes, int] = field(default_factory=dict)
    too_many: bool = False  # of them in some part that was taken

    def number(self, sets: Places, basis: Places, units: Units) -> Places:
        """The numbers of signatures with these category sets, claims and units."""
        heads = np.stack([sets, basis], axis=1).astype(">u4").tobytes()
        states = units.states
        told = [states.true, states.false, units.supplement[:, None].astype(np.uint64)]
        rows = np.concatenate(told, axis=1)
        content, width = rows.tobytes(), rows.shape[1] * 8
        ends = np.cumsum(np.bincount(units.signature, minlength=len(sets))) * width
        numbers, start = [], 0
        for i, end in enumerate(ends.tolist()):
            key = heads[i * _HEAD : (i + 1) * _HEAD] + content[start:end]
            numbers.append(self._number(key))
            start = end
        return np.array(numbers, dtype=np.int64)

    def part(self) -> Signatures:
        """The signatures met, as another signing takes them."""
        return None if len(self.numbers) > self.most else tuple(self.numbers)

    def take(self, signatures: Signatures, sets: Places) -> Places:
        """The number here of each signature of a part, whose category sets have these numbers."""
        if signatures is None:
            self.too_many = True
            return np.zeros(0, dtype=np.int64)
        heads = sets.astype(">u4").view("V4").tolist()
        keys = (heads[int.from_bytes(key[:4], "big")] + key[4:] for key in signatures)
        return np.array([self._number(key) for key in keys], dtype=np.int64)

    def _number(self, key: bytes) -> int:
        """Its number; nothing is remembered any more once there are too many."""
        known = self.numbers.get(key)
        if known is None:
            known = len(self.numbers)
            if known <= self.most:
                self.numbers[key] = known
        return known

    def settled(self, counts: Places) -> Table | None:
        """The signatures in the order of what they say; None where there are too many to keep.

        `counts` has how many flows each number has; the last ones may have none.
        """
        if self.too_many or len(self.numbers) > self.most:
            return None
        sets = sorted(self.sets.names)
        ranks = {members: rank.to_bytes(4, "big") for rank, members in enumerate(sets)}
        places = {n.to_bytes(4, "big"): ranks[each] for n, each in enumerate(self.sets.names)}
        keys = [places[key[:4]] + key[4:] for key in self.numbers]  # in the order of the numbers
        order = sorted(range(len(keys)), key=keys.__getitem__)
        final = np.empty(len(keys), dtype=np.uint32)
        final[order] = np.arange(len(keys))
        flows = np.zeros(len(keys), dtype=np.int64)
        flows[final[: len(counts)]] = counts
        table = self._table([keys[place] for place in order], sets).with_columns(
            flows=pl.Series(flows)
        )
        return Table(self.program.conditions, table.select(list(SIGNATURES)), final)

    def _table(self, keys: list[bytes], sets: list[tuple[str, ...]]) -> pl.DataFrame:
        """SIGNATURES but for the flows; of a key the set's place among all sets comes first."""
        told = np.frombuffer(b"".join(keys), dtype=np.uint64)  # a word of head, then the units
        lengths = np.array([len(key) // _HEAD for key in keys], dtype=np.int64)
        first = np.cumsum(lengths) - lengths
        heads = np.ascontiguousarray(told[first]).view(">u4").reshape(-1, 2)
        words = self.program.words
        rows = np.delete(told, first).reshape(-1, 2 * words + 1)
        sizes = np.array([len(members) for members in sets], dtype=np.int64)[heads[:, 0]]
        columns = {
            "signature": pl.Series(np.arange(len(keys), dtype=np.uint32)),
            "basis": pl.Series(self.program.domains["basis"]).gather(heads[:, 1]),
            "data_categories": pl.Series(sets, dtype=CODES).gather(heads[:, 0]),
            "true": _lists(rows[:, :words], sizes),
            "false": _lists(rows[:, words:-1], sizes),
            "supplement": _lists(rows[:, -1:].astype(np.bool_), sizes),
        }
        return pl.DataFrame({name: each.cast(SIGNATURES[name]) for name, each in columns.items()})


def _lists(rows: NDArray[Any], sizes: Places) -> pl.Series:
    """The rows of each signature, of which it has so many, one after another in a list."""
    ends = np.concatenate([[0], np.cumsum(sizes)]) * rows.shape[1]
    flat = (pl.Series(values).to_arrow() for values in (ends, rows.reshape(-1)))  # without pandas
    return pl.Series("", pa.LargeListArray.from_arrays(*flat))
