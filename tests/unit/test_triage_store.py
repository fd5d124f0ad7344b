"""The store of decisions, on SQLite and on a real PostgreSQL: nothing lost, torn or overlooked."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from audit.problems import UsageRefused
from audit.sources.address import Address, Engine
from audit.triage import migrations
from audit.triage.deciding import Occasion, Stale, decide
from audit.triage.decision import Decision
from audit.triage.ledger import Log
from audit.triage.place import address_of
from audit.triage.state import State
from audit.triage.store import open_store
from audit.triage.tables import NEWEST
from tests.commanding import surroundings
from tests.servers import PASSWORD, READER, Server, postgresql
from tests.triaged import CAUSE, NOON, TODAY, decision, findings, on, postgresql_at, said, sqlite_at

WRITTEN = WRITERS, EACH, KILLED_AFTER = 8, 6, 3
NUMBERS = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgresql() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Address:
    if request.param == "sqlite":
        return sqlite_at(tmp_path)
    return postgresql_at(server, f"triage{next(NUMBERS)}")


Execute = Callable[[str], Any]


@pytest.fixture
def execute(address: Address, server: Server) -> Iterator[Execute]:
    """What writes behind the back of the log."""
    if address.engine is Engine.postgresql:
        with said(server, address.name) as told:
            yield told
        return
    with closing(sqlite3.connect(address.target, isolation_level=None)) as connection:
        yield connection.execute


def spelled(address: Address) -> str:
    """As a command line names it."""
    if address.engine is Engine.sqlite:
        return address.target
    return address.target.replace(f"{READER}@", f"{READER}:${{CARRIER_PASSWORD}}@")


def test_what_was_decided_is_read_back_as_it_was(address: Address) -> None:
    told = [
        decision(),
        decision(State.ACCEPTED_RISK, *on("b", "c"), approver="王", reason="\x00 ‘’ \udc80"),
        decision(State.REMEDIATING, CAUSE),
    ]
    store = open_store(address)
    for each in told:
        store.append(lambda _log, each=each: each, NOON)  # type: ignore[misc]
    log = open_store(address).read()
    assert [entry.decision for entry in log.entries] == told
    assert [entry.sequence for entry in log.entries] == [1, 2, 3]
    assert {entry.at for entry in log.entries} == {NOON}
    assert log.faults == ()
    assert log.head.entries == 3


def test_a_decision_that_is_refused_leaves_nothing(address: Address) -> None:
    store = open_store(address)

    def refused(_log: Log) -> Decision:
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        store.append(refused, NOON)
    assert store.read().entries == ()
    assert store.append(lambda _: decision(), NOON).sequence == 1


def test_who_did_not_see_the_last_decision_is_told_whose_it_was(address: Address) -> None:
    store = open_store(address)
    occasion = Occasion(findings("a", "b"), (), TODAY, NOON, seen=0)
    decide(store, decision(author="李", run="r"), occasion)
    for late in (decision(author="王"), decision(State.OPEN, CAUSE, author="王")):
        with pytest.raises(Stale) as refusal:
            decide(store, late, occasion)
        (problem,) = refusal.value.problems
        assert problem.code == "triage-changed-meanwhile"
        assert (problem.facts["author"], problem.facts["entry"]) == ("李", 1)
    elsewhere = replace(occasion, findings=findings("b"))
    assert decide(store, decision(State.FALSE_POSITIVE, *on("b")), elsewhere).sequence == 2
    assert decide(store, decision(State.OPEN), replace(occasion, seen=2)).sequence == 3


def test_eight_writers_at_once_one_of_them_killed(address: Address) -> None:
    """All begin with a store that is not there yet; what a writer was told stays, in its order."""
    told = written(address)
    log = open_store(address).read()
    assert log.faults == ()
    kept: dict[str, list[int]] = {str(number): [] for number in range(WRITERS)}
    for entry in log.entries:
        assert entry.decision is not None
        kept[entry.decision.author].append(entry.sequence)
    assert sorted(chain(*kept.values())) == [*range(1, len(log.entries) + 1)]
    assert [kept[str(number)] for number in range(1, WRITERS)] == told[1:]
    assert {len(numbers) for numbers in told[1:]} == {EACH}
    killed = kept["0"]
    assert killed[: len(told[0])] == told[0]
    assert len(killed) - len(told[0]) in {0, 1}, "one may be written and not yet told"
    sys.stdout.write(f"{address.engine}: {[*map(len, told)]} told, {len(log.entries)} kept\n")


def written(address: Address) -> list[list[int]]:
    """The numbers that eight writers were told; the first of them is killed amid its work."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.triaged", spelled(address), *map(str, WRITTEN)],
        env=surroundings(CARRIER_PASSWORD=PASSWORD),
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    answer = json.loads(done.stdout)
    assert answer["ends"] == [-signal.SIGKILL, *[0] * (WRITERS - 1)]
    told: list[list[int]] = answer["told"]
    return told


