"""What a process that reads a database is asked, and how it says that it cannot.

Nothing but the standard library and Arrow: it is imported in a child process (`database_child`).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

BATCH_ROWS = 50_000
_LONGEST = 300
_UNSEEN = re.compile(r"\s+")

Batches = Iterable[pa.RecordBatch]
Give = Callable[[Batches], None]


@dataclass(frozen=True)
class Place:
    """Where a database lies, for its driver."""

    target: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Wanted:
    """The rows that are asked for: those of a table (`schema.table`) or of a query."""

    table: str | None = None
    query: str | None = None

    def source(self, quoted: Callable[[str], str]) -> str:
        """What stands behind FROM; `quoted` spells a name so that it is nothing but one."""
        if self.query is not None:
            return f"(\n{self.query.strip().rstrip(';')}\n) AS wanted_rows"
        return f"{'.'.join(map(quoted, str(self.table).split('.')))} AS wanted_rows"


class Refused(Exception):
    """Why rows cannot be had: a key of the wording files, and its facts."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def in_quotes(name: str) -> str:
    """A name of SQL, quoted as the standard says."""
    return '"' + name.replace('"', '""') + '"'


def refuse_twice(names: Sequence[str]) -> None:
    """Raise Refused where two columns have one name: nobody could say which is meant."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused("database-columns-twice", columns=", ".join(twice))


def one_line(message: object) -> str:
    """What a database said, in one line of printable text that is not endless."""
    text = _UNSEEN.sub(" ", str(message)).strip()
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:_LONGEST]


def in_columns(rows: Sequence[Sequence[str | None]], names: Sequence[str]) -> pa.RecordBatch:
    """Rows of text as a batch."""
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    return pa.record_batch([pa.array(column, pa.string()) for column in columns], list(names))


def no_rows(schema: pa.Schema) -> pa.RecordBatch:
    """A batch of nothing, which tells the columns of a table that has no rows."""
    return pa.record_batch([pa.array([], each.type) for each in schema], schema=schema)
