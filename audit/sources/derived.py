"""Tables made of files that have none: events of OpenLineage, manifests of fides.

A child process reads them all together (`<kind>_child`); what it makes of them is laid down once,
as rows of databases are, and read as a file of its table.
"""

import json
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from audit.problems import EXHAUSTED, InputRefused, Problem, ResourcesExhausted, system_error
from audit.sources import confined
from audit.sources.export import TableFile
from audit.sources.spool import TEXT, TEXTS, Nameless, spooled
from audit.sources.strict import columns

_ROWS = 50_000


class Kind(StrEnum):
    """What tables are made of; `<kind>_child` makes them."""

    openlineage = "openlineage"
    fides = "fides"


SUFFIXES: Mapping[Kind, tuple[str, ...]] = {
    Kind.openlineage: (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz"),
    Kind.fides: (".yml", ".yaml"),
}


@dataclass(frozen=True)
class Files:
    """Files of a kind that a table is made of, each with what people call it, and how."""

    table: str
    kind: Kind
    paths: Sequence[tuple[Path, str]]
    name: str  # what people and reports call them together
    how: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Told:
    """What a child tells beside its rows: what it met, and how often a column has no cell."""

    rows: int = 0
    met: Mapping[str, int] = field(default_factory=dict)
    lacking: Mapping[str, int] = field(default_factory=dict)
    incomplete: int = 0  # rows that lack what no row may lack


def derived(files: Files) -> tuple[TableFile, Told]:
    """The table made of the files, and what is told of them.

    Raises InputRefused where a file is none of its kind, damaged or too much for the child, and
    ResourcesExhausted where its rows have no room.
    """
    for path, name in files.paths:
        _refuse_strange(path, name, SUFFIXES[files.kind])
    asked = Nameless()
    said = {
        "table": files.table,
        "files": [(str(path.absolute()), name) for path, name in files.paths],
    }
    told = Told()
    try:
        with asked.opened() as file:
            file.write(json.dumps({**said, **files.how}).encode())
        child = confined.answers(f"audit.sources.{files.kind}_child", str(asked.path))
        with closing(child) as answers, confined.blaming(files.name):
            return spooled(files.table, files.name, _batches(answers, files.table, told)), told
    except (pa.ArrowException, OSError) as fault:
        if system_error(fault) not in EXHAUSTED:
            raise
        raise ResourcesExhausted(Problem("spool-full", {"file": files.name})) from fault


def _refuse_strange(path: Path, name: str, known: tuple[str, ...]) -> None:
    if not name.lower().endswith(known):
        raise InputRefused(Problem("file-kind", {"file": name, "known": ", ".join(known)}))
    if not stat.S_ISREG(path.stat().st_mode):
        raise InputRefused(Problem("file-special", {"file": name}))


def _batches(answers: Iterator[object], table: str, told: Told) -> Iterator[pa.RecordBatch]:
    """The rows in batches, one at least; what is no row is kept in `told`."""
    kinds = {name: TEXTS if many else TEXT for name, many in columns(table).items()}
    schema = pa.schema([*kinds.items()])
    yield pa.RecordBatch.from_pylist([], schema=schema)
    rows = _rows(answers, told)
    while some := list(islice(rows, _ROWS)):
        told.rows += len(some)
        cells = zip(*some, strict=True)
        yield pa.record_batch([*map(pa.array, cells, schema.types)], schema=schema)


def _rows(answers: Iterator[object], told: Told) -> Iterator[list[Any]]:
    for answer in answers:
        word, value = cast("tuple[str, Any]", answer)
        if word == "row":
            yield [str(cell) if isinstance(cell, int) else cell for cell in value]
        else:
            told.met, told.lacking = value["met"], value["lacking"]
            told.incomplete = value["incomplete"]
