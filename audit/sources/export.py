"""What an export is: which files hold which table, and how their times and headings are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from audit.problems import Problem

TABLES = ("flows", "parties", "consents", "evidence")
DEFAULT_ZONE = "+08:00"
DEFAULT_COMPLETE = frozenset({"consents"})


class Format(StrEnum):
    """The kinds of file that are read."""

    csv = "csv"
    jsonl = "jsonl"
    json = "json"
    parquet = "parquet"
    xlsx = "xlsx"


_SUFFIXES = {
    ".csv": Format.csv,
    ".csv.gz": Format.csv,
    ".jsonl": Format.jsonl,
    ".json": Format.json,
    ".parquet": Format.parquet,
    ".xlsx": Format.xlsx,
}
READABLE = ", ".join(_SUFFIXES)


def format_of(path: Path) -> Format | None:
    """The kind of file that a name promises; None for one that is not read."""
    name = path.name.lower()
    return next((kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix)), None)


@dataclass(frozen=True)
class TableFile:
    """One file, or one sheet of a workbook, that holds rows of a table."""

    table: str
    path: Path
    format: Format
    name: str  # how people and reports call it: relative to the export
    sheet: str | None = None
    few: tuple[str, ...] | None = None  # of Parquet: columns with few values; None: not looked at
    sha256: str | None = None  # of what was fetched: what its rows say; None: of its bytes
    part_of: str | None = None  # the folder whose files were written as parts of one table
    columns: tuple[tuple[str, str], ...] = ()  # of Parquet: headings, and what kind each is of
    rows: int | None = None  # where they are known before the file is read
    groups: tuple[int, int] | None = None  # of Parquet: row groups to read, the last one out; all
    held: object = field(default=None, compare=False, repr=False)  # what keeps the file there
    state: tuple[int, int] | None = field(default=None, compare=False)  # as `reading.state` told


@dataclass(frozen=True)
class Export:
    """Everything that is to be audited, found but not yet read.

    `foreseen` tells which flow ids more than one row carries, where somebody is looking already; it
    raises what reading raises.
    """

    tables: Mapping[str, tuple[TableFile, ...]]
    timezone: str = DEFAULT_ZONE
    complete: frozenset[str] = DEFAULT_COMPLETE  # "consents", "evidence.<kind>"
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # heading -> column
    notices: tuple[Problem, ...] = ()
    foreseen: Callable[[], frozenset[str] | None] | None = field(
        default=None, compare=False, repr=False
    )

    def files(self, table: str) -> tuple[TableFile, ...]:
        """The files of this table; none where the export lacks it."""
        return self.tables.get(table, ())

    def rows(self, table: str) -> int | None:
        """How many rows the files of this table say they have; None where one does not say."""
        told = [file.rows for file in self.files(table)]
        return None if None in told else sum(rows for rows in told if rows)


@dataclass(frozen=True)
class InputFile:
    """What was read: the file's digest and how many records it held."""

    table: str
    name: str
    sha256: str
    rows: int
