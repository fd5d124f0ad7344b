"""PostgreSQL: all that is asked for, as it stood at one instant, in a read-only transaction.

The server renders every value as text and puts the rows in an order of their own, so that the same
rows say the same whatever order they lie in. Arrays stay lists, and arrays of JSON become some.
"""

import os
import re
from collections.abc import Sequence

import pyarrow as pa
from adbc_driver_manager import Error
from adbc_driver_postgresql import dbapi

from audit.sources.wanted import (
    Batches,
    Give,
    Place,
    Refused,
    Wanted,
    in_quotes,
    no_rows,
    one_line,
    refuse_twice,
)

_SETTINGS = (
    "client_encoding = 'UTF8'",
    "TimeZone = 'UTC'",
    "DateStyle = 'ISO, YMD'",
    "bytea_output = 'hex'",
    "extra_float_digits = 1",
    "lc_monetary = 'C'",
)
_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_TOLD = re.compile(r"(ERROR|FATAL):\s*(.*?)(?:\n|$)")
_VALUE = re.compile(r'"[^"]*"|[0-9]{4,}')
_NAMES_ONLY = ("42", "28", "3D", "08", "57", "53", "25")  # classes whose message holds no value
_LIST_OF_JSON = """CASE jsonb_typeof({0}::jsonb)
    WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text({0}::jsonb))
    WHEN 'null' THEN NULL
    ELSE CASE WHEN {0} IS NOT NULL THEN ARRAY[{0}::jsonb #>> '{{}}'] END
END"""


def rows(place: Place, asked: Sequence[Wanted], give: Give) -> None:
    """Give the rows of each that is asked for, in batches."""
    os.environ.setdefault("PGCONNECT_TIMEOUT", "30")  # seconds; libpq's own is for ever
    if place.password is not None:
        os.environ["PGPASSWORD"] = place.password  # libpq reads it there, and repeats it nowhere
    try:
        connection = dbapi.connect(place.target)
    except Error as fault:
        raise Refused("database-unreachable", cause=_cause(fault)) from fault
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(_SNAPSHOT)
            for setting in _SETTINGS:
                cursor.execute(f"SET LOCAL {setting}")
            for wanted in asked:
                give(_rows_of(cursor, wanted))
    except BrokenPipeError:
        raise
    except (Error, pa.ArrowException, OSError) as fault:  # the latter two while rows come
        raise _refusal(fault) from fault


def _rows_of(cursor: dbapi.Cursor, wanted: Wanted) -> Batches:
    source = wanted.source(in_quotes)
    columns = cursor.adbc_execute_schema(f"SELECT * FROM {source}")  # noqa: S608 - the user's own
    refuse_twice(columns.names)
    cells = ", ".join(f"{_cell(each)} AS {in_quotes(each.name)}" for each in columns)
    # The text of the row as a whole is a total order, whatever types it has.
    cursor.execute(f'SELECT {cells} FROM {source} ORDER BY wanted_rows::text COLLATE "C"')  # noqa: S608
    reader = cursor.fetch_record_batch()
    wide = pa.schema([(each.name, _type(each)) for each in columns])
    yield no_rows(wide)
    for batch in reader:
        yield pa.record_batch(
            [batch.column(place).cast(each.type) for place, each in enumerate(wide)], schema=wide
        )


def _named(column: pa.Field) -> str:
    return str((column.metadata or {}).get(b"POSTGRESQL:type", b"").decode())


def _type(column: pa.Field) -> pa.DataType:
    many = pa.types.is_list(column.type) or _named(column) in {"json", "jsonb"}
    return pa.list_(pa.string()) if many else pa.string()


def _cell(column: pa.Field) -> str:
    name = in_quotes(column.name)
    if _named(column) in {"json", "jsonb"}:
        return _LIST_OF_JSON.format(name)
    if pa.types.is_list(column.type):
        return f"{name}::text[]"
    if pa.types.is_timestamp(column.type):
        return f"replace({name}::text, ' ', 'T')"
    return f"{name}::text"


def _refusal(fault: Exception) -> Refused:
    """Why reading stopped: what the server said, or that it is gone."""
    told, state = _TOLD.search(str(fault)), getattr(fault, "sqlstate", None) or ""
    if told is None or told[1] == "FATAL" or state.startswith(("08", "57")):
        return Refused("database-lost", cause=_cause(fault))
    return Refused("database-refused", cause=_cause(fault))


def _cause(fault: Exception) -> str:
    """The first line of what was said; a value of the data is masked where there can be one."""
    told, state = _TOLD.search(str(fault)), getattr(fault, "sqlstate", None) or ""
    text = one_line(told[2] if told else str(fault).rpartition("failed:")[2].partition("\n")[0])
    connecting = isinstance(fault, Error) and not state
    return text if connecting or state.startswith(_NAMES_ONLY) else _VALUE.sub("…", text)
