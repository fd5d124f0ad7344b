"""The store of decisions, in SQLite or PostgreSQL: it is read whole, and only ever added to."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import URL, NullPool, create_engine, event, insert, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from audit.problems import EXHAUSTED, Problem, ResourcesExhausted, UsageRefused, system_error
from audit.sources.address import Engine as Kind
from audit.triage.ledger import Entry, Head, Log, Row, log_of, row_of
from audit.triage.migrating import is_current, migrated
from audit.triage.tables import entries, head

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from audit.sources.address import Address
    from audit.triage.decision import Decision

_WAIT = 30  # seconds for a writer who is before us
_AGAIN = 0.02
_FULL = ("disk is full", "disk I/O error")  # as SQLite tells it
_TLS = ("disable", "require", "verify-full")


@dataclass(frozen=True)
class Store:
    """An open store; `name` is what people are told of its place."""

    engine: Engine
    name: str

    def read(self) -> Log:
        """The whole log as it stands at one moment, its chain compared."""
        with _refusals(self.name), self._transaction(writes=False) as connection:
            return _log(connection)

    def append(self, decide: Callable[[Log], Decision], at: datetime) -> Entry:
        """Add what `decide` makes of the log, while nobody else writes.

        What it raises leaves the log as it was. Raises UsageRefused where the log was tampered
        with: nothing is put on a chain that is broken.
        """
        with _refusals(self.name), self._transaction(writes=True) as connection:
            connection.execute(select(head).with_for_update())
            log = _log(connection)
            if log.faults:
                raise UsageRefused(*log.faults)
            row = row_of(decide(log), log.head, at)
            connection.execute(insert(entries).values(row._asdict()))
            connection.execute(update(head).values(entries=row.sequence, digest=row.digest))
        return log_of((row,), Head(row.sequence, row.digest)).entries[0]

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        options: dict[str, Any] = {"writes": writes}
        if self.engine.dialect.name == "postgresql" and not writes:
            options["isolation_level"] = "REPEATABLE READ"  # entries and head of one moment
        with (
            self.engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection


def _log(connection: Connection) -> Log:
    rows = [Row(*row) for row in connection.execute(select(entries).order_by("sequence"))]
    heads = [Head(*row) for row in connection.execute(select(head.c.entries, head.c.digest))]
    return log_of(rows, heads[0] if len(heads) == 1 else Head(-1, ""))


def open_store(address: Address) -> Store:
    """The store at this address, brought to the form that this code knows.

    A file that is not there is made, for its owner alone. Raises UsageRefused (no store, a newer
    one, nobody answers) and ResourcesExhausted; no sentence shows a password.
    """
    with _refusals(address.name):
        store = Store(_engine(address), address.name)
        with store._transaction(writes=False) as connection:  # noqa: SLF001 (its own maker)
            current = is_current(connection, address.name)
        if not current:
            with store._transaction(writes=True) as connection:  # noqa: SLF001
                migrated(connection, address.name)
    return store


def _engine(address: Address) -> Engine:
    match address.engine:
        case Kind.sqlite:
            return _sqlite(Path(address.target))
        case _:
            return create_engine(_url(address), poolclass=NullPool, connect_args=_tls(address))


def _sqlite(file: Path) -> Engine:
    """A file in which writers wait for one another and readers for nobody."""
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    url = URL.create("sqlite", database=str(file))
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _WAIT})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own)
    """Transactions are ours to begin; the log of writes is on, and safe on the disk when told."""
    connection.isolation_level = None
    with closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
        if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            _write_ahead(cursor)


def _write_ahead(cursor: Any) -> None:  # noqa: ANN401 (the driver's own)
    """Of several that switch at once some are told that it is locked, whatever they would wait."""
    until = time.monotonic() + _WAIT
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(_AGAIN)
        else:
            return


def _begin(connection: Connection) -> None:
    """A writer takes its turn at once: one that began as a reader could not go on."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _url(address: Address) -> URL:
    parts = urlsplit(address.target)
    return URL.create(
        "postgresql+pg8000",
        username=unquote(parts.username or "") or None,
        password=address.password,
        host=parts.hostname,
        port=parts.port,
        database=unquote(parts.path.removeprefix("/")) or None,
    )


def _tls(address: Address) -> dict[str, Any]:
    """`?sslmode=require` encrypts, `verify-full` looks at the certificate too."""
    asked = parse_qs(urlsplit(address.target).query, keep_blank_values=True)
    (mode,) = asked.pop("sslmode", ["disable"])[-1:]
    if asked or mode not in _TLS:
        raise UsageRefused(Problem("triage-store-query", {"known": "sslmode=" + "|".join(_TLS)}))
    if mode == "disable":
        return {"timeout": _WAIT}
    context = ssl.create_default_context()
    if mode == "require":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return {"timeout": _WAIT, "ssl_context": context}


@contextmanager
def _refusals(name: str) -> Iterator[None]:
    """What the database or the system says, as one sentence that holds no address."""
    try:
        yield
    except DBAPIError as error:
        raise _refused(name, error.orig or error) from error
    except (SQLAlchemyError, OSError) as error:
        raise _refused(name, error) from error


def _refused(name: str, error: BaseException) -> UsageRefused | ResourcesExhausted:
    facts = {"store": name, "detail": _detail(error)}
    if _exhausted(error):
        return ResourcesExhausted(Problem("triage-store-full", facts))
    return UsageRefused(Problem("triage-store-unusable", facts))


def _exhausted(error: BaseException) -> bool:
    """Whether room or descriptors ran out, here or (class 53) on a server."""
    told = error.args[0] if error.args else ""
    if isinstance(told, dict):
        return str(told.get("C", "")).startswith("53")
    return system_error(error) in EXHAUSTED or any(each in str(told) for each in _FULL)


def _detail(error: BaseException) -> str:
    """What went wrong, in the words of whoever said it; of a server only its sentence."""
    told = error.args[0] if error.args else type(error).__name__
    if isinstance(told, dict):  # a server of PostgreSQL tells its fields by letter
        told = told.get("M", type(error).__name__)
    if isinstance(error, OSError) and error.errno is not None:
        told = os.strerror(error.errno)
    return str(told)
