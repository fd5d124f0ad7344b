"""Case files read: a plain flow with its registers, and the one thing that each case changes.

[plain.flow]                  the flow, its cells written as in CSV
[plain.parties.<id>]          rows of the registers under their ids; _parties.toml is there
[plain.consents.<id>]
[plain.evidence.<id>]
[plain.run]                   complete (registers said to be complete), timezone
[plain.expect]                verdict; where it matters decided_by, possible, failing, nearest,
                              inferred (`""`: nothing was), consents
[[case]]
name                          what happens, in words
change.<table>.<id>.<column>  a new cell (`""` empties it), or a new row; change.flow.<column>
each.<table>.<id>.<column>    the same for a list of values, each of them a case of its own
drop                          rows taken away, as `<table>.<id>`
verdict, decided_by, ...      what is expected now
fails, unknown                the condition of the file's clause that is now the only one false,
                              or the only one unknown
"""

import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.reference import COLUMNS

HERE = Path(__file__).parent
FLOW_ID = "F-1"


@dataclass(frozen=True)
class Book:
    """A pack whose clauses have case files, the layer that it judges, and where the files lie."""

    pack_id: str
    layer: str
    folder: Path


AGREEMENT = Book("telecom_agreement", "contract", HERE)
STATUTE = Book("cn_statute", "statute", HERE / "statute")
BOOKS = (AGREEMENT, STATUTE)

EXPECTED = {"verdict", "decided_by", "possible", "failing", "nearest", "inferred", "consents"}
SHOWN = {"fails", "unknown"}
CASE = {"name", "change", "each", "drop", *EXPECTED, *SHOWN}
REGISTERS = ("parties", "consents", "evidence")

Document = Mapping[str, Any]
Tables = dict[str, list[dict[str, str]]]


class Misspelt(ValueError):
    """A case file says something that no case file can say."""


@dataclass(frozen=True, eq=False)
class Case:
    """One flow, the registers around it, and what is to be said of it."""

    clause_id: str
    name: str
    situation: Document
    expected: Document
    fails: str | None = None
    unknown: str | None = None
    book: Book = AGREEMENT

    @property
    def tables(self) -> Tables:
        """The four tables, every cell text."""
        rows = {table: _rows(table, self.situation[table]) for table in REGISTERS}
        return {"flows": [{"flow_id": FLOW_ID, **self.situation["flow"]}], **rows}

    @property
    def complete(self) -> frozenset[str]:
        """The registers that are said to be complete."""
        return frozenset(self.situation["run"].get("complete", ["consents"]))

    @property
    def timezone(self) -> str:
        """The zone of times that name none."""
        return str(self.situation["run"].get("timezone", "+08:00"))

    def __str__(self) -> str:
        return f"{self.book.folder.relative_to(HERE) / self.clause_id}: {self.name}"


def _rows(table: str, register: Document) -> list[dict[str, str]]:
    key = COLUMNS[table].split()[0]
    return [{key: own_id, **row} for own_id, row in register.items()]


@cache
def all_cases(book: Book) -> tuple[Case, ...]:
    """Every case of every file of a book, the plain one of each file first."""
    return tuple(case for clause_id in clause_ids(book) for case in cases_of(book, clause_id))


def clause_ids(book: Book) -> list[str]:
    """The clauses that have a case file."""
    files = book.folder.glob("*.toml")
    return sorted(path.stem for path in files if not path.stem.startswith("_"))


@cache
def cases_of(book: Book, clause_id: str) -> tuple[Case, ...]:
    """The cases of one clause, the plain one first."""
    document = tomllib.loads((book.folder / f"{clause_id}.toml").read_text(encoding="utf-8"))
    return tuple(replace(case, book=book) for case in read(document, clause_id))


def read(document: Document, clause_id: str) -> Iterator[Case]:
    """The cases of a parsed file. Raises Misspelt."""
    _known({"plain", "case"}, document, clause_id)
    _known({"expect", "flow", "run", *REGISTERS}, document["plain"], f"{clause_id}: plain")
    plain = {part: value for part, value in document["plain"].items() if part != "expect"}
    start = _changed(_nothing(), plain, f"{clause_id}: plain")
    yield _case(clause_id, "plain", start, document["plain"]["expect"])
    for entry in document["case"]:
        place = f"{clause_id}: {entry.get('name')}"
        _known(CASE, entry, place)
        left = _without(start, entry.get("drop", ()), place)
        for name, change in _variants(entry):
            situation = _changed(left, change, place)
            if situation == start:
                raise Misspelt(f"{clause_id}: {name}: nothing is changed")
            yield _case(clause_id, name, situation, entry)


def _case(clause_id: str, name: str, situation: Document, entry: Document) -> Case:
    expected = {key: value for key, value in entry.items() if key in EXPECTED}
    if "verdict" not in expected:
        raise Misspelt(f"{clause_id}: {name}: no verdict")
    return Case(clause_id, name, situation, expected, entry.get("fails"), entry.get("unknown"))


def _nothing() -> dict[str, Any]:
    parties = tomllib.loads((HERE / "_parties.toml").read_text(encoding="utf-8"))
    return {"flow": {}, "parties": parties, "consents": {}, "evidence": {}, "run": {}}


def _variants(entry: Document) -> Iterator[tuple[str, Document]]:
    """What a case changes; where it lists several values, one after the other."""
    change = entry.get("change", {})
    if "each" not in entry:
        yield entry["name"], change
        return
    *path, values = _path(entry["each"])
    for number, value in enumerate(values, start=1):
        one: Any = value
        for step in reversed(path):
            one = {step: one}
        called = (value or "none") if isinstance(value, str) else number
        yield f"{entry['name']}: {called}", _merged(change, one)


def _path(nested: object) -> list[Any]:
    """The keys that lead to the one list, and the list."""
    if isinstance(nested, list):
        return [nested]
    if not isinstance(nested, dict) or len(nested) != 1:
        raise Misspelt(f"each: one list of values, not {nested}")
    ((key, value),) = nested.items()
    return [key, *_path(value)]


def _without(situation: Document, dropped: list[str], place: str) -> Document:
    left = deepcopy(dict(situation))
    for path in dropped:
        table, own_id = path.split(".", 1)
        if left.get(table, {}).pop(own_id, None) is None:
            raise Misspelt(f"{place}: no {path} to drop")
    return left


def _changed(situation: Document, change: Document, place: str) -> Document:
    _known({"flow", "run", *REGISTERS}, change, place)
    _known(set(COLUMNS["flows"].split()), change.get("flow", {}), place)
    _known({"complete", "timezone"}, change.get("run", {}), place)
    for table in REGISTERS:
        for row in change.get(table, {}).values():
            _known(set(COLUMNS[table].split()), row, place)
    return _merged(situation, change)


def _merged(below: Document, above: Document) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        inner = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if inner else value
    return merged


def _known(words: set[str], said: Document, place: str) -> None:
    if strange := set(said) - words:
        raise Misspelt(f"{place}: {', '.join(sorted(strange))}?")
