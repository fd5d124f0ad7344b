"""Cells understood: tidied, lists split, numbers and points in time beside their text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from audit.records import moments
from audit.records.keywords import Field
from audit.records.looking import Look, items_of, look_at
from audit.records.tables import Column, Kind, Table
from audit.records.tidying import as_lists, by_distinct, split, tidied, tidy_text
from audit.sources.raw import POSITION, RawBatch

_INTEGER = r"^-?[0-9]{1,18}(?:\.0+)?$"
_DECIMAL = r"^-?[0-9]{1,18}(?:\.[0-9]{1,18})?$"
_WHOLE_FLOATS = 2.0**53  # up to here a float is the whole number that it shows


@dataclass(frozen=True)
class Understood:
    """A batch with every column of its table, as tidied cells.

    What the text of a number or a time was read as stands in a second column (`read_as`); null
    there beside text is unreadable. `naive` counts, per column, the times without a zone; `looks`
    has what a look at each column told.
    """

    frame: pl.DataFrame
    naive: Mapping[str, int]
    looks: Mapping[str, Look]


def read_as(column: str) -> str:
    """The name of the column that holds what a column's text was read as."""
    return f"{column}@"


def bare_in(column: str) -> str:
    """The name of the column that says where a time is a bare date."""
    return f"{column}@bare"


def understand(raw: RawBatch, table: Table, zone: str) -> Understood:
    """The cells of a raw batch understood, in the order of the table's columns."""
    columns = [raw.frame[POSITION]]
    naive: dict[str, int] = {}
    looks: dict[str, Look] = {}
    for column in table.columns:
        cells, look = cells_of(raw, column)
        columns.append(cells)
        looks[column.name] = look
        if column.kind.is_time:
            times = _times(cells, look, column.kind, zone)
            columns.append(times[moments.INSTANT].alias(read_as(column.name)))
            columns.append(times[moments.BARE].alias(bare_in(column.name)))
            naive[column.name] = int(times[moments.NAIVE].sum())
        elif column.kind in _NUMBERS:
            number = by_distinct(cells, look, _NUMBERS[column.kind])
            columns.append(number.alias(read_as(column.name)))
    met = {name: count for name, count in naive.items() if count}
    return Understood(pl.DataFrame(columns), met, looks)


def uniform(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The same with every cell as text (or a list of it), so that files of any kind are alike."""
    return frame.with_columns(
        _shown(frame[column.name]) for column in table.columns if column.kind is not Kind.codes
    )


def fields(table: Table, dtypes: Iterable[pl.DataType]) -> dict[str, Field]:
    """What the rules of the table are asked of, where the cells of its columns have these types."""
    pairs = zip(table.columns, dtypes, strict=True)
    return {column.name: _field(column, dtype) for column, dtype in pairs}


def _field(column: Column, dtype: pl.DataType) -> Field:
    read = pl.col(read_as(column.name))
    return Field(
        cell=pl.col(column.name),
        dtype=dtype,
        number=read if column.kind in _NUMBERS else None,
        time=read if column.kind.is_time else None,
    )


def cells_of(raw: RawBatch, column: Column) -> tuple[pl.Series, Look]:
    """The tidied cells of one column of a raw batch, and a look at them.

    Cells are all null where the file lacks the column.
    """
    if column.name not in raw.frame.columns:
        dtype = pl.List(pl.String) if column.kind is Kind.codes else pl.String
        return pl.Series(column.name, [None], dtype).new_from_index(0, raw.frame.height), Look()
    if column.name in raw.places:
        return _of_words(raw.distinct[column.name], raw.places[column.name], column)
    found = _plain(raw.frame[column.name], column)
    cells, look = tidied(found, look_at(found, raw.letters.get(column.name)))
    is_text = cells.dtype == pl.String
    return split(cells, look) if column.kind is Kind.codes and is_text else (cells, look)


def _of_words(words: pl.Series, places: pl.Series, column: Column) -> tuple[pl.Series, Look]:
    """The same of a column of which the reader knows the words: each is understood once."""
    tidy = tidy_text(words)
    if column.kind is Kind.codes:
        lists = as_lists(tidy)
        return lists.gather(places).alias(column.name), Look(distinct=items_of(lists).unique())
    cells = tidy.cast(pl.Categorical) if column.few else tidy
    return cells.gather(places).alias(column.name), Look(distinct=tidy, places=places)


def _plain(cells: pl.Series, column: Column) -> pl.Series:
    """Typed cells stay so where the column wants their type, and become text elsewhere."""
    match cells.dtype:
        case pl.Int64 if column.kind in _NUMBERS:
            return cells
        case pl.Datetime() if column.kind.is_time:
            return cells
        case pl.Categorical() if column.few:
            return cells
        case _:
            return _shown(cells)


def _shown(cells: pl.Series) -> pl.Series:
    """Typed cells as text; a fraction that is a whole number shows as one."""
    match cells.dtype:
        case pl.Datetime():
            return cells.dt.to_string("iso:strict")
        case pl.Float64:
            whole = (cells == cells.floor()) & (cells.abs() < _WHOLE_FLOATS)
            shown = pl.when(whole).then(cells.cast(pl.Int64, strict=False).cast(pl.String))
            return pl.select(shown.otherwise(cells.cast(pl.String)).alias(cells.name)).to_series()
        case pl.Int64 | pl.Categorical():
            return cells.cast(pl.String)
        case _:
            return cells


def _times(cells: pl.Series, look: Look, kind: Kind, zone: str) -> pl.DataFrame:
    if cells.dtype == pl.String:
        return moments.read_times(cells, look, kind, zone)
    return moments.typed_times(cells, zone)


def _integers(cells: pl.Series) -> pl.Series:
    if cells.dtype == pl.Int64:
        return cells
    plain = pl.when(cells.str.contains(_INTEGER)).then(cells.str.replace(r"\.0+$", ""))
    return pl.select(plain.cast(pl.Int64)).to_series()


def _decimals(cells: pl.Series) -> pl.Series:
    if cells.dtype == pl.Int64:
        return cells.cast(pl.Float64)
    plain = pl.when(cells.str.contains(_DECIMAL)).then(cells)
    return pl.select(plain.cast(pl.Float64)).to_series()


_NUMBERS = {Kind.integer: _integers, Kind.decimal: _decimals}
