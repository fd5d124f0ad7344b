"""SQLite: a file that nobody else is writing, read as it lies; nothing is laid beside it.

Cells are text as SQLite means them; what is no text (bytes, a text that is no UTF-8) is told with
U+FFFD before it, so that nobody takes it for a value.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa

from audit.sources.wanted import (
    BATCH_ROWS,
    Batches,
    Give,
    Place,
    Refused,
    Wanted,
    in_columns,
    in_quotes,
    no_rows,
    one_line,
    refuse_twice,
)

_UNREADABLE = "\ufffd"
_EXACT = 2**53
_SETTINGS = ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON")
_ALLOWED = {
    *(sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION),
    sqlite3.SQLITE_RECURSIVE,
}


def rows(place: Place, asked: Sequence[Wanted], give: Give) -> None:
    """Give the rows of each that is asked for, in batches."""
    _refuse_busy(Path(place.target))
    try:
        # Immutable: no lock, no journal and no shared memory is made beside the file.
        file = f"file:{quote(place.target)}?mode=ro&immutable=1"
        with closing(sqlite3.connect(file, uri=True)) as connection:
            for setting in _SETTINGS:
                connection.execute(f"PRAGMA {setting}")
            connection.text_factory = _text
            connection.set_authorizer(_only_reading)
            for wanted in asked:
                give(_rows_of(connection, wanted))
    except sqlite3.Error as fault:
        raise Refused("database-refused", cause=one_line(fault)) from fault


def _refuse_busy(file: Path) -> None:
    """What is written beside the file is not in it yet, or must be taken back from it."""
    if not file.is_file():
        raise Refused("database-missing")
    for suffix in ("-wal", "-journal"):
        beside = file.with_name(file.name + suffix)
        if beside.exists() and beside.stat().st_size:
            raise Refused("database-busy", beside=beside.name)


def _only_reading(what: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if what in _ALLOWED else sqlite3.SQLITE_DENY


def _rows_of(connection: sqlite3.Connection, wanted: Wanted) -> Batches:
    source = wanted.source(in_quotes)
    if wanted.query is not None:  # inside another one SQLite renames columns of one name
        own = connection.execute(wanted.query)
        refuse_twice([str(each[0]) for each in own.description or ()])
        own.close()
    found = connection.execute(f"SELECT * FROM {source} LIMIT 0")  # noqa: S608 - the user's own
    names = [str(each[0]) for each in found.description]
    yield no_rows(pa.schema([(name, pa.string()) for name in names]))
    # A literal of each cell is a total order: 1, 1.0 and '1' differ in it.
    order = ", ".join(f"quote({in_quotes(name)})" for name in names)
    cursor = connection.execute(f"SELECT * FROM {source} ORDER BY {order}")  # noqa: S608
    while some := list(islice(cursor, BATCH_ROWS)):
        yield in_columns([[_cell(value) for value in row] for row in some], names)


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return _UNREADABLE + content.hex()


def _cell(value: object) -> str | None:
    match value:
        case None | str():
            return value
        case float() if value.is_integer() and abs(value) < _EXACT:
            return str(int(value))
        case int() | float():
            return repr(value)
        case bytes():
            return _UNREADABLE + value.hex()
        case _:
            raise TypeError(type(value).__name__)
