"""Tables and packs as files, in each form that the audit reads, and the audit of them."""

import atexit
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from audit.evaluation.judgement import Judgement
from audit.outcome import Audit
from audit.running import Request, audit
from audit.settings import DEFAULT_PACKS
from audit.wording import Language
from tests.reference import COLUMNS, READERS, Row, read_list

LISTS = {column for column, reader in READERS.items() if reader is read_list}
DEFAULT_COMPLETE = frozenset({"consents"})
Packs = Sequence[Mapping[str, Any]]


class Form(StrEnum):
    """How a table is written; the value is the suffix."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Export:
    """How tables are handed over: in which form, in how many files, and what is said of them."""

    form: Form = Form.CSV
    parts: int = 1
    timezone: str = "+08:00"
    complete: frozenset[str] = DEFAULT_COMPLETE

    def write(self, folder: Path, tables: Mapping[str, Sequence[Row]]) -> Path:
        """The tables in their files, and the source file that describes them."""
        paths = {
            table: [
                self._file(folder / f"{table}-{number}", table, rows[start:end])
                for number, (start, end) in enumerate(self._bounds(len(rows)))
            ]
            for table, rows in tables.items()
        }
        said = {
            "timezone": self.timezone,
            "complete": sorted(self.complete),
            "incomplete": sorted(DEFAULT_COMPLETE - self.complete),
            "tables": {table: {"paths": files} for table, files in paths.items()},
        }
        return toml_file(folder / "export.toml", said)

    def rejected(self, found: Audit, tables: Mapping[str, Sequence[Row]]) -> set[tuple[str, int]]:
        """Table and number of the rows that the audit rejected, counted from 0."""
        heading = 1 if self.form is Form.CSV else 0
        starts = {
            f"{table}-{number}.{self.form}": start - heading - 1
            for table, rows in tables.items()
            for number, (start, _) in enumerate(self._bounds(len(rows)))
        }
        places = found.rejected.select("table", "file", "position").iter_rows()
        return {(table, starts[file] + position) for table, file, position in places}

    def _bounds(self, rows: int) -> list[tuple[int, int]]:
        cuts = [rows * number // self.parts for number in range(self.parts + 1)]
        return list(pairwise(cuts))

    def _file(self, path: Path, table: str, rows: Sequence[Row]) -> str:
        file = path.with_name(f"{path.name}.{self.form}")
        columns = COLUMNS[table].split()
        cells = [{name: self._cell(name, row.get(name)) for name in columns} for row in rows]
        match self.form:
            case Form.CSV:
                _frame(cells, columns, pl.String()).write_csv(file)
            case Form.JSONL:
                lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in cells)
                file.write_text("".join(lines), encoding="utf-8")
            case Form.PARQUET:
                _frame(cells, columns, pl.List(pl.String())).write_parquet(file)
        return file.name

    def _cell(self, column: str, text: str | None) -> str | list[str] | None:
        """A cell as this form has it: CSV has lists as text, the others as lists."""
        if column not in LISTS or self.form is Form.CSV or text is None:
            return text
        closed = text.rstrip("; ")
        return [member.strip() for member in closed.split(";")] if closed else []


def _frame(
    cells: Sequence[Mapping[str, Any]], columns: Sequence[str], listed: pl.DataType
) -> pl.DataFrame:
    schema = {name: listed if name in LISTS else pl.String() for name in columns}
    return pl.DataFrame(cells, schema=schema, orient="row")


def toml_file(path: Path, document: Mapping[str, Any]) -> Path:
    """The file, with this document in it."""
    path.write_text(toml(document), encoding="utf-8")
    return path


def toml(document: Mapping[str, Any]) -> str:
    """The document, a line for each key."""
    return "".join(f"{key} = {_toml(value)}\n" for key, value in document.items())


def _toml(value: object) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, Mapping):
        inner = (f"{json.dumps(key)} = {_toml(below)}" for key, below in value.items())
        return f"{{ {', '.join(inner)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def pack_files(packs: Packs | None) -> tuple[str, ...]:
    """The names of files with these packs; without any, of the pack that comes with the project.

    A pack has one name in this process, by which the audit knows what it has read already.
    """
    return DEFAULT_PACKS if packs is None else tuple(_pack_file(toml(pack)) for pack in packs)


@cache
def _pack_file(text: str) -> str:
    file = _shelf() / f"{hashlib.sha256(text.encode()).hexdigest()}.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


@cache
def _shelf() -> Path:
    """A folder that is there until this process ends."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@contextmanager
def exported(
    tables: Mapping[str, Sequence[Row]], packs: Packs | None, how: Export
) -> Iterator[tuple[Path, Request]]:
    """A folder with the tables and packs, and the request to audit them, while they are there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = how.write(folder, tables)
        yield folder, Request(source, pack_files(packs), language=Language.en)


def audited(
    tables: Mapping[str, Sequence[Row]], packs: Packs | None, how: Export | None = None
) -> Audit:
    """The audit of these tables under these packs."""
    with exported(tables, packs, how or Export()) as (_, request):
        return audit(request)


class _Told(Exception):
    """The judgement, on its way out of an audit that need not go on."""

    def __init__(self, judgement: Judgement) -> None:
        self.judgement = judgement


def judgement_of(
    tables: Mapping[str, Sequence[Row]], packs: Packs | None, how: Export | None = None
) -> Judgement:
    """What these tables are judged to be; edges, findings and duties are not looked for."""

    def told(judgement: Judgement) -> None:
        raise _Told(judgement)

    with exported(tables, packs, how or Export()) as (_, request):
        try:
            audit(request, judged=told)
        except _Told as left:
            return left.judgement
    raise AssertionError("an audit tells its judgement")
