"""DuckDB files: every type as text or lists of it; queries reach nothing but their file."""

from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from audit.problems import InputRefused
from audit.sources.opening import open_export
from tests.commanding import command
from tests.databases import EXAMPLE, audited, example_tables, source_file

URL = "duckdb:///carrier.duckdb"


def said(folder: Path, *statements: str) -> Path:
    """A database in which this was said, and the source file that asks for its flows."""
    with duckdb.connect(folder / "carrier.duckdb") as connection:
        for statement in statements:
            connection.execute(statement)
    return source_file(folder, {"flows": {"table": "flows"}}, URL)


def test_the_example_in_a_file_is_judged_as_from_its_tables(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "carrier.duckdb") as connection:
        for name, rows in example_tables(lists=True).items():
            connection.register("rows", rows.to_arrow())
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM rows")  # noqa: S608
    file = source_file(tmp_path, {name: {"table": f"main.{name}"} for name in EXAMPLE}, URL)
    assert audited(file) == audited(EXAMPLE["flows"].parent)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["carrier.duckdb", "source.toml"]


def test_every_type_is_what_it_says(tmp_path: Path) -> None:
    file = said(
        tmp_path,
        """CREATE TABLE flows AS SELECT '流' AS flow_id, '' AS empty, NULL::VARCHAR AS nothing,
        12.50::DECIMAL(9, 2) AS n, TIMESTAMPTZ '2025-01-02 03:04:05.5+08' AS at,
        DATE '2025-01-02' AS day, TIMESTAMP 'infinity' AS never, ['a', NULL] AS many,
        [1, 2] AS numbers, []::VARCHAR[] AS none, '["a"]'::JSON AS two, true AS yes""",
    )
    (flows,) = open_export(file).files("flows")
    assert pyarrow.parquet.read_table(flows.path).to_pylist() == [
        {
            "flow_id": "流",
            "empty": "",
            "nothing": None,
            "n": "12.50",
            "at": "2025-01-01T19:04:05.5+00",
            "day": "2025-01-02",
            "never": "infinity",
            "many": ["a", None],
            "numbers": ["1", "2"],
            "none": [],
            "two": ["a"],
            "yes": "true",
        }
    ]


def test_the_digest_knows_rows_and_not_their_order(tmp_path: Path) -> None:
    digests = []
    for rows in ("('a', ['x']), ('a', NULL)", "('a', NULL), ('a', ['x'])", "('a', []), ('a', [])"):
        made = f"CREATE OR REPLACE TABLE flows AS FROM (VALUES {rows}) AS t(flow_id, data)"
        digests.append(open_export(said(tmp_path, made)).files("flows")[0].sha256)
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM nowhere",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM 'flows.csv'",
        "DELETE FROM flows",
        "SELECT '13800138000'::DATE",
        "SELECT 1 AS a, 2 AS a",
    ],
)
def test_a_query_reads_this_file_and_does_nothing_else(tmp_path: Path, query: str) -> None:
    (tmp_path / "flows.csv").write_text("flow_id\na\n", encoding="utf-8")
    said(tmp_path, "CREATE TABLE flows AS SELECT 'a' AS flow_id")
    file = source_file(tmp_path, {"flows": {"query": query}}, URL)
    with pytest.raises(InputRefused) as refusal:
        open_export(file)
    (problem,) = refusal.value.problems
    assert problem.code in {"database-refused", "database-columns-twice"}
    assert (problem.code == "database-columns-twice") is (" AS a, " in query)
    assert "13800138000" not in str(problem.facts)


@pytest.mark.parametrize("content", [b"", b"DUCK" * 5000])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "carrier.duckdb").write_bytes(content)
    file = source_file(tmp_path, {"flows": {"table": "flows"}}, URL)
    done = command("check", file, "--lang", "en")
    assert done.code == 3
    assert "the database does not give carrier.duckdb: flows" in done.err


def test_a_file_that_another_program_writes_is_refused(tmp_path: Path) -> None:
    file = said(tmp_path, "CREATE TABLE flows AS SELECT 'a' AS flow_id")
    with duckdb.connect(tmp_path / "carrier.duckdb"):
        done = command("check", file, "--lang", "en")
    assert done.code == 3
    assert "the database does not give carrier.duckdb: flows" in done.err
