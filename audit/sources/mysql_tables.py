"""MySQL and MariaDB: all that is asked for, as it stood at one instant, in a read-only transaction.

The server renders every value as text. A TIMESTAMP is an instant and is told in UTC; a DATETIME has
no zone, and stays without one.
"""

import os
import ssl
from collections.abc import Sequence
from itertools import islice
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

from audit.sources.wanted import (
    BATCH_ROWS,
    Batches,
    Give,
    Place,
    Refused,
    Wanted,
    in_columns,
    no_rows,
    one_line,
)

_SETTINGS = (
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION sql_mode = ''",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
)
_PORT, _SECONDS = 3306, 30
_LOST = {2006, 2013, 2014, 1053, 1317}
_NAMES_ONLY = {1044, 1045, 1049, 1054, 1064, 1142, 1143, 1146, 1370, 1792, 2002, 2003}


def rows(place: Place, asked: Sequence[Wanted], give: Give) -> None:
    """Give the rows of each that is asked for, in batches."""
    try:
        connection = _connected(place)
    except (pymysql.Error, RuntimeError, OSError) as fault:
        raise Refused("database-unreachable", cause=_cause(fault)) from fault
    try:
        with connection, connection.cursor(SSCursor) as cursor:
            for setting in _SETTINGS:
                cursor.execute(setting)
            for wanted in asked:
                give(_rows_of(cursor, wanted))
    except pymysql.Error as fault:
        code = "database-lost" if _number(fault) in _LOST else "database-refused"
        raise Refused(code, cause=_cause(fault)) from fault


def _connected(place: Place) -> pymysql.Connection:
    parts = urlsplit(place.target)
    return pymysql.connect(
        host=parts.hostname or "localhost",
        port=parts.port or _PORT,
        user=unquote(parts.username or ""),
        password=place.password or os.environ.get("MYSQL_PWD", ""),
        database=parts.path.removeprefix("/"),
        charset="utf8mb4",
        connect_timeout=_SECONDS,
        ssl=ssl.create_default_context() if "ssl=verify" in parts.query else None,
    )


def _rows_of(cursor: SSCursor, wanted: Wanted) -> Batches:
    source = wanted.source(_quoted)
    columns = _columns(cursor, f"SELECT * FROM {source} LIMIT 0")  # noqa: S608 - the user's own
    names = [name for name, _ in columns]
    yield no_rows(pa.schema([(name, pa.string()) for name in names]))
    cells = ", ".join(f"{_cell(name, kind)} AS {_quoted(name)}" for name, kind in columns)
    # By a digest of all that a row says: sorting by the columns themselves needs room for each.
    said = ", ".join(f"QUOTE({_cell(name, kind)})" for name, kind in columns)
    order = f"SHA2(CONCAT_WS(',', {said}), 256)"
    cursor.execute(f"SELECT {cells} FROM {source} ORDER BY {order}")  # noqa: S608
    while some := list(islice(cursor, BATCH_ROWS)):
        yield in_columns(some, names)


def _columns(cursor: SSCursor, query: str) -> list[tuple[str, int]]:
    cursor.execute(query)
    found = [(str(name), int(kind)) for name, kind, *_ in cursor.description or ()]
    cursor.fetchall()
    return found


def _cell(name: str, kind: int) -> str:
    column = f"wanted_rows.{_quoted(name)}"
    match kind:
        case FIELD_TYPE.TIMESTAMP:
            return f"CONCAT(REPLACE(CAST({column} AS CHAR), ' ', 'T'), 'Z')"
        case FIELD_TYPE.DATETIME:
            return f"REPLACE(CAST({column} AS CHAR), ' ', 'T')"
        case _:
            return f"CAST({column} AS CHAR)"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _number(fault: Exception) -> int:
    return fault.args[0] if fault.args and isinstance(fault.args[0], int) else 0


def _cause(fault: Exception) -> str:
    """What the server said, where that cannot hold a value of the data; else its number alone."""
    number = _number(fault)
    if number in _NAMES_ONLY:
        return one_line(fault.args[-1])
    return f"{type(fault).__name__} {number}"
