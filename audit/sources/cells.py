"""The rows of a sheet of a workbook, and what each cell says, as text.

What Excel could not compute (`#N/A`, a formula without a value) or not keep (a whole number past
2^53, a time without a day) is no empty cell: it is told with U+FFFD before it. Nothing but the
standard library, since it runs in a child process (`workbook_child`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import IO

from audit.sources.ooxml import (
    DAY_ZERO,
    UNREADABLE,
    Attributes,
    RefusedWorkbook,
    Style,
    Workbook,
    joined,
    local,
    parsed,
    unescaped,
)

_EXACT = 2**53
_COLUMNS = 16_384
_TRUTHS = {"1": "true", "0": "false"}
_A_DAY_TOO_MANY = 61  # Excel counts a 29th of February 1900, so only later days are sure
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(slots=True)
class Cell:
    """A cell while its element is open."""

    column: int
    kind: str
    style: int
    text: str = ""
    computed: bool = False  # by a formula


class Rows:
    """The rows of a sheet, read as its elements come."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.number = 0
        self.column = -1
        self.cells: dict[int, str] = {}
        self.gathered: list[tuple[int, dict[int, str]]] = []
        self.cell: Cell | None = None
        self.reading = False
        self.spoken = False  # inside what is said of a pronunciation

    def read(self, part: IO[bytes]) -> Iterator[tuple[int, dict[int, str]]]:
        """The number of each row that has content, with its cells by column, from 0."""
        for _ in parsed(part, self.start, self.end, self.text):
            yield from self.gathered
            self.gathered = []

    def start(self, name: str, found: Attributes) -> None:
        """An element opens."""
        name = local(name)
        if name == "c":
            self.column = place(found["r"]) if "r" in found else self.column + 1
            if self.column >= _COLUMNS:
                raise RefusedWorkbook("file-damaged")
            self.cell = Cell(self.column, found.get("t", "n"), int(found.get("s", "0")))
        elif self.cell is not None:
            self.inside(self.cell, name)
        elif name == "row":
            number = int(found.get("r", self.number + 1))
            if number <= self.number:
                raise RefusedWorkbook("file-damaged")
            self.number, self.column, self.cells = number, -1, {}

    def inside(self, cell: Cell, name: str) -> None:
        """An element opens inside a cell."""
        cell.computed = cell.computed or name == "f"
        self.spoken = self.spoken or name == "rPh"
        self.reading = name in {"v", "t"} and not self.spoken

    def text(self, text: str) -> None:
        """Text is met, of a value or of something else."""
        if self.cell is not None and self.reading:
            self.cell.text = joined(self.cell.text, text)

    def end(self, name: str) -> None:
        """An element closes."""
        name = local(name)
        if name in {"v", "t"}:
            self.reading = False
        elif name == "rPh":
            self.spoken = False
        elif name == "c" and self.cell is not None:
            said = value(self.cell, self.book)
            if said is not None and said.strip():
                self.cells[self.cell.column] = said
            self.cell = None
        elif name == "row" and self.cells:
            self.gathered.append((self.number, self.cells))


def place(reference: str) -> int:
    """The column of a cell such as `AB12`, from 0."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise RefusedWorkbook("file-damaged")
    return _column(found[1])


@cache
def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def value(cell: Cell, book: Workbook) -> str | None:
    """What a cell says, as text; null where it is empty."""
    text = cell.text
    if cell.computed and not text and cell.kind != "str":
        return UNREADABLE + "="
    match cell.kind:
        case "s":
            return book.strings[int(text)] if text else None
        case "inlineStr" | "str":
            return unescaped(text) or None
        case "b" | "e":
            return _TRUTHS.get(text, UNREADABLE + text)
        case "d":
            return text or None
        case _:
            return number(text, book.styles[cell.style], book.first_day) if text else None


def number(text: str, meant: Style, first_day: datetime) -> str:
    """A number as its style means it: a day, a time of a day, or the number."""
    told = float(text)
    if meant.day or meant.clock:
        return moment(told, meant, first_day) if meant.day else UNREADABLE + text
    if abs(told) >= _EXACT:
        return UNREADABLE + text
    if told == int(told):
        return str(int(told)).zfill(meant.digits)
    return format(Decimal(repr(told)), "f")


def moment(days: float, meant: Style, first_day: datetime) -> str:
    """A day, or a time to the millisecond, which is what Excel shows at most."""
    if days < (_A_DAY_TOO_MANY if first_day == DAY_ZERO else 0):
        return f"{UNREADABLE}{days}"
    told = first_day + timedelta(milliseconds=round(days * 86_400_000))
    if not meant.clock and told.time() == datetime.min.time():
        return told.date().isoformat()
    return told.isoformat(timespec="milliseconds" if told.microsecond else "seconds")
