"""JSON Lines and JSON: one object, one record; numbers keep the digits they are written with.

Python's parser runs in this process: it answers broken text with an exception, sees one line at a
time, and a JSON file, which has to be parsed as a whole, only up to a limit.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import NoReturn

import polars as pl

from audit.problems import InputRefused, Problem
from audit.sources.export import TableFile
from audit.sources.raw import POSITION, Layout, RawBatch, Spoiled, nothing, unread_notice
from audit.sources.text import Encoding, opened, survey

_BATCH = 50_000  # records as Python values take much more room than as columns
_LINE_BYTES = 4 << 20
_FILE_BYTES = 64 << 20
_KEYS = 10_000  # remembered of a file
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_MAY_ESCAPE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

Numbered = Iterable[tuple[int, object]]


class _Pairs(list[tuple[str, object]]):
    """An object of JSON: its keys and values as written, those of a key given twice included."""


class _Unfit(Exception):
    """What keeps a record from being laid out in columns."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.problem = Problem(code, facts)


def read_lines(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    """The records of a JSON Lines file; `position` is the line. Blank lines are no records."""
    encoding, notices = _encoding(file)
    yield from _Laid(file, layout, notices).batches(_lines(file, encoding))


def read_array(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    """The records of a JSON file, an array of objects; `position` counts them from 1."""
    if file.path.stat().st_size > _FILE_BYTES:
        facts = {"file": file.name, "limit": f"{_FILE_BYTES >> 20} MB"}
        raise InputRefused(Problem("file-too-large", facts))
    encoding, notices = _encoding(file)
    with opened(file.path, encoding) as stream:
        content = stream.read()
    records = _value(_decoded(content, encoding.opened, file.name))
    if not isinstance(records, list) or isinstance(records, _Pairs):
        raise InputRefused(Problem("json-no-array", {"file": file.name}))
    yield from _Laid(file, layout, notices).batches(enumerate(records, start=1))


def _encoding(file: TableFile) -> tuple[Encoding, tuple[Problem, ...]]:
    encoding = survey(file.path, file.name).encoding
    foreign = encoding is Encoding.gb18030
    return encoding, (Problem("read-as-gb18030", {"file": file.name}),) if foreign else ()


def _lines(file: TableFile, encoding: Encoding) -> Iterator[tuple[int, object]]:
    """Each line's number with its value, or with what keeps it from having one."""
    with opened(file.path, encoding) as stream:
        for number, line in enumerate(iter(partial(stream.readline, _LINE_BYTES), b""), start=1):
            if len(line) == _LINE_BYTES:
                raise InputRefused(Problem("line-endless", {"file": file.name, "line": number}))
            if text := _decoded(line, encoding.opened, file.name).strip():
                yield number, _value(text)


def _decoded(text: bytes, encoding: Encoding, name: str) -> str:
    try:
        return text.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as fault:
        raise InputRefused(Problem("encoding-unknown", {"file": name})) from fault


def _value(text: str) -> object:
    """The value that the text means, or the _Unfit that says why it means none."""
    try:
        value: object = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return _Unfit("json-broken")
    # Half a character passes the parser and would become another one in a column.
    if _MAY_ESCAPE_SURROGATE.search(text) and _SURROGATE.search(
        json.dumps(value, ensure_ascii=False)
    ):
        return _Unfit("json-half-character")
    return value


def _no_number(written: str) -> NoReturn:
    raise ValueError(written)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_int=str, parse_float=str, parse_constant=_no_number
)


class _Laid:
    """Objects laid out in the columns of a table."""

    def __init__(self, file: TableFile, layout: Layout, notices: tuple[Problem, ...]) -> None:
        self._file = file
        self._layout = layout
        self._notices = notices
        self._columns: dict[str, str | None] = {}  # key -> column, as met

    def batches(self, records: Numbered) -> Iterator[RawBatch]:
        """The records in order; the last batch, of none, tells what was met in all of them."""
        remaining = iter(records)
        while some := list(islice(remaining, _BATCH)):
            yield self._batch(some)
        unread = sorted(key for key, column in self._columns.items() if column is None)
        notices = (*unread_notice(self._file.name, unread), *self._notices)
        yield RawBatch(nothing(), notices=notices)

    def _batch(self, records: list[tuple[int, object]]) -> RawBatch:
        positions: list[int] = []
        rows: list[dict[str, object]] = []
        spoiled: list[Spoiled] = []
        for position, record in records:
            try:
                rows.append(self._cells(record))
                positions.append(position)
            except _Unfit as unfit:
                spoiled.append(Spoiled(position, unfit.problem))
        if rows:
            self._layout.demand([*self._columns], self._file.name)
        columns = [pl.Series(POSITION, positions, pl.Int64)]
        for name in dict.fromkeys(self._layout.spellings.values()):
            dtype = pl.List(pl.String) if name in self._layout.lists else pl.String
            columns.append(pl.Series(name, [row.get(name) for row in rows], dtype))
        return RawBatch(pl.DataFrame(columns), tuple(spoiled))

    def _cells(self, record: object) -> dict[str, object]:
        if isinstance(record, _Unfit):
            raise record
        if not isinstance(record, _Pairs):
            raise _Unfit("json-no-object")
        if len({key for key, _ in record}) != len(record):
            raise _Unfit("key-twice")
        cells: dict[str, object] = {}
        for key, value in record:
            column = self._column(key)
            if column in cells:
                raise _Unfit("key-twice")
            if column is not None:
                cells[column] = self._cell(column, value)
        return cells

    def _column(self, key: str) -> str | None:
        if key in self._columns:
            return self._columns[key]
        column = self._layout.column(key)
        if len(self._columns) < _KEYS:
            self._columns[key] = column
        return column

    def _cell(self, column: str, value: object) -> object:
        if value is None:
            return None
        if column not in self._layout.lists:
            return _text(column, value)
        if not isinstance(value, list) or isinstance(value, _Pairs):
            raise _Unfit("value-no-list", column=column)
        return [None if item is None else _text(column, item) for item in value]


def _text(column: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise _Unfit("value-nested", column=column)
    return value
