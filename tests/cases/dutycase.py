"""Case files of duties read: rows in all four tables, and what becomes of the one duty.

[plain.flows.<id>], parties, consents, evidence    rows under their ids; _parties.toml is there
[plain.run]                   as_of, complete, timezone
[plain.expect]                state; where it matters due, done_by, party, flows
[[case]]
name, change, drop, expected  as in the case files of clauses; `state = "none"`: no duty arises
"""

import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.cases.casefile import HERE, Misspelt
from tests.generate import shipped_pack
from tests.reference import COLUMNS

FOLDER = HERE / "duties"
NONE = "none"
PACKS = ("telecom_agreement", "cn_statute")
EXPECTED = {"state", "due", "done_by", "party", "flows"}
RUN = {"as_of", "complete", "timezone"}

Document = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class DutyCase:
    """Some rows, and what is to be said of the duty."""

    duty_id: str
    name: str
    situation: Document
    expected: Document

    @property
    def tables(self) -> dict[str, list[dict[str, str]]]:
        """The four tables, every cell text."""
        return {
            table: [{columns.split()[0]: own_id, **row} for own_id, row in rows.items()]
            for table, columns in COLUMNS.items()
            for rows in [self.situation[table]]
        }

    @property
    def run(self) -> Mapping[str, Any]:
        """What the run is told."""
        told: Mapping[str, Any] = self.situation["run"]
        return told

    def __str__(self) -> str:
        return f"{self.duty_id}: {self.name}"


@cache
def duties() -> Mapping[str, tuple[str, Document]]:
    """Every duty of the packs that come with the tool, as if counsel had read it, with its pack."""
    return {
        duty["id"]: (pack_id, {**duty, "draft": False, "source": "partly"})
        for pack_id in PACKS
        for duty in shipped_pack(pack_id)["duty"]
    }


def pack_of(duty_id: str) -> Document:
    """A pack with this duty, its kinds of evidence and one clause."""
    pack_id, duty = duties()[duty_id]
    shipped = shipped_pack(pack_id)
    clause = {key: told for key, told in shipped["clause"][0].items() if key != "exception_to"}
    kinds = shipped["evidence_kind"]
    return {"pack": shipped["pack"], "evidence_kind": kinds, "clause": [clause], "duty": [duty]}


@cache
def all_cases() -> tuple[DutyCase, ...]:
    """Every case of every file, the plain one of each first."""
    return tuple(case for path in sorted(FOLDER.glob("*.toml")) for case in cases_in(path))


def cases_in(path: Path) -> Iterator[DutyCase]:
    """The cases of a file. Raises Misspelt."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    parties = tomllib.loads((HERE / "_parties.toml").read_text(encoding="utf-8"))
    plain = {part: rows for part, rows in document["plain"].items() if part != "expect"}
    nothing = {"flows": {}, "parties": parties, "consents": {}, "evidence": {}, "run": {}}
    start = _changed(nothing, plain, path.stem)
    yield DutyCase(path.stem, "plain", start, document["plain"]["expect"])
    for entry in document["case"]:
        place = f"{path.stem}: {entry.get('name')}"
        if strange := set(entry) - {"name", "change", "drop", *EXPECTED}:
            raise Misspelt(f"{place}: {', '.join(sorted(strange))}?")
        situation = _changed(_without(start, entry, place), entry.get("change", {}), place)
        expected = {word: entry[word] for word in EXPECTED & set(entry)}
        yield DutyCase(path.stem, entry["name"], situation, expected)


def _without(situation: Document, entry: Document, place: str) -> Document:
    left = deepcopy(dict(situation))
    for path in entry.get("drop", ()):
        table, own_id = path.split(".", 1)
        if left.get(table, {}).pop(own_id, None) is None:
            raise Misspelt(f"{place}: no {path} to drop")
    return left


def _changed(situation: Document, change: Document, place: str) -> Document:
    merged = deepcopy(dict(situation))
    for part, rows in change.items():
        if part == "run" and not set(rows) - RUN:
            merged["run"] = {**merged["run"], **rows}
            continue
        for own_id, cells in rows.items():
            if part not in COLUMNS or set(cells) - set(COLUMNS[part].split()):
                raise Misspelt(f"{place}: {part}.{own_id}: {', '.join(cells)}?")
            merged[part][own_id] = {**merged[part].get(own_id, {}), **cells}
    return merged
