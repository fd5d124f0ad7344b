"""Tables written piece by piece, in each form that carriers hand over."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

Write = Callable[[pl.DataFrame], None]


class Form(StrEnum):
    """How tables are written; `gb18030` is CSV as the office programs of China leave it."""

    parquet = "parquet"
    csv = "csv"
    gb18030 = "gb18030"
    jsonl = "jsonl"

    @property
    def suffix(self) -> str:
        """What the names of such files end in."""
        return "csv" if self is Form.gb18030 else self.value


def write(pieces: Iterable[pl.DataFrame], stem: Path, form: Form) -> None:
    """One file; of Parquet, every piece is a row group."""
    with _open(stem.with_name(f"{stem.name}.{form.suffix}"), form) as take:
        for piece in pieces:
            take(piece)


@contextmanager
def _open(path: Path, form: Form) -> Iterator[Write]:
    if form is Form.parquet:
        with _as_parquet(path) as take:
            yield take
        return
    with path.open("wb") as file:

        def take(piece: pl.DataFrame) -> None:
            if form is Form.jsonl:
                piece.write_ndjson(file)
                return
            lists = pl.selectors.by_dtype(pl.List(pl.String))
            flat = piece.with_columns(lists.list.join(";"))
            text = flat.write_csv(include_header=file.tell() == 0)
            file.write(text.encode("gb18030" if form is Form.gb18030 else "utf-8"))

        yield take


@contextmanager
def _as_parquet(path: Path) -> Iterator[Write]:
    writer: list[pq.ParquetWriter] = []

    def take(piece: pl.DataFrame) -> None:
        table = piece.to_arrow(compat_level=pl.CompatLevel.oldest())
        if not writer:
            writer.append(pq.ParquetWriter(path, table.schema, store_schema=False))
        writer[0].write_table(table)

    yield take
    for each in writer:
        each.close()
