"""Rows of text that came from elsewhere, laid down once as Parquet in a file without a name.

Such a file can be opened by nobody but the processes that were told of it, and is gone with the
last of them, however it ends. So tables that could change are read again as often as need be.
"""

import hashlib
import os
import tempfile
import weakref
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import IO, BinaryIO

import pyarrow as pa
import pyarrow.parquet

from audit.sources import arrows
from audit.sources.export import Format, TableFile
from audit.sources.vetting_child import few_in

TEXT, TEXTS = pa.string(), pa.list_(pa.string())
_ROWS = 250_000  # a row group


def spooled(table: str, name: str, batches: Iterable[pa.RecordBatch]) -> TableFile:
    """The rows as a file of the table, with a digest of what they say.

    Columns are text or lists of text. The digest speaks of rows in their order, not of how they
    were cut into batches or are written. There is one batch at least.
    """
    held = Nameless()
    remaining = iter(batches)
    first = next(remaining)
    said = Said(first.schema)
    with (
        held.opened() as file,
        pyarrow.parquet.ParquetWriter(file, first.schema, compression="zstd") as writer,
    ):
        for batch in chain([first], remaining):
            said.add(batch)
            writer.write_batch(batch, row_group_size=_ROWS)
    with pyarrow.parquet.ParquetFile(held.path) as written:
        few, rows = tuple(few_in(written)), written.metadata.num_rows
    return TableFile(
        table, held.path, Format.parquet, name, few=few, sha256=said.digest(), rows=rows, held=held
    )


class Nameless:
    """A file without a name, there as long as this value is."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile() as file:
            self._number = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._number)

    @property
    def path(self) -> Path:
        """Where this process and its children find the file."""
        return Path(f"/proc/{os.getpid()}/fd/{self._number}")

    def opened(self) -> BinaryIO:
        """The file, to be written."""
        return self.path.open("wb")


def let_go(file: IO[bytes]) -> None:
    """Close it; where the disk had no room for the last of it, nobody asks for that any more."""
    with suppress(OSError):
        file.close()


class Said:
    """A digest of rows of text: of each column how long its cells are, and their bytes."""

    def __init__(self, schema: pa.Schema) -> None:
        self._names = [(each.name, str(each.type)) for each in schema]
        self._columns = [(hashlib.sha256(), hashlib.sha256()) for _ in schema]

    def add(self, batch: pa.RecordBatch) -> None:
        """Some more rows."""
        for (lengths, content), column in zip(self._columns, batch.columns, strict=True):
            texts = column
            if pa.types.is_list(column.type):
                lengths.update(_lengths(pa.compute.list_value_length(column)))
                texts = column.flatten()
            lengths.update(_lengths(pa.compute.binary_length(texts)))
            content.update(arrows.letters(texts.drop_null()).tobytes())

    def digest(self) -> str:
        """The sha256 of all rows added."""
        told = hashlib.sha256(repr(self._names).encode())
        for digests in self._columns:
            told.update(b"".join(each.digest() for each in digests))
        return told.hexdigest()


def _lengths(lengths: pa.Array) -> bytes:
    numbers = lengths.cast(pa.int64()).fill_null(-1)
    return bytes(numbers.to_numpy(zero_copy_only=False).astype("<i8").tobytes())