TAMPERED = {
    "a reason": "UPDATE triage_entries SET body = replace(body, '因为', '因而') WHERE sequence = 2",
    "a digest": "UPDATE triage_entries SET digest = previous WHERE sequence = 2",
    "a link": "UPDATE triage_entries SET previous = digest WHERE sequence = 2",
    "the first removed": "DELETE FROM triage_entries WHERE sequence = 1",
    "one removed": "DELETE FROM triage_entries WHERE sequence = 2",
    "the last removed": "DELETE FROM triage_entries WHERE sequence = 3",
    "all removed": "DELETE FROM triage_entries",
    "two swapped": "UPDATE triage_entries SET sequence = -1 WHERE sequence = 2;"
    "UPDATE triage_entries SET sequence = 2 WHERE sequence = 3;"
    "UPDATE triage_entries SET sequence = 3 WHERE sequence = -1",
    "one put on": "INSERT INTO triage_entries SELECT 4, digest, body, digest"
    " FROM triage_entries WHERE sequence = 3",
    "another head": "UPDATE triage_head SET entries = 2",
    "no head": "DELETE FROM triage_head",
}


@pytest.mark.parametrize("statements", TAMPERED.values(), ids=TAMPERED.keys())
def test_a_log_that_was_tampered_with_says_so_and_takes_no_more(
    address: Address, execute: Execute, statements: str
) -> None:
    store = open_store(address)
    for letter in "abc":
        store.append(lambda _, letter=letter: decision(State.OPEN, *on(letter)), NOON)  # type: ignore[misc]
    assert store.read().faults == ()
    for statement in statements.split(";"):
        execute(statement)
    faults = store.read().faults
    assert faults
    with pytest.raises(UsageRefused) as refusal:
        store.append(lambda _: decision(), NOON)
    assert refusal.value.problems == faults


def test_a_store_of_a_newer_version_is_left_alone(address: Address, execute: Execute) -> None:
    open_store(address)
    execute("UPDATE triage_version SET version_num = '0002'")
    with pytest.raises(UsageRefused) as refusal:
        open_store(address)
    assert refusal.value.problems[0].code == "triage-store-newer"


def test_the_code_is_written_for_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(str(migrations.__file__)).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


def test_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    open_store(sqlite_at(tmp_path))
    assert (tmp_path / "triage.sqlite").stat().st_mode & 0o777 == 0o600


FULL = """
import resource, sys
from audit.problems import ResourcesExhausted
from audit.triage.store import open_store
from tests.triaged import NOON, decision, sqlite_at
from pathlib import Path
store = open_store(sqlite_at(Path(sys.argv[1])))
store.append(lambda _: decision(), NOON)
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
try:
    for _ in range(1000):
        store.append(lambda _: decision(reason="x" * 1000), NOON)
except ResourcesExhausted as full:
    print(full.problems[0].code)
"""


def test_a_full_disk_is_told_and_costs_nothing_that_was_decided(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "triage-store-full\n"
    log = open_store(sqlite_at(tmp_path)).read()
    assert log.faults == ()
    assert log.entries[0].decision == decision()
    assert len(log.entries) > 1


@pytest.mark.parametrize("content", [b"no database at all, but long enough " * 9, b"SQLite"])
def test_what_is_no_store_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    address = sqlite_at(tmp_path)
    Path(address.target).write_bytes(content)
    with pytest.raises(UsageRefused) as refusal:
        open_store(address)
    assert refusal.value.problems[0].code == "triage-store-unusable"


def test_no_sentence_tells_a_password(server: Server) -> None:
    url = f"postgresql://{READER}:${{WRONG}}@{server.place}"
    for place in (url, url.replace(str(server.port), "1"), f"{url}?sslmode=verify-full"):
        with pytest.raises(UsageRefused) as refusal:
            open_store(address_of(place, {"WRONG": "Geheimnis"}))
        assert refusal.value.problems[0].code == "triage-store-unusable"
        assert "Geheimnis" not in str(refusal.value)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("postgresql://a:b@host/x", "url-password"),
        ("mysql://host/x", "triage-store-kind"),
        ("ftp://host/x", "url-mistaken"),
        ("postgresql://a:${LACKING}@host/x", "url-variable"),
    ],
)
def test_an_address_that_cannot_be_a_store_is_refused(told: str, code: str) -> None:
    with pytest.raises(UsageRefused) as refusal:
        address_of(told, {})
    assert refusal.value.problems[0].code == code


def test_a_parameter_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UsageRefused) as refusal:
        open_store(address_of("postgresql://a@127.0.0.1:1/x?options=1", {}))
    assert refusal.value.problems[0].code == "triage-store-query"
