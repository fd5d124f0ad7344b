"""DuckDB: a database file, opened to be read; its queries reach no other file and no network."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from audit.sources.wanted import (
    BATCH_ROWS,
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

_LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "threads": "2",
    "memory_limit": "1GB",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
}
_TOLD = (
    *(duckdb.CatalogException, duckdb.BinderException, duckdb.ParserException),
    *(duckdb.IOException, duckdb.PermissionException),
)
_LIST_OF_JSON = """CASE json_type({0})
    WHEN 'ARRAY' THEN CAST({0} AS VARCHAR[])
    WHEN 'NULL' THEN NULL
    ELSE CASE WHEN {0} IS NOT NULL THEN [{0} ->> '$'] END
END"""


def rows(place: Place, asked: Sequence[Wanted], give: Give) -> None:
    """Give the rows of each that is asked for, in batches."""
    if not Path(place.target).is_file():
        raise Refused("database-missing")
    try:
        with (
            tempfile.TemporaryDirectory() as aside,
            duckdb.connect(place.target, read_only=True, config=_LIMITS) as connection,
        ):
            _shut(connection, aside)
            for wanted in asked:
                give(_rows_of(connection, wanted))
    except duckdb.Error as fault:
        raise Refused("database-refused", cause=_cause(fault)) from fault


def _shut(connection: duckdb.DuckDBPyConnection, aside: str) -> None:
    """What does not fit into memory is sorted in a folder of ours; nothing else is opened."""
    spelled = aside.replace("'", "''")
    for setting in (
        f"temp_directory = '{spelled}'",
        "TimeZone = 'UTC'",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def _rows_of(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> Batches:
    source = wanted.source(in_quotes)
    if wanted.query is not None:  # inside another one DuckDB renames columns of one name
        refuse_twice([name for name, _ in _columns(connection, wanted.query)])
    columns = _columns(connection, f"SELECT * FROM {source}")  # noqa: S608 - the user's own
    schema = pa.schema([(name, _type(kind)) for name, kind in columns])
    yield no_rows(schema)
    cells = ", ".join(f"{_cell(name, kind)} AS {in_quotes(name)}" for name, kind in columns)
    text = f"SELECT {cells} FROM {source} ORDER BY ALL"  # noqa: S608 - the user's own
    for batch in connection.sql(text).to_arrow_reader(BATCH_ROWS):
        yield batch.cast(schema)


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[str, str]]:
    found = connection.execute(f"DESCRIBE {query}").fetchall()
    return [(str(name), str(kind)) for name, kind, *_ in found]


def _is_list(kind: str) -> bool:
    return kind.endswith("[]") and not kind.endswith("[][]")


def _type(kind: str) -> pa.DataType:
    return pa.list_(pa.string()) if _is_list(kind) or kind == "JSON" else pa.string()


def _cell(name: str, kind: str) -> str:
    column = in_quotes(name)
    if kind == "JSON":
        return _LIST_OF_JSON.format(column)
    if kind.startswith("TIMESTAMP"):
        return f"replace(CAST({column} AS VARCHAR), ' ', 'T')"
    return f"CAST({column} AS {'VARCHAR[]' if _is_list(kind) else 'VARCHAR'})"


def _cause(fault: duckdb.Error) -> str:
    """What DuckDB said, where that cannot hold a value of the data; else of what kind it is."""
    text = str(fault).partition("\n")[0] if isinstance(fault, _TOLD) else type(fault).__name__
    return one_line(text)
