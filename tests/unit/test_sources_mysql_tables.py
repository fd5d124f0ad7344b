"""MariaDB, a real server: what a table holds is what is judged; nothing is written or shown."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow.parquet
import pymysql
import pytest

from audit.sources.opening import open_export
from tests.commanding import command
from tests.databases import EXAMPLE, audited, example_tables, source_file
from tests.servers import PASSWORD, READER, Server, cut_after, mariadb


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with mariadb() as running:
        yield running


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARRIER_PASSWORD", PASSWORD)


def said(server: Server, *statements: str, rows: object = None) -> None:
    """These statements, the last of them for each of the rows where some are given."""
    login = {"host": "127.0.0.1", "port": server.port, "user": READER, "password": PASSWORD}
    with closing(pymysql.connect(**login, database="carrier", autocommit=True)) as connection:
        cursor = connection.cursor()
        for statement in statements[:-1] if rows is not None else statements:
            cursor.execute(statement)
        if rows is not None:
            cursor.executemany(statements[-1], rows)


def test_the_example_in_a_database_is_judged_as_from_its_files(
    server: Server, tmp_path: Path
) -> None:
    for name, rows in example_tables(lists=False).items():
        columns = ", ".join(f"`{column}` TEXT CHARACTER SET utf8mb4" for column in rows.columns)
        marks = ", ".join(["%s"] * rows.width)
        fill = f"INSERT INTO {name} VALUES ({marks})"  # noqa: S608
        said(server, f"CREATE TABLE {name} ({columns})", fill, rows=rows.rows())
    file = source_file(
        tmp_path, {name: {"table": f"carrier.{name}"} for name in EXAMPLE}, server.url
    )
    assert audited(file) == audited(EXAMPLE["flows"].parent)


def test_every_type_is_what_it_says(server: Server, tmp_path: Path) -> None:
    said(
        server,
        "SET time_zone = '+08:00'",
        """CREATE TABLE kinds (flow_id VARCHAR(9) CHARACTER SET gbk, empty TEXT, nothing TEXT,
            n DECIMAL(9, 2), big BIGINT, at TIMESTAMP(6) NULL, local DATETIME, day DATE,
            zero DATE, wide TEXT CHARACTER SET utf8mb4)""",
        "SET sql_mode = ''",
        """INSERT INTO kinds VALUES ('流转', '', NULL, 12.50, 9007199254740993,
            '2025-01-02 03:04:05.123456', '2025-01-02 03:04:05', '2025-01-02', '0000-00-00',
            '𠮷')""",
    )
    file = source_file(tmp_path, {"flows": {"table": "kinds"}}, server.url)
    (flows,) = open_export(file).files("flows")
    assert pyarrow.parquet.read_table(flows.path).to_pylist() == [
        {
            "flow_id": "流转",
            "empty": "",
            "nothing": None,
            "n": "12.50",
            "big": "9007199254740993",
            "at": "2025-01-01T19:04:05.123456Z",
            "local": "2025-01-02T03:04:05",
            "day": "2025-01-02",
            "zero": "0000-00-00",
            "wide": "𠮷",
        }
    ]


def test_the_digest_knows_rows_and_not_their_order(server: Server, tmp_path: Path) -> None:
    said(server, "CREATE TABLE pairs (flow_id TEXT, operation TEXT)")
    file = source_file(tmp_path, {"flows": {"query": "SELECT * FROM pairs -- all"}}, server.url)
    digests = []
    for rows in ("('a', 'b'), ('A', NULL)", "('A', NULL), ('a', 'b')", "('a', ''), ('A', 'b')"):
        said(server, "TRUNCATE pairs", f"INSERT INTO pairs VALUES {rows}")  # noqa: S608
        digests.append(open_export(file).files("flows")[0].sha256)
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"table": "nowhere"}, "Table 'carrier.nowhere' doesn't exist"),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "the database does not give"),
        ({"query": "SELECT ('13800138000' + 9e999) AS flow_id FROM safe"}, "does not give"),
        ({"query": "DELETE FROM safe"}, "You have an error in your SQL syntax"),
        ({"query": "SELECT NEXTVAL(counting) AS flow_id"}, "READ ONLY transaction"),
    ],
)
def test_what_the_server_refuses_is_one_sentence(
    server: Server, tmp_path: Path, table: dict[str, str], told: str
) -> None:
    said(server, "CREATE TABLE IF NOT EXISTS safe (flow_id TEXT)")
    said(server, "CREATE SEQUENCE IF NOT EXISTS counting")
    file = source_file(tmp_path, {"flows": table}, server.url)
    done = command("run", file, "--out", tmp_path / "run", "--lang", "en")
    assert done.code == 3
    assert told in done.err
    assert "13800138000" not in done.err
    assert not (tmp_path / "run").exists()


def test_who_is_not_let_in_is_told_without_the_password(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARRIER_PASSWORD", "wrong-secret")
    done = command("check", source_file(tmp_path, {"flows": {"table": "f"}}, server.url))
    assert done.code == 3
    assert "Access denied" in done.err
    assert "wrong-secret" not in done.err


def test_a_connection_lost_halfway_publishes_nothing(server: Server, tmp_path: Path) -> None:
    many = "SELECT CAST(seq AS CHAR) AS flow_id, REPEAT('x', 90) AS operation FROM seq_1_to_90000"
    with cut_after(server.port, 3 << 20) as port:
        url = server.url.replace(str(server.port), str(port))
        file = source_file(tmp_path, {"flows": {"query": many}}, url)
        done = command("run", file, "--out", tmp_path / "run", "--lang", "en")
    assert done.code == 3
    assert "the connection was lost while" in done.err
    assert not (tmp_path / "run").exists()


def test_a_certificate_that_is_asked_for_is_not_done_without(
    server: Server, tmp_path: Path
) -> None:
    url = f"{server.url}?ssl=verify"
    file = source_file(tmp_path, {"flows": {"query": "SELECT 1 AS flow_id"}}, url)
    done = command("check", file, "--lang", "en")
    assert done.code == 3
    assert "cannot be reached" in done.err
