"""A change file read: strict TOML, held to its schema; every fault of the file at once."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from referencing import Registry

import consent_schemas
from audit.changes.change import EvidenceEnd, PackChange, PartyChange, Supposition, Withdrawal
from audit.clauses.reading import known_packs
from audit.problems import Problem, UsageRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LISTS = ("purposes", "data_categories")


def load_change(file: Path) -> Supposition:
    """The change in this file; raises UsageRefused with every fault of the file."""
    return change_of(read_document(file), str(file), file.parent)


def read_document(file: Path) -> dict[str, Any]:
    """The file as it is written; raises UsageRefused where it cannot be read or is no TOML."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        facts = {"file": str(file), "detail": str(error)}
        raise UsageRefused(Problem("change-unreadable", facts)) from error


def change_of(document: Mapping[str, Any], name: str, folder: Path | None = None) -> Supposition:
    """The change that a document describes; files of packs lie relative to the folder.

    Raises UsageRefused with all its faults.
    """
    plain = _plain(document)
    if faults := [*_schema_faults(plain, name)] or [*_repeated(plain, name)]:
        raise UsageRefused(*faults)
    return Supposition(
        packs=tuple(_pack(entry, folder or Path()) for entry in plain.get("pack", ())),
        parties=tuple(_party(entry) for entry in plain.get("party", ())),
        withdrawals=tuple(Withdrawal(*_moment(entry)) for entry in plain.get("withdraw", ())),
        evidence=tuple(_cells(entry) for entry in plain.get("evidence", ())),
        ends=tuple(EvidenceEnd(*_moment(entry)) for entry in plain.get("evidence_ends", ())),
        complete=frozenset(plain.get("complete", ())),
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 (whatever TOML can hold)
    """Days and instants as text: TOML has words of its own for them, the tables have not."""
    match value:
        case date():  # an instant is one, too
            return value.isoformat()
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case _:
            return value


def _schema_faults(document: Mapping[str, Any], name: str) -> Iterator[Problem]:
    for error in sorted(_validator().iter_errors(document), key=lambda error: error.json_path):
        steps = [step + 1 if isinstance(step, int) else step for step in error.absolute_path]
        place = " / ".join(map(str, steps)) or "-"
        yield Problem("change-wrong", {"file": name, "place": place, "detail": error.message})


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(consent_schemas.path("change.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, registry=Registry())


def _repeated(document: Mapping[str, Any], name: str) -> Iterator[Problem]:
    """What two entries say of one thing could contradict."""
    for table, key in (("pack", "id"), ("party", "id"), ("evidence", "evidence_id")):
        ids = [entry[key] for entry in document.get(table, ())]
        for each in sorted({each for each in ids if ids.count(each) > 1}):
            yield Problem("change-twice", {"file": name, "place": table, "id": each})


def _pack(entry: Mapping[str, Any], folder: Path) -> PackChange:
    other = entry.get("with")
    if other is not None and other not in known_packs():
        other = str(folder / other)
    lists = {word: tuple(entry.get(word, ())) for word in ("off", "draft", "on")}
    return PackChange(entry["id"], other, **lists)


def _party(entry: Mapping[str, Any]) -> PartyChange:
    cells = {name: cell for name, cell in entry.items() if name not in ("id", *_LISTS)}
    added, removed = (
        {name: tuple(entry.get(name, {}).get(word, ())) for name in _LISTS}
        for word in ("add", "remove")
    )
    return PartyChange(entry["id"], cells, added, removed)


def _moment(entry: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    return entry["at"], {name: cell for name, cell in entry.items() if name != "at"}


def _cells(entry: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: str(cell) for name, cell in entry.items()}
