"""Statements to prove of a pack, as data: TOML in, formulas out, or every fault at once."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from referencing import Registry

import consent_schemas
from audit.analysing.formulas import YES, All, Asks, Either, Fails, Formula, Rules, Ruling, Stands
from audit.clauses.clause import Clause, Effect, Pack, Verdict
from audit.clauses.conditions import WORDS
from audit.clauses.reading import pack_of
from audit.problems import Problem, UsageRefused
from audit.wording import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from audit.analysing.space import Space

_IN_FORCE = "in_force"
Lines = tuple[Clause, ...]  # one clause for each condition, by whatever effect lets it stand


@dataclass(frozen=True)
class Group:
    """Conditions that all hold, and clauses one of which is in force where any is named."""

    lines: Lines
    in_force: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """No flow that meets `when` gets one of the verdicts, unless one of `unless` holds."""

    id: str
    title: Bilingual
    verdicts: frozenset[Verdict]
    when: Group
    unless: tuple[Group, ...]

    def belied_by(self, space: Space) -> Formula:
        """What a flow does that belies the statement."""
        excused = (Fails(_formula(space, group)) for group in self.unless)
        return All((self.tried_by(space), *excused))

    def tried_by(self, space: Space) -> Formula:
        """What a flow does that belies it but for `unless`."""
        return All((_formula(space, self.when), Rules(Ruling(0), self.verdicts)))


@dataclass(frozen=True)
class Statements:
    """All statements of a file, and their conditions as a pack that judges nothing."""

    statements: tuple[Statement, ...]
    pack: Pack


def load_statements(file: Path, pack: Pack) -> Statements:
    """The statements of a file on a pack; raises UsageRefused with every fault of the file."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        facts = {"file": str(file), "detail": str(error)}
        raise UsageRefused(Problem("statements-unreadable", facts)) from error
    return statements_of(document, str(file), pack)


def statements_of(document: Mapping[str, Any], name: str, pack: Pack) -> Statements:
    """The statements that a parsed document holds; raises UsageRefused with all its faults."""
    if faults := [*_schema_faults(document, name)] or [*_faults(document, name, pack)]:
        raise UsageRefused(*faults)
    read = pack_of(_as_pack(document, pack), name)
    told = tuple(_statement(entry, read) for entry in document["never"])
    return Statements(told, read)


def _schema_faults(document: Mapping[str, Any], name: str) -> Iterator[Problem]:
    schema = consent_schemas.path("statements.schema.json").read_text(encoding="utf-8")
    validator = Draft202012Validator(json.loads(schema), registry=Registry())
    for error in sorted(validator.iter_errors(document), key=lambda error: error.json_path):
        place = " / ".join(str(step) for step in error.absolute_path) or "-"
        yield Problem("statements-wrong", {"file": name, "place": place, "detail": error.message})


def _faults(document: Mapping[str, Any], name: str, pack: Pack) -> Iterator[Problem]:
    """Ids given twice, and clauses that the pack does not have."""
    seen: set[str] = set()
    judging = {clause.id for clause in pack.judging}
    for entry in document["never"]:
        if entry["id"] in seen:
            yield Problem("statements-twice", {"file": name, "id": entry["id"]})
        seen.add(entry["id"])
        for group in _groups(entry).values():
            for clause in group.get(_IN_FORCE, ()):
                if clause not in judging:
                    facts = {"file": name, "id": entry["id"], "clause": clause}
                    yield Problem("statements-unknown-clause", facts)


def _groups(entry: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The groups of conditions of a statement by name."""
    numbered = enumerate(entry.get("unless", ()), start=1)
    return {"when": entry["when"], **{f"unless{place}": group for place, group in numbered}}


def _as_pack(document: Mapping[str, Any], pack: Pack) -> dict[str, Any]:
    """Every condition as a clause, so that packs' own reader says what is wrong with it."""
    title = {"zh": "待证命题", "en": "Statements to prove"}
    return {
        "pack": {"id": "statements", "version": "1.0.0", "layer": pack.layer, "title": title},
        "evidence_kind": [
            {"code": code, **{flag.name: True for flag in fields(kind) if getattr(kind, flag.name)}}
            for code, kind in pack.evidence_kinds.items()
        ],
        "clause": [
            _as_clause(f"{entry['id']}.{name}", word, asked)
            for entry in document["never"]
            for name, group in _groups(entry).items()
            for word, asked in group.items()
            if word != _IN_FORCE
        ],
    }


def _as_clause(name: str, word: str, asked: object) -> dict[str, Any]:
    known = WORDS.get(word)
    effect = min(known.effects) if known else Effect.PERMIT
    own = f"{name}.{word}"
    gist = {"zh": own, "en": own}
    return {"id": own, "cite": own, "effect": effect.value, "gist": gist, "when": {word: asked}}


def _statement(entry: Mapping[str, Any], read: Pack) -> Statement:
    groups = {
        name: Group(
            lines=tuple(
                clause for clause in read.clauses if clause.id.startswith(f"{entry['id']}.{name}.")
            ),
            in_force=tuple(group.get(_IN_FORCE, ())),
        )
        for name, group in _groups(entry).items()
    }
    return Statement(
        id=entry["id"],
        title=Bilingual(**entry["title"]),
        verdicts=frozenset(map(Verdict, entry["verdict"])),
        when=groups.pop("when"),
        unless=tuple(groups.values()),
    )


def _formula(space: Space, group: Group) -> Formula:
    bit_of = {line: bit for bit, line in enumerate(space.program.conditions)}
    bits = frozenset(bit_of[line] for clause in group.lines for line in clause.when)
    place = {clause: i for i, clause in enumerate(space.program.packs[0].ids)}
    standing = tuple(Stands(Ruling(0), place[clause], YES) for clause in group.in_force)
    return All((Asks(bits, YES), Either(standing))) if standing else Asks(bits, YES)
