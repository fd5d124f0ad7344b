"""SQLite files: cells as they are, nothing written beside the file, nothing taken half-written."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow.parquet
import pytest

from audit.problems import InputRefused, Refusal
from audit.sources.opening import open_export
from tests.commanding import command
from tests.databases import EXAMPLE, audited, example_tables, source_file

URL = "sqlite:///carrier.db"


def said(folder: Path, *statements: str) -> Path:
    """A database in which this was said, and the source file that asks for its flows."""
    with closing(sqlite3.connect(folder / "carrier.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return source_file(folder, {"flows": {"table": "flows"}}, URL)


def code(refusal: pytest.ExceptionInfo[Refusal]) -> str:
    return refusal.value.problems[0].code


def test_the_example_in_a_file_is_judged_as_from_its_tables(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "carrier.db")) as connection:
        for name, rows in example_tables(lists=False).items():
            connection.execute(f"CREATE TABLE {name} ({', '.join(rows.columns)})")
            marks = ", ".join("?" * rows.width)
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows.rows())  # noqa: S608
        connection.commit()
    file = source_file(tmp_path, {name: {"table": name} for name in EXAMPLE}, URL)
    assert audited(file) == audited(EXAMPLE["flows"].parent)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["carrier.db", "source.toml"]


def test_cells_are_what_sqlite_means_by_them(tmp_path: Path) -> None:
    cells = "'流', '', NULL, 7, 5.0, 0.1, x'd6d0', CAST(x'd6d0' AS TEXT), 9007199254740993"
    file = said(tmp_path, f"CREATE TABLE flows AS SELECT {cells}")
    (flows,) = open_export(file).files("flows")
    (row,) = pyarrow.parquet.read_table(flows.path).to_pylist()
    told = ["流", "", None, "7", "5", "0.1", "\ufffdd6d0", "\ufffdd6d0", "9007199254740993"]
    assert list(row.values()) == told


def test_the_digest_knows_rows_and_not_their_order(tmp_path: Path) -> None:
    digests = []
    for rows in ("('a', 1), ('b', '1')", "('b', '1'), ('a', 1)", "('a', 1), ('b', NULL)"):
        fill = f"INSERT INTO flows VALUES {rows}"  # noqa: S608
        made = ("DROP TABLE IF EXISTS flows", "CREATE TABLE flows (flow_id, operation)", fill)
        digests.append(open_export(said(tmp_path, *made)).files("flows")[0].sha256)
    assert digests[0] == digests[1] != digests[2]


def test_what_is_not_yet_in_the_file_is_waited_for_and_not_left_out(tmp_path: Path) -> None:
    """A withdrawal in the write-ahead log that nobody read would be a consent that still stands."""
    file = said(tmp_path, "PRAGMA journal_mode = WAL", "CREATE TABLE flows (flow_id)")
    with closing(sqlite3.connect(tmp_path / "carrier.db")) as writing:
        writing.execute("INSERT INTO flows VALUES ('late')")
        writing.commit()
        with pytest.raises(InputRefused) as refusal:
            open_export(file)
    assert code(refusal) == "database-busy"
    assert len(pyarrow.parquet.read_table(open_export(file).files("flows")[0].path)) == 1


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT 1 AS a, 2 AS a", "database-columns-twice"),
        ("SELECT * FROM nowhere", "database-refused"),
        ("DELETE FROM flows", "database-refused"),
        ("SELECT * FROM pragma_database_list", "database-refused"),
        ("SELECT load_extension('x')", "database-refused"),
    ],
)
def test_a_query_reads_this_file_and_does_nothing_else(
    tmp_path: Path, query: str, told: str
) -> None:
    said(tmp_path, "CREATE TABLE flows (flow_id)", "INSERT INTO flows VALUES ('a')")
    file = source_file(tmp_path, {"flows": {"query": query}}, URL)
    with pytest.raises(InputRefused) as refusal:
        open_export(file)
    assert code(refusal) == told


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"\xff" * 5000, b"text" * 999])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "carrier.db").write_bytes(content)
    file = source_file(tmp_path, {"flows": {"table": "flows"}}, URL)
    done = command("check", file, "--lang", "en")
    assert done.code == 3
    assert "the database does not give carrier.db: flows" in done.err


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    file = source_file(tmp_path, {"flows": {"table": "flows"}}, URL)
    with pytest.raises(InputRefused) as refusal:
        open_export(file)
    assert code(refusal) == "database-missing"
    assert not (tmp_path / "carrier.db").exists()
