"""An export written once as Parquet: the same rows, under our own headings, for any number of runs.

Nothing is understood here: cells stay as they were found, so what is rejected and judged stays too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet

from audit.problems import Problem
from audit.publishing import publish
from audit.records.registers import whole
from audit.records.tables import FLOWS, table
from audit.sources.export import DEFAULT_COMPLETE, Export, Format, TableFile
from audit.sources.opening import open_export
from audit.sources.raw import BATCH_ROWS, POSITION, Layout, RawBatch
from audit.sources.reading import digest, read, refuse_changed

SOURCE_FILE = "export.toml"


@dataclass(frozen=True)
class Converted:
    """What was converted: of each part its file, and where its rows came from."""

    parts: dict[str, TableFile]
    notices: tuple[Problem, ...]


def convert(path: Path, folder: Path, timezone: str | None = None) -> Converted:
    """The export at this path as Parquet in the folder, which appears complete or not at all.

    A part for each file or query, and a source file (`export.toml`) that names them, the zone and
    the complete registers. A record that could not be laid out in columns becomes one without a
    value, which is rejected as it was. Raises as opening and reading an export does, and
    UsageRefused where the folder is there already.
    """
    export = open_export(path, timezone)
    parts = {
        f"{name}-{number:05}.parquet": file
        for name, files in export.tables.items()
        for number, file in enumerate(files)
    }
    writers: dict[str, Callable[[Path], object]] = {
        name: partial(_write, file=file, layout=_layout(file, export))
        for name, file in parts.items()
    }
    source = _source_file(export, parts)
    writers[SOURCE_FILE] = lambda place: place.write_text(source, encoding="utf-8")
    from_ = {name: {"file": file.name, "digest": digest(file)} for name, file in parts.items()}
    publish(folder, writers, {"converted": from_})
    return Converted(parts, export.notices)


def _layout(file: TableFile, export: Export) -> Layout:
    return table(file.table).layout(export.columns.get(file.table, {}))


def _source_file(export: Export, parts: dict[str, TableFile]) -> str:
    """What stands in TOML as in JSON: texts in double quotes, lists in brackets."""
    lines = [
        f'timezone = "{export.timezone}"',
        f"complete = {_texts(sorted(export.complete))}",
        f"incomplete = {_texts(sorted(DEFAULT_COMPLETE - export.complete))}",
    ]
    for name in export.tables:
        own = [part for part, file in parts.items() if file.table == name]
        lines += ["", f"[tables.{name}]", f"paths = {_texts(own)}"] if own else []
    return "\n".join(lines) + "\n"


def _texts(texts: list[str]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"


def _write(place: Path, file: TableFile, layout: Layout) -> None:
    is_typed = file.format is Format.parquet
    batches = _typed(file, layout) if is_typed else _laid_out(file, layout)
    first = next(batches)
    with pyarrow.parquet.ParquetWriter(place, first.schema, compression="zstd") as writer:
        for batch in chain([first], batches):
            writer.write_batch(batch, row_group_size=BATCH_ROWS)


def _typed(file: TableFile, layout: Layout) -> Iterator[pa.RecordBatch]:
    """The columns that are ours as they are typed, once the reader found nothing to refuse."""
    for _ in _records(file, layout):
        pass
    with pyarrow.parquet.ParquetFile(
        file.path,
        coerce_int96_timestamp_unit="us",
        pre_buffer=False,  # as in `sources.columnar`
    ) as source:
        schema = source.schema_arrow
        fit = layout.fit(schema.names, file.name)
        own = [schema.field(place).with_name(column) for place, column in fit.columns.items()]
        headings = [schema.names[place] for place in fit.columns]
        ours = pa.schema(own)
        yield pa.RecordBatch.from_pylist([], schema=ours)
        for batch in source.iter_batches(BATCH_ROWS, columns=headings):
            columns = [batch.column(heading) for heading in headings]
            yield pa.RecordBatch.from_arrays(columns, schema=ours)
    refuse_changed(file)


def _laid_out(file: TableFile, layout: Layout) -> Iterator[pa.RecordBatch]:
    """The cells of a file of text; under every heading of the table where nothing tells which."""
    schema, waiting = pl.Schema(), list[RawBatch]()
    for raw in _records(file, layout):
        waiting.append(raw)
        if raw.frame.width > 1 or schema:
            schema = schema or raw.frame.drop(POSITION).schema
            yield from _batches([_with_spoiled(each, schema) for each in waiting])
            waiting = []
    if not schema:
        schema = pl.Schema(dict.fromkeys(layout.spellings.values(), pl.String()))
        yield from _batches([pl.DataFrame(schema=schema)])
        yield from _batches([_with_spoiled(each, schema) for each in waiting])


def _with_spoiled(raw: RawBatch, schema: pl.Schema) -> pl.DataFrame:
    """The records in order, those that could not be laid out without a value."""
    places = [record.position for record in raw.spoiled]
    empty = pl.DataFrame({POSITION: places}, schema={POSITION: pl.Int64})
    bare = pl.DataFrame(schema={POSITION: pl.Int64, **schema})
    every = pl.concat([bare, raw.frame, empty], how="diagonal").sort(POSITION)
    return every.select(schema.names()).cast(schema)


def _batches(frames: list[pl.DataFrame]) -> Iterator[pa.RecordBatch]:
    for frame in frames:
        rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        yield from rows.to_batches() or [pa.RecordBatch.from_pylist([], schema=rows.schema)]


def _records(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    """The file's records; of a register none may be spoiled."""
    return read(file, layout) if file.table == FLOWS else whole(file, layout)
