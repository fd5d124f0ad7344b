"""A batch of records understood and held to the schema of its table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_

import polars as pl

from audit.records import reading
from audit.records.compiling import Rule, compile_rules
from audit.records.confirming import CONFIRMED, confirm
from audit.records.looking import Look
from audit.records.rejecting import Fault, rejected
from audit.records.screening import broken
from audit.records.tables import FILE, Column, Kind, Table
from audit.records.tables import table as table_named
from audit.sources.raw import POSITION

_NO_LOOKS: Mapping[str, Look] = {}


@dataclass(frozen=True)
class Held:
    """Records with `file` and `position`, their cells and readings, and what is wrong with some."""

    table: Table
    frame: pl.DataFrame
    faults: Sequence[Fault]

    @property
    def rejected(self) -> pl.DataFrame:
        """The records that have a fault (`rejecting.REJECTED`)."""
        return rejected(self.frame, self.faults, self.table)

    @property
    def valid(self) -> pl.DataFrame:
        """The records that have none, typed: file, position and every column of the table."""
        clean = self.frame.filter(~self.struck) if self.faults else self.frame
        return clean.select(FILE, POSITION, *map(typed, self.table.columns))

    @property
    def struck(self) -> pl.Series:
        """True for the records that have a fault."""
        return self._any_of(self.faults)

    def struck_in(self, column: str) -> pl.Series:
        """True for the records that have a fault in this column."""
        return self._any_of([fault for fault in self.faults if fault.column == column])

    def _any_of(self, faults: Sequence[Fault]) -> pl.Series:
        none = pl.Series("none", [False]).new_from_index(0, self.frame.height)
        return reduce(or_, (fault.records for fault in faults), none)


def hold(frame: pl.DataFrame, table: Table, looks: Mapping[str, Look] = _NO_LOOKS) -> Held:
    """The faults that the schema finds in records that have been understood."""
    rules = _rules(table.name, tuple(_bare(frame.schema[each.name]) for each in table.columns))
    found = broken(frame, rules, looks)
    for rule, struck in found:
        confirm(rule, frame[struck.arg_true().head(CONFIRMED)], table)
    return Held(table, frame, [Fault(rule.column, rule.problem, mask) for rule, mask in found])


def typed(column: Column) -> pl.Expr:
    """What the cells of a column mean, of records that have been understood."""
    if column.kind in {Kind.text, Kind.codes}:
        return pl.col(column.name)
    return pl.col(reading.read_as(column.name)).alias(column.name)


def _bare(dtype: pl.DataType) -> pl.DataType:
    """Categories are text to the rules."""
    return pl.String() if dtype == pl.Categorical else dtype


@cache
def _rules(table: str, dtypes: tuple[pl.DataType, ...]) -> tuple[Rule, ...]:
    """The rules of a table whose cells have these types."""
    about = table_named(table)
    return compile_rules(about.schema, reading.fields(about, dtypes))
