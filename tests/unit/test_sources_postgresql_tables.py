"""PostgreSQL, a real server: what a table holds is what is judged; nothing is written or shown."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow.parquet
import pytest
from adbc_driver_postgresql import dbapi

from audit.problems import InputRefused
from audit.sources.opening import open_export
from tests.commanding import command
from tests.databases import EXAMPLE, audited, example_tables, source_file, tables_of
from tests.servers import PASSWORD, READER, Server, cut_after, postgresql


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgresql() as running:
        yield running


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARRIER_PASSWORD", PASSWORD)


@pytest.fixture
def execute(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[dbapi.Connection]:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with dbapi.connect(f"postgresql://{READER}@{server.place}", autocommit=True) as connection:
        monkeypatch.delenv("PGPASSWORD")
        yield connection


def said(connection: dbapi.Connection, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def rows_of(file: Path) -> list[dict[str, object]]:
    (flows,) = open_export(file).files("flows")
    rows: list[dict[str, object]] = pyarrow.parquet.read_table(flows.path).to_pylist()
    return rows


def test_the_example_in_a_database_is_judged_as_from_its_files(
    server: Server, execute: dbapi.Connection, tmp_path: Path
) -> None:
    with execute.cursor() as cursor:
        said(execute, "CREATE SCHEMA IF NOT EXISTS crm")
        for name, rows in example_tables(lists=True).items():
            cursor.adbc_ingest(name, rows.to_arrow(), mode="replace", db_schema_name="crm")
    file = source_file(tmp_path, {name: {"table": f"crm.{name}"} for name in EXAMPLE}, server.url)
    assert audited(file) == audited(EXAMPLE["flows"].parent)


def test_every_type_is_what_it_says(
    server: Server, execute: dbapi.Connection, tmp_path: Path
) -> None:
    said(
        execute,
        "DROP TABLE IF EXISTS kinds",
        """CREATE TABLE kinds (flow_id varchar(9), empty text, nothing text, n numeric(9, 2),
            f double precision, big bigint, yes boolean, at timestamptz, local timestamp(3),
            day date, never timestamptz, many text[], none text[], two jsonb, one json,
            code uuid)""",
        """INSERT INTO kinds VALUES ('流转', '', NULL, 12.50, 0.1, 9007199254740993, true,
            '2025-01-02 03:04:05.123456+08', '2025-01-02 03:04:05', '2025-01-02', 'infinity',
            '{a,NULL,"b,c"}', '{}', '["a", "b"]', '{"a": 1}',
            '00000000-0000-0000-0000-000000000001')""",
    )
    file = source_file(tmp_path, {"flows": {"table": "public.kinds"}}, server.url)
    assert rows_of(file) == [
        {
            "flow_id": "流转",
            "empty": "",
            "nothing": None,
            "n": "12.50",
            "f": "0.1",
            "big": "9007199254740993",
            "yes": "true",
            "at": "2025-01-01T19:04:05.123456+00",
            "local": "2025-01-02T03:04:05",
            "day": "2025-01-02",
            "never": "infinity",
            "many": ["a", None, "b,c"],
            "none": [],
            "two": ["a", "b"],
            "one": ['{"a": 1}'],
            "code": "00000000-0000-0000-0000-000000000001",
        }
    ]


def test_the_digest_knows_rows_and_not_their_order(
    server: Server, execute: dbapi.Connection, tmp_path: Path
) -> None:
    said(execute, "DROP TABLE IF EXISTS pairs", "CREATE TABLE pairs (flow_id text, operation text)")
    file = source_file(tmp_path, {"flows": {"query": "SELECT * FROM pairs -- all"}}, server.url)
    digests = []
    for rows in ("('a', 'b'), ('a', NULL)", "('a', NULL), ('a', 'b')", "('a', ''), ('a', 'b')"):
        said(execute, "TRUNCATE pairs", f"INSERT INTO pairs VALUES {rows}")  # noqa: S608
        digests.append(open_export(file).files("flows")[0].sha256)
    assert digests[0] == digests[1] != digests[2]


def test_a_run_is_recalled_while_the_rows_are_the_same_and_not_after(
    server: Server, execute: dbapi.Connection, tmp_path: Path
) -> None:
    for name, rows in example_tables(lists=False).items():
        with execute.cursor() as cursor:
            cursor.adbc_ingest(f"kept_{name}", rows.to_arrow(), mode="replace")
    tables = {name: {"table": f"kept_{name}"} for name in EXAMPLE}
    file, run = source_file(tmp_path, tables, server.url), tmp_path / "run"
    done = command("run", file, "--out", run, "--lang", "en")
    assert done.code == 1
    assert command("explain", run, "F-0101", "--lang", "en").code == 0
    said(execute, "DELETE FROM kept_consents WHERE consent_id = 'B-0010'")
    again = command("explain", run, "F-0101", "--lang", "en")
    assert again.code == 3
    assert "kept_consents" in again.err
    written = b"".join(path.read_bytes() for path in run.iterdir())
    for text in (done.out, done.err, again.err, written.decode("latin-1")):
        assert PASSWORD not in text
        assert READER not in text


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"table": "nowhere"}, 'relation "nowhere" does not exist'),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "a"),
        (
            {"query": "SELECT '13800138000'::date AS flow_id"},
            "date/time field value out of range: …",
        ),
        ({"query": "DELETE FROM safe RETURNING flow_id"}, "syntax error"),
        ({"query": "SELECT nextval('counting')::text AS flow_id"}, "read-only transaction"),
    ],
)
def test_what_the_server_refuses_is_one_sentence_that_shows_no_value(
    server: Server,
    execute: dbapi.Connection,
    tmp_path: Path,
    table: dict[str, str],
    told: str,
) -> None:
    said(execute, "CREATE TABLE IF NOT EXISTS safe (flow_id text)")
    said(execute, "CREATE SEQUENCE IF NOT EXISTS counting")
    file = source_file(tmp_path, {"flows": table}, server.url)
    done = command("run", file, "--out", tmp_path / "run", "--lang", "en")
    assert done.code == 3
    assert told in done.err
    assert "13800138000" not in done.err
    assert len(done.err.strip().splitlines()) == 2  # the step it was at, and the sentence
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_is_not_let_in_is_told_without_the_password(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("CARRIER_PASSWORD", "wrong-secret")
    file = source_file(tmp_path, {"flows": {"table": "flows"}}, server.url)
    done = command("check", file, "--lang", language)
    assert done.code == 3
    assert "authentication failed" in done.err
    assert "wrong-secret" not in done.err


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    url = "postgresql://reader@127.0.0.1:1/nowhere"
    done = command("check", source_file(tmp_path, {"flows": {"table": "f"}}, url), "--lang", "en")
    assert done.code == 3
    assert "127.0.0.1:1/nowhere: f cannot be reached: Connection refused" in done.err


def test_a_connection_lost_halfway_publishes_nothing(server: Server, tmp_path: Path) -> None:
    many = (
        "SELECT n::text AS flow_id, repeat('x', 90) AS operation FROM generate_series(1, 90000) n"
    )
    with cut_after(server.port, 3 << 20) as port:
        url = server.url.replace(str(server.port), str(port))
        file = source_file(tmp_path, {"flows": {"query": many}}, url)
        done = command("run", file, "--out", tmp_path / "run", "--lang", "en")
    assert done.code == 3
    assert "the connection was lost while" in done.err
    assert len(done.err.strip().splitlines()) == 2  # the step it was at, and the sentence
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("word", ["run", "convert"])
def test_a_backend_killed_halfway_publishes_nothing_and_a_rerun_works(
    server: Server, execute: dbapi.Connection, tmp_path: Path, word: str
) -> None:
    """The administrator ends the session while it gives rows; asked again, it gives them all."""
    slow = "SELECT n::text AS flow_id, pg_sleep(0.05)::text FROM generate_series(1, {}) n"
    asked = ["--out", tmp_path / "out"] if word == "run" else [tmp_path / "out"]
    file = source_file(tmp_path, {"flows": {"query": slow.format(200)}}, server.url)
    killing = threading.Thread(target=kill_whoever_gives_rows, args=[execute])
    killing.start()
    done = command(word, file, *asked, "--lang", "en")
    killing.join()
    assert done.code == 3
    assert "(flows)" in done.err
    assert not (tmp_path / "out").exists()
    columns = "flow_id subject_id sender recipient data_categories purpose operation"
    rows = ", ".join(["now() AS occurred_at", *(f"'x' AS {name}" for name in columns.split())])
    source_file(tmp_path, {"flows": {"query": f"SELECT {rows}"}}, server.url)
    assert command(word, file, *asked).code == 0


def kill_whoever_gives_rows(connection: dbapi.Connection) -> None:
    others = "FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND state = 'active'"
    kill = f"SELECT count(pg_terminate_backend(pid)) {others} AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute(kill)
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.05)


def test_tables_of_one_database_are_read_as_of_one_instant(
    server: Server, execute: dbapi.Connection, tmp_path: Path
) -> None:
    """What another writes between two tables is in neither: the second is as of the first."""
    said(
        execute, "CREATE OR REPLACE VIEW now_flows AS SELECT pg_current_snapshot()::text AS flow_id"
    )
    tables = {
        name: {"query": "SELECT flow_id, pg_sleep(0.2)::text FROM now_flows"} for name in EXAMPLE
    }
    export = open_export(source_file(tmp_path, tables, server.url))
    read = [pl.read_parquet(file.path.read_bytes()) for file in tables_of(export)]
    assert len({frame["flow_id"].item() for frame in read}) == 1


def test_text_of_another_encoding_is_refused_and_not_guessed(
    server: Server, execute: dbapi.Connection, tmp_path: Path
) -> None:
    said(execute, "CREATE DATABASE raw ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    url = server.url.replace("/postgres", "/raw")
    query = r"SELECT convert_from('\xd6d0'::bytea, 'SQL_ASCII') AS flow_id"
    file = source_file(tmp_path, {"flows": {"query": query}}, url)
    with pytest.raises(InputRefused, match="invalid byte sequence"):
        open_export(file)
