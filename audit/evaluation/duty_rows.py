"""The rows of duties, however many: held while they are few, else in sorted runs on the disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from audit.evaluation.duties import DUTIES
from audit.evaluation.runs import Laid, Order
from audit.vocabulary import WHOLE_BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 1 << 18  # rows held
KEY = ("layer", "duty", "event", "event_id")
_COUNTED = ("layer", "duty", "state")


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows sorted by all columns: by the first ones alone, where these tell all apart."""
    ordered = rows.sort(KEY)
    return rows.sort(list(DUTIES)) if _repeated(ordered) else ordered


def _repeated(ordered: pl.DataFrame) -> bool:
    """Whether two neighbours have the same key."""
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in reversed(KEY))
    return bool(ordered.select(same.any()).item())


_ORDER = Order(KEY, in_order, width=4)


@dataclass(frozen=True)
class DutyRows:
    """What became of the duties of a run; columns as DUTIES.

    held: all of it in any order, where none lies on the disk.
    """

    held: pl.DataFrame = field(default_factory=DUTIES.to_frame)
    laid: Laid | None = None

    @property
    def height(self) -> int:
        """How many there are."""
        return self.laid.height if self.laid else self.held.height

    def pieces(self) -> Iterator[pl.DataFrame]:
        """All rows sorted by all columns, some at a time; those of one key in one piece."""
        if self.laid is None:
            yield in_order(self.held)
        else:
            yield from self.laid.merged()

    def shares(self) -> Iterator[pl.DataFrame]:
        """All rows in no order, some at a time; those of one duty and person in one share."""
        if self.laid is None:
            yield self.held
            return
        for run in self.laid.runs:
            yield pl.concat([DUTIES.to_frame(), *map(self.laid.read, run)])

    @cached_property
    def counts(self) -> pl.DataFrame:
        """How many there are (`len`) by layer, duty and state."""
        found = [share.group_by(_COUNTED).len() for share in self.shares()]
        return pl.concat(found).group_by(_COUNTED).agg(pl.col("len").sum())

    @cached_property
    def name_persons(self) -> bool:
        """Whether one of them is owed to somebody by name."""
        named = pl.col("subject") != WHOLE_BASE
        return any(share.select(named.any()).item() for share in self.shares())


@dataclass
class DutySpool:
    """The rows of duties as they are told; past so many, they lie on the disk."""

    most: int = field(default_factory=lambda: MOST)
    held: list[pl.DataFrame] = field(default_factory=list)
    laid: Laid | None = None

    def add(self, rows: pl.DataFrame) -> None:
        """All that is told of a duty and some persons, or nobody; raises OSError."""
        if rows.is_empty():
            return
        self.held.append(rows)
        if sum(each.height for each in self.held) > self.most:
            self._lay_down()

    def rows(self) -> DutyRows:
        """All of them."""
        if self.laid is None:
            return DutyRows(in_order(self._all_held()))
        self._lay_down()
        return DutyRows(laid=self.laid)

    def _all_held(self) -> pl.DataFrame:
        return pl.concat([DUTIES.to_frame(), *self.held])

    def _lay_down(self) -> None:
        rows = in_order(self._all_held())
        self.held.clear()
        self.laid = (self.laid or Laid(_ORDER)).with_run(rows)
