"""Parquet: typed columns, read slice by slice so that memory does not grow with the file.

Arrow's reader runs in this process, at full speed: over many thousands of files damaged at random
it answered each with an exception, where polars' own aborts. The footer is looked at in a child
process before (`vetting`).
"""

import os
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from audit.problems import InputRefused, Problem
from audit.sources import arrows
from audit.sources.export import TableFile
from audit.sources.laying import laid
from audit.sources.raw import BATCH_ROWS, Fit, Layout, RawBatch
from audit.sources.vetting import vetted

if "jemalloc" in pa.supported_memory_backends() and "ARROW_DEFAULT_MEMORY_POOL" not in os.environ:
    # Others give the pages of each batch back to the system and ask for them again with the next,
    # which took as long as decoding.
    pa.set_memory_pool(pa.jemalloc_memory_pool())


def read(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    """The file's records, in order; lists, times and numbers stay what the file says they are."""
    try:
        (file,) = vetted([file])
        with pa.OSFile(str(file.path)) as source:
            yield from _batches(source, file, layout)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError) as fault:
        raise InputRefused(Problem("file-damaged", {"file": file.name})) from fault


def _batches(source: pa.NativeFile, file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    table = pyarrow.parquet.ParquetFile(
        source,
        read_dictionary=list(file.few or ()),
        pre_buffer=False,  # else all that was read of the file stays in memory until its end
        coerce_int96_timestamp_unit="us",  # nanoseconds would not hold the year 9999
    )
    schema = table.schema_arrow
    fit = layout.fit(schema.names, file.name)
    _refuse_types(schema, fit, layout, file.name)
    headings = {schema.names[place]: column for place, column in fit.columns.items()}
    first, end = file.groups or (0, table.num_row_groups)
    start = 1 + _rows(table, 0, first)
    for slice_ in table.iter_batches(BATCH_ROWS, range(first, end), columns=[*headings]):
        slice_.validate(full=True)
        yield _batch(slice_, headings, start, fit)
        start += slice_.num_rows
    all_rows = _rows(table, 0, table.num_row_groups)
    if start - 1 != _rows(table, 0, end) or all_rows != table.metadata.num_rows:
        raise pa.ArrowInvalid("fewer rows than the footer says")


def _rows(table: pyarrow.parquet.ParquetFile, first: int, end: int) -> int:
    """The rows that the footer says these row groups have."""
    footer = table.metadata
    return sum(footer.row_group(place).num_rows for place in range(first, end))


def _batch(slice_: pa.RecordBatch, headings: dict[str, str], start: int, fit: Fit) -> RawBatch:
    positions = np.arange(start, start + slice_.num_rows)
    columns = {column: slice_.column(heading) for heading, column in headings.items()}
    return replace(laid(positions, columns), notices=fit.notices)


def _refuse_types(schema: pa.Schema, fit: Fit, layout: Layout, name: str) -> None:
    """Raise InputRefused, naming each, where a type says nothing that its column could mean."""
    refused = []
    for place, column in fit.columns.items():
        dtype = schema.field(place).type
        inner = arrows.item_type(dtype) if column in layout.lists else None
        if not arrows.is_scalar(dtype if inner is None else inner):
            refused.append(Problem("column-type", {"file": name, "column": column}))
    if refused:
        raise InputRefused(*refused)
