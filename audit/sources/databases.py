"""Tables of databases: a child process reads them (`database_child`), and they are laid down once.

Everything that is asked of one database is read in one transaction, so that its tables fit one
another, and never again: what is judged, explained and digested is what was laid down.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

import audit
from audit.problems import EXHAUSTED, InputRefused, Problem, ResourcesExhausted, system_error
from audit.sources.address import IN_A_FILE, Address
from audit.sources.export import TableFile
from audit.sources.spool import spooled
from audit.sources.wanted import Wanted

_HOME = str(Path(audit.__file__).parents[1])
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from audit.sources.database_child import main; sys.exit(main())"
)
_KEPT = ("HOME", "TMPDIR", "MYSQL_PWD", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PREFIX = "PG"  # what libpq reads of its own: PGPASSWORD, PGSSLROOTCERT, ...


@dataclass(frozen=True)
class Query:
    """Rows of a table of ours that lie in a database."""

    table: str
    address: Address
    wanted: Wanted

    @property
    def name(self) -> str:
        """How people and reports call it."""
        return f"{self.address.name}: {self.wanted.table or f'({self.table})'}"


def fetched(queries: Sequence[Query]) -> Iterator[TableFile]:
    """The rows of the queries, each database asked once.

    Raises InputRefused where a database cannot be reached, refuses or is lost on the way, and
    ResourcesExhausted where what it gives has no room.
    """
    for address in dict.fromkeys(query.address for query in queries):
        asked = [query for query in queries if query.address == address]
        with _unchanged(address), _child(address, asked) as child:
            laid = [_laid_down(query, child) for query in asked]
            child.finish(asked[-1].name)
        yield from laid


def _laid_down(query: Query, child: "_Child") -> TableFile:
    try:
        with pa.ipc.open_stream(child.rows) as stream:
            return spooled(query.table, query.name, _sound(stream, query.name))
    except (pa.ArrowException, OSError, StopIteration) as fault:
        if system_error(fault) in EXHAUSTED:
            raise ResourcesExhausted(Problem("spool-full", {"file": query.name})) from fault
        raise child.refusal(query.name) from fault


def _sound(batches: Iterable[pa.RecordBatch], name: str) -> Iterator[pa.RecordBatch]:
    """The batches, their text held to being UTF-8."""
    for batch in batches:
        try:
            batch.validate(full=True)
        except pa.ArrowInvalid as fault:
            raise InputRefused(Problem("database-text", {"name": name})) from fault
        yield batch


@dataclass(frozen=True)
class _Child:
    """A process that reads a database: what it gives, and what it says where it cannot."""

    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    @property
    def rows(self) -> IO[bytes]:
        return cast("IO[bytes]", self.process.stdout)

    def finish(self, name: str) -> None:
        """Raise InputRefused unless it ended well: nothing that it gave counts otherwise."""
        if self.rows.read(1) or self.process.wait() != 0:
            raise self.refusal(name)

    def refusal(self, name: str) -> InputRefused:
        """Why it stopped, as the sentence that ends the run."""
        self.process.wait()
        self.errors.seek(0)
        last = self.errors.read().rsplit(b"\n", 2)[-2:-1]
        try:
            told: dict[str, Any] = json.loads(b"".join(last))
            return InputRefused(Problem(told["refused"], {"name": name, **told["facts"]}))
        except (ValueError, TypeError, KeyError):
            return InputRefused(Problem("database-lost", {"name": name, "cause": "-"}))


@contextmanager
def _child(address: Address, asked: Sequence[Query]) -> Iterator[_Child]:
    """The child while it answers; it does not outlive the one who asks."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(_PREFIX)}
    kept |= {name: os.environ[name] for name in _KEPT if name in os.environ}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            [sys.executable, "-I", "-c", _START, _HOME],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=kept,
            cwd="/",
        )
        try:
            _tell(process, address, asked)
            yield _Child(process, errors)
        finally:
            process.kill()
            cast("IO[bytes]", process.stdout).close()
            process.wait()


def _tell(process: subprocess.Popen[bytes], address: Address, asked: Sequence[Query]) -> None:
    told = {
        "engine": address.engine.value,
        "target": address.target,
        "password": address.password,
        "wanted": [asdict(query.wanted) for query in asked],
    }
    with cast("IO[bytes]", process.stdin) as stream:
        stream.write(json.dumps(told).encode())


@contextmanager
def _unchanged(address: Address) -> Iterator[None]:
    """A database that lies in a file must be the same file when it was read."""
    before = _state(address)
    yield
    if _state(address) != before:
        raise InputRefused(Problem("file-changed", {"file": address.name}))


def _state(address: Address) -> tuple[int, int] | None:
    if address.engine not in IN_A_FILE or not Path(address.target).exists():
        return None
    there = Path(address.target).stat()
    return there.st_size, there.st_mtime_ns
