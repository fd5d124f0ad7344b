"""The flows that a run has met and duties look for, asked by the patterns that they match."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import polars as pl

from audit.clauses.compiling import BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.clauses.clause import Condition

    Pattern = tuple[Condition, ...]

RELATION = ("sender", "recipient", "purpose")


@dataclass(frozen=True)
class Seen:
    """Flows that may match some patterns, and relations counted; what matches, as bits of words."""

    patterns: tuple[Pattern, ...]
    kept: tuple[Iterable[pl.DataFrame], ...]
    folded: Sequence[pl.DataFrame]

    def flows(self, pattern: Pattern, *columns: str) -> pl.DataFrame:
        """These columns of the flows kept that match the pattern or may, with `at` and `value`."""
        word, bit = self._place(pattern)
        may = pl.col(f"may{word}") & _bit(bit) != 0
        found = [
            kept.filter(may).select(*columns, _at(), _value(word, bit))
            for kept in chain.from_iterable(self.kept)
        ]
        empty = {name: _TIMED.get(name, pl.String()) for name in columns}
        return pl.concat(found) if found else pl.DataFrame(schema=pl.Schema({**empty, **_TYPED}))

    def relations(self, pattern: Pattern) -> pl.DataFrame:
        """The relations whose flows match it, or may, by value: the earliest flow and the count."""
        word, bit = self._place(pattern)
        found = [
            part.filter(pl.col(f"may{word}") & _bit(bit) != 0).select(
                *RELATION, "flow_id", _at(), _value(word, bit), "flows"
            )
            for part in self.folded
        ]
        if not found:
            return pl.DataFrame(schema=_RELATIONS)
        ordered = pl.concat(found).sort("at", "flow_id")
        return ordered.group_by(*RELATION, "value", maintain_order=True).agg(
            pl.col("flow_id", "at").first(), pl.col("flows").sum()
        )

    def _place(self, pattern: Pattern) -> tuple[int, int]:
        place = self.patterns.index(pattern)
        return place // BITS, 1 << (place % BITS)


def _bit(bit: int) -> pl.Expr:
    return pl.lit(bit, pl.UInt64)


def _at() -> pl.Expr:
    return pl.col("occurred_at").cast(pl.Int64).alias("at")


def _value(word: int, bit: int) -> pl.Expr:
    """True or unknown, of rows that are not false."""
    true = pl.col(f"true{word}") & _bit(bit) != 0
    return pl.when(true).then(2).otherwise(1).cast(pl.Int8).alias("value")


_TYPED = {"at": pl.Int64(), "value": pl.Int8()}
_TIMED = {"occurred_at": pl.Datetime("us", "UTC"), "data_categories": pl.List(pl.String())}
_RELATIONS = pl.Schema(
    {
        **dict.fromkeys((*RELATION, "value"), pl.String()),
        "value": pl.Int8(),
        "flow_id": pl.String(),
        "at": pl.Int64(),
        "flows": pl.Int64(),
    }
)
