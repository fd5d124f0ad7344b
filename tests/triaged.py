"""Decisions for the tests: findings as rows, logs, stores, and writers that are processes."""

import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

import pg8000.dbapi
import polars as pl

from audit.findings.finding import FINDINGS, Severity, fingerprint
from audit.sources.address import Address, Engine
from audit.triage.covering import ASKED
from audit.triage.decision import Bounds, Decision, Kind, Target
from audit.triage.ledger import EMPTY, Head, Log, Row, log_of, row_of
from audit.triage.place import address_of
from audit.triage.state import State
from audit.triage.store import open_store
from tests.servers import PASSWORD, READER, Server

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = date(2026, 3, 1)
PLAIN: Mapping[str, Any] = {
    "layer": "contract",
    "verdict": "violation",
    "clause": "3-2-7c",
    "clauses": ["3-2-7c"],
    "sender": "CARRIER",
    "recipient": "PTR-1",
    "operation": "share",
    "purpose": "service",
    "categories": ["contact.phone"],
    "severity": "high",
    "cause_code": "purpose",
}


def name(letter: str) -> str:
    """The fingerprint of the finding that a test calls so."""
    return fingerprint(letter)


def findings(*letters: str, **other: object) -> pl.DataFrame:
    """A row for each letter, all of them the plain finding but for what is said."""
    schema = {column: FINDINGS[column] for column in ASKED}
    rows = [{**PLAIN, **other, "fingerprint": name(letter)} for letter in letters]
    return pl.DataFrame(rows, schema=schema, orient="row")


def on(*letters: str) -> tuple[Target, ...]:
    """These findings as targets."""
    return tuple(Target(Kind.FINDING, (name(letter),)) for letter in letters)


CAUSE = Target(Kind.CAUSE, ("contract", "3-2-7c", "purpose"))
EDGE = Target(Kind.EDGE, ("CARRIER", "PTR-1", "share", "service"))


BOUNDS = Bounds(("contact.phone",), Severity.HIGH, ("indeterminate", "violation"))


def decision(state: State = State.FALSE_POSITIVE, *targets: Target, **other: object) -> Decision:
    """A decision that lacks nothing, on finding `a` unless something else is named."""
    until = date(2026, 12, 31) if state is State.ACCEPTED_RISK else None
    evidence = ("EV-1",) if state.value.startswith("attested") else ()
    told = Decision(state, targets or on("a"), "因为", "李", "run", None, until, evidence)
    said = replace(told, **other)  # type: ignore[arg-type]
    return said if said.bounds else replace(said, bounds=(BOUNDS,) * len(said.targets))


def rows_of(*decisions: Decision) -> list[Row]:
    """The decisions as the rows of a log."""
    rows: list[Row] = []
    head = EMPTY
    for each in decisions:
        rows.append(row_of(each, head, NOON))
        head = Head(rows[-1].sequence, rows[-1].digest)
    return rows


def ended(rows: list[Row]) -> Head:
    """The head of a log with these rows."""
    return Head(rows[-1].sequence, rows[-1].digest) if rows else EMPTY


def log(*decisions: Decision) -> Log:
    """A sound log of these decisions."""
    rows = rows_of(*decisions)
    return log_of(rows, ended(rows))


def sqlite_at(folder: Path) -> Address:
    """A store of its own in this folder."""
    return Address(Engine.sqlite, "triage.sqlite", str(folder / "triage.sqlite"))


def postgresql_at(server: Server, database: str) -> Address:
    """A store of its own on this server."""
    with said(server, "postgres") as execute:
        execute(f"CREATE DATABASE {database}")
    return Address(
        Engine.postgresql,
        database,
        f"postgresql://{READER}@127.0.0.1:{server.port}/{database}",
        PASSWORD,
    )


@contextmanager
def said(server: Server, database: str) -> Iterator[Any]:
    """What executes statements in a database of the server."""
    connection = pg8000.dbapi.connect(
        READER, "127.0.0.1", database, server.port, PASSWORD, timeout=30
    )
    connection.autocommit = True
    try:
        yield connection.cursor().execute
    finally:
        connection.close()


def main(store: str, writers: str, each: str, killed_after: str) -> None:
    """So many writers at once, each a process of its own; the first is killed amid its work.

    Prints what each was told that it had written; the store need not be there yet.
    """
    reading, children = [], []
    for number in range(int(writers)):
        out, into = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(out)
            _write(store, number, 10**6 if number == 0 else int(each), into)
        os.close(into)
        reading.append(os.fdopen(out))
        children.append(child)
    told = [[int(next(reading[0])) for _ in range(int(killed_after))]]
    os.kill(children[0], signal.SIGKILL)
    told[0] += map(int, reading[0])  # what it had been told before it died
    told += [[*map(int, lines)] for lines in reading[1:]]
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    print(json.dumps({"told": told, "ends": ends}))  # noqa: T201 (to the test that started it)


def _write(store: str, number: int, count: int, into: int) -> NoReturn:
    """Decide so often, and say each number that was given; the process ends here."""
    opened = open_store(address_of(store, {"CARRIER_PASSWORD": PASSWORD}))
    for turn in range(count):
        told = decision(State.UNDER_REVIEW, author=str(number), reason=str(turn))
        entry = opened.append(lambda _log, told=told: told, NOON)  # type: ignore[misc]
        os.write(into, f"{entry.sequence}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
