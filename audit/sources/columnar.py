"""Parquet: typed columns, read in slices so that memory does not grow with the file.

The footer has been looked at in a child process before this module opens the file (`vetting`);
what goes wrong later, inside a page, reaches us as an exception and becomes one sentence.
"""

from collections.abc import Iterator

import polars as pl
from polars.exceptions import PanicException, PolarsError

from audit.problems import InputRefused, Problem
from audit.sources.export import TableFile
from audit.sources.raw import BATCH_ROWS, POSITION, Fit, Layout, RawBatch

_WHOLE = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)
_AS_TEXT = (
    *(pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Date, pl.Decimal, pl.Null),
    *(*_WHOLE, pl.UInt64, pl.Int128, pl.UInt128),
)


def read(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    """The file's records, in order; lists, times and numbers stay what the file says they are."""
    try:
        yield from _batches(file, layout)
    except (PolarsError, PanicException, OSError) as fault:
        raise InputRefused(Problem("file-damaged", {"file": file.name})) from fault


def _batches(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    schema = pl.Schema(pl.read_parquet_schema(file.path))
    fit = layout.fit(list(schema), file.name)
    columns = _columns(schema, fit, layout, file.name)
    expected = 1
    for frame in _slices(file, columns):
        if frame.height and frame[POSITION][0] != expected:
            raise RuntimeError(f"{file.name}: slices came out of order")
        expected += frame.height
        yield RawBatch(frame, notices=fit.notices)


def _slices(file: TableFile, columns: list[pl.Expr]) -> Iterator[pl.DataFrame]:
    return (
        pl.scan_parquet(file.path, glob=False, hive_partitioning=False)
        .with_row_index(POSITION, offset=1)
        .select(pl.col(POSITION).cast(pl.Int64), *columns)
        .collect_batches(chunk_size=BATCH_ROWS, maintain_order=True)
    )


def _columns(schema: pl.Schema, fit: Fit, layout: Layout, name: str) -> list[pl.Expr]:
    """Each column under our name; InputRefused, with each, where a type cannot be its column."""
    plain: dict[str, pl.Expr | None] = {}
    for place, column in fit.columns.items():
        heading, dtype = list(schema.items())[place]
        known = _list_of_text if column in layout.lists else _plain
        plain[column] = known(pl.col(heading), dtype)
    refused = [column for column, expression in plain.items() if expression is None]
    if refused:
        raise InputRefused(*(Problem("column-type", {"file": name, "column": c}) for c in refused))
    return [expr.alias(column) for column, expr in plain.items() if expr is not None]


def _list_of_text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """The column as lists of text, or as text that is yet to be split; None for anything else."""
    match dtype:
        case pl.List(inner=inner) | pl.Array(inner=inner):
            return column.cast(pl.List(pl.String)) if _tells_text(inner) else None
        case _:
            return column.cast(pl.String) if _tells_text(dtype) else None


def _plain(column: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """The column as text, Int64, Float64 or Datetime; None for anything else."""
    if dtype.is_float():
        return column.cast(pl.Float64)
    if dtype in _WHOLE:
        return column.cast(pl.Int64)
    if isinstance(dtype, pl.Datetime):
        return column
    return column.cast(pl.String) if _tells_text(dtype) else None


def _tells_text(dtype: object) -> bool:
    return dtype in _AS_TEXT or isinstance(dtype, _AS_TEXT)
