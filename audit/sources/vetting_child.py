"""Run in a child process: the footers of Parquet files, a line of JSON for each.

A line names the columns of text that have few distinct values, which is worth knowing before the
file is read, every column with its kind, and the number of rows. A damaged footer can take a whole
process down (some of Arrow's exceptions about it reach nobody), so it is looked at here first, with
limits.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
from pyarrow import types

from audit.sources.limits import refused, tell

_FEW_BYTES = 4  # a value: a column that takes no more has few, each written once
_KINDS = {
    "nothing": (types.is_null,),
    "text": (types.is_string, types.is_large_string, types.is_string_view),
    "numbers": (types.is_integer, types.is_floating, types.is_decimal),
    "times": (types.is_date, types.is_timestamp),
    "lists": (types.is_list, types.is_large_list, types.is_fixed_size_list),
}
_ROWS_PER_BYTE = 1000  # ids differ, so no honest file holds more


def main(*paths: str) -> int:
    """Write a line for each file, in order."""
    for path in paths:
        try:
            tell(_columns_of_few(Path(path)))
        except (pa.ArrowException, OSError, ValueError, MemoryError):
            tell(refused("file-damaged"))
    return 0


def _columns_of_few(path: Path) -> object:
    with pa.OSFile(str(path)) as source:
        table = pyarrow.parquet.ParquetFile(source)
        footer = table.metadata
        if footer.num_rows > _ROWS_PER_BYTE * path.stat().st_size:
            return refused("file-swells")
        kinds = [[field.name, _kind(field.type)] for field in table.schema_arrow]
        return [few_in(table), kinds, footer.num_rows]


def few_in(table: pyarrow.parquet.ParquetFile) -> list[str]:
    """The columns of text that have few distinct values."""
    footer, schema = table.metadata, table.schema_arrow
    leaves = [footer.schema.column(place).path for place in range(len(footer.schema))]
    return [
        name
        for name in dict.fromkeys(schema.names)
        if _is_text(schema, name) and _has_few(footer, leaves.index(name))
    ]


def _kind(dtype: pa.DataType) -> str:
    """What a column is of, however its values are kept."""
    if types.is_dictionary(dtype):
        return _kind(dtype.value_type)
    for kind, belongs in _KINDS.items():
        if any(each(dtype) for each in belongs):
            return kind
    return str(dtype)


def _is_text(schema: pa.Schema, name: str) -> bool:
    kinds = {field.type for field in schema if field.name == name}
    return all(types.is_string(kind) or types.is_large_string(kind) for kind in kinds)


def _has_few(footer: pyarrow.parquet.FileMetaData, place: int) -> bool:
    groups = (footer.row_group(number) for number in range(footer.num_row_groups))
    chunks = [group.column(place) for group in groups]
    size = sum(chunk.total_uncompressed_size for chunk in chunks)
    coded = all(any("DICTIONARY" in how for how in chunk.encodings) for chunk in chunks)
    return coded and size <= _FEW_BYTES * footer.num_rows
