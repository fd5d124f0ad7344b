"""DuckDB judges the flows: `python -m tests.benchmarks.peers.duckdb_sql EXPORT FILE`."""

import sys
import tempfile
from pathlib import Path

import duckdb

from tests.benchmarks.export import TABLES, files
from tests.benchmarks.peers.sql import Dialect, small_tables, steps

DUCKDB = Dialect(
    explode="unnest",
    number="row_number() OVER ()",
    instant="(TRY_CAST({} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')",
)


def judge(export: Path, file: Path) -> None:
    """The verdict of every flow, as Parquet."""
    with tempfile.TemporaryDirectory() as spilled, duckdb.connect() as database:
        database.execute("SET preserve_insertion_order = false")
        database.execute("SET memory_limit = '60%'")  # past that, the disk
        database.execute("SET temp_directory = ?", [spilled])
        for name, frame in small_tables().items():
            database.register("given", frame)
            database.execute(f"CREATE TABLE {name} AS FROM given")
        for table in TABLES:
            paths = [str(path) for path in files(export, table)]
            database.execute(f"CREATE VIEW {table} AS FROM read_parquet({paths})")
        for step in steps(DUCKDB):
            kind = "TABLE" if step.again else "VIEW"
            database.execute(f"CREATE TEMP {kind} {step.name} AS {step.sql}")
        database.execute("COPY verdicts TO ? (FORMAT parquet)", [str(file)])


if __name__ == "__main__":
    judge(*map(Path, sys.argv[1:]))
