"""Arrow's columns as cells: text, lists of text, whole numbers, fractions, times.

Text is made of values by Arrow: polars panics at days beyond the calendar.
"""

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute
from pyarrow import types

from audit.sources.raw import Letters

_FIRST, _LAST = -62_135_596_800, 253_402_300_799  # seconds: the years of four digits
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_SCALARS = (
    *(types.is_string, types.is_large_string, types.is_string_view, types.is_boolean),
    *(types.is_integer, types.is_floating, types.is_decimal),
    *(types.is_date, types.is_timestamp, types.is_null),
)


def is_scalar(dtype: pa.DataType) -> bool:
    """Whether the type is one of single values that a column can mean."""
    if types.is_dictionary(dtype):
        return is_scalar(dtype.value_type)
    return any(kind(dtype) for kind in _SCALARS)


def item_type(dtype: pa.DataType) -> pa.DataType | None:
    """The type of a list's items; None for a type that is no list."""
    kinds = (types.is_list, types.is_large_list, types.is_fixed_size_list)
    return dtype.value_type if any(kind(dtype) for kind in kinds) else None


def is_text(dtype: pa.DataType) -> bool:
    """Whether the type is text, kept end to end."""
    return bool(types.is_string(dtype) or types.is_large_string(dtype))


def cells(array: pa.Array) -> pl.Series:
    """The column as text, lists of text, Int64, Float64 or Datetime."""
    dtype = array.type
    if types.is_dictionary(dtype):
        return text(array.dictionary).gather(pl.Series(array.indices))
    if item_type(dtype) is not None:
        return pl.Series(array.cast(pa.large_list(pa.large_string())))
    if types.is_timestamp(dtype):
        return _times(array)
    if types.is_floating(dtype):
        return pl.Series(array.cast(pa.float64()))
    if types.is_integer(dtype) and not types.is_uint64(dtype):
        return pl.Series(array.cast(pa.int64()))
    return text(array)


def text(array: pa.Array) -> pl.Series:
    """The column as text."""
    return pl.Series(array if is_text(array.type) else array.cast(pa.large_string()))


def detached(frame: pl.DataFrame) -> pl.DataFrame:
    """The same cells in memory of their own: text cut out of a batch keeps all of the batch."""
    return pl.DataFrame(frame.to_arrow())


def letters(array: pa.Array) -> Letters:
    """The bytes of a column of text, end to end; nulls have none."""
    _, offsets, data = array.buffers()
    width = np.int64 if types.is_large_string(array.type) else np.int32
    places = np.frombuffer(offsets, width)[array.offset : array.offset + len(array) + 1]
    return np.frombuffer(data or b"", np.uint8)[places[0] : places[-1]]


def _times(array: pa.Array) -> pl.Series:
    """Points in time; as text, and so unreadable, where a year has not four digits."""
    unit = array.type.unit
    edges = pa.compute.min_max(array.cast(pa.int64())).as_py()
    seconds = [edge // _PER_SECOND[unit] for edge in edges.values() if edge is not None]
    if not all(_FIRST <= second <= _LAST for second in seconds):
        return text(array)
    zone = None if array.type.tz is None else "UTC"
    return pl.Series(array.cast(pa.timestamp("ms" if unit == "s" else unit, zone)))
