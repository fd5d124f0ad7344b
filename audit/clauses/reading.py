"""Reading a clause pack: TOML in, a Pack out, or every fault of the file at once."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import fields
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from referencing import Registry

import consent_schemas
from audit.clauses.approver import approver_of
from audit.clauses.clause import Clause, Condition, Effect, Layer, Pack, Source
from audit.clauses.conditions import WORDS, Argument
from audit.clauses.duties import duty_of
from audit.clauses.export import export_rule
from audit.clauses.soundness import language_faults
from audit.problems import Problem, UsageRefused
from audit.vocabulary import EvidenceKind
from audit.wording import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jsonschema import ValidationError


def known_packs() -> tuple[str, ...]:
    """The ids of the packs that come with the tool, sorted."""
    folder = consent_schemas.path("packs")
    return tuple(sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml")))


def load_packs(names: Sequence[str]) -> tuple[Pack, ...]:
    """The packs of these names or files, contract before statute.

    Raises UsageRefused with the faults of all of them; two packs of one layer are a fault, and two
    that declare one kind of evidence differently.
    """
    faults: list[Problem] = []
    packs: list[Pack] = []
    for name in names:
        try:
            packs.append(load_pack(name))
        except UsageRefused as refusal:
            faults += refusal.problems
    faults += [*_crowded_layers(packs), *_differing_kinds(packs)]
    if faults:
        raise UsageRefused(*faults)
    return tuple(sorted(packs, key=lambda pack: list(Layer).index(pack.layer)))


def load_pack(name: str) -> Pack:
    """The pack of this id, or in this file.

    Raises UsageRefused: unreadable, not TOML, or breaking a rule of the clause language.
    """
    return _parsed(text_of(name), name)


@lru_cache(maxsize=16)  # what is supposed of packs asks for the same ones again and again
def _parsed(text: str, name: str) -> Pack:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageRefused(
            Problem("pack-not-toml", {"pack": name, "detail": str(error)})
        ) from error
    return pack_of(document, name, hashlib.sha256(text.encode()).hexdigest())


def pack_of(document: Mapping[str, Any], name: str, digest: str = "") -> Pack:
    """The pack that a parsed document describes; raises UsageRefused with all its faults."""
    faults = [*_unfilled_faults(document, name), *_schema_faults(document, name)]
    faults = faults or list(language_faults(document, name))
    if faults:
        raise UsageRefused(*faults)
    header = document["pack"]
    return Pack(
        id=header["id"],
        version=header["version"],
        layer=Layer(header["layer"]),
        title=Bilingual(**header["title"]),
        clauses=tuple(_clause(entry) for entry in document["clause"]),
        evidence_kinds={entry["code"]: _kind(entry) for entry in document.get("evidence_kind", ())},
        digest=digest,
        duties=tuple(duty_of(entry) for entry in document.get("duty", ())),
        exports=export_rule(document.get("export")),
        approver=approver_of(document.get("triage")),
    )


def text_of(name: str) -> str:
    """The TOML of the pack of this id, or in this file; raises UsageRefused where it has none."""
    if name in known_packs():
        return consent_schemas.path("packs", f"{name}.toml").read_text(encoding="utf-8")
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(known_packs())
        problem = Problem("pack-unreadable", {"pack": name, "known": known, "detail": str(error)})
        raise UsageRefused(problem) from error


def _clause(entry: Mapping[str, Any]) -> Clause:
    return Clause(
        id=entry["id"],
        cite=entry["cite"],
        effect=Effect(entry["effect"]),
        when=tuple(_condition(entry["id"], *line) for line in entry["when"].items()),
        gist=Bilingual(**entry["gist"]),
        exception_to=tuple(sorted(entry.get("exception_to", ()))),
        note=Bilingual(**entry["note"]) if "note" in entry else None,
        supplement_cite=entry.get("supplement", {}).get("cite"),
        draft=entry.get("draft", False),
        source=Source(entry["source"]) if "source" in entry else None,
    )


def _condition(clause_id: str, word: str, asked: object) -> Condition:
    if word == "claimed":
        return Condition(word, (clause_id,))
    if WORDS[word].argument is Argument.TRUE:
        return Condition(word)
    return Condition(word, tuple(asked) if isinstance(asked, list) else (str(asked),))


def _kind(entry: Mapping[str, Any]) -> EvidenceKind:
    return EvidenceKind(**{flag.name: entry.get(flag.name, False) for flag in fields(EvidenceKind)})


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(consent_schemas.path("clause_pack.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, registry=Registry())


def _unfilled(document: Mapping[str, Any]) -> dict[int, str]:
    """The clauses that `pack init` left to be filled in, by their number: no effect stands there.

    What may be wrong with them beside that is not told; they must be filled in first.
    """
    clauses = document.get("clause")
    entries = enumerate(clauses) if isinstance(clauses, list) else ()
    return {
        number: str(entry.get("id", f"#{number + 1}"))
        for number, entry in entries
        if isinstance(entry, dict) and entry.get("effect") == ""
    }


def _unfilled_faults(document: Mapping[str, Any], name: str) -> Iterator[Problem]:
    if clauses := _unfilled(document):
        yield Problem("pack-unfilled", {"pack": name, "clauses": ", ".join(clauses.values())})


def _schema_faults(document: Mapping[str, Any], name: str) -> Iterator[Problem]:
    errors = sorted(_validator().iter_errors(document), key=lambda error: error.json_path)
    unfilled = {("clause", number) for number in _unfilled(document)}
    for error in errors:
        if tuple(error.absolute_path)[:2] in unfilled:
            continue
        facts = {"pack": name, "place": _place(document, error), "detail": error.message}
        yield Problem(_schema_code(error), facts)


def _schema_code(error: ValidationError) -> str:
    match error.validator:
        case "additionalProperties":
            return "pack-unknown-word"
        case "required" | "minProperties" | "minItems":
            return "pack-missing"
        case "enum" | "const":
            return "pack-unmapped-code"
        case _:
            return "pack-wrong-value"


def _place(document: Mapping[str, Any], error: ValidationError) -> str:
    """Where the fault lies, the clause or duty by its id, not by its number."""
    path = list(error.absolute_path)
    if len(path) > 1 and path[0] in {"clause", "duty"} and isinstance(path[1], int):
        entry = document[str(path[0])][path[1]]
        named = entry.get("id", f"#{path[1] + 1}") if isinstance(entry, dict) else f"#{path[1] + 1}"
        path[:2] = [f"{path[0]} {named}"]
    return " / ".join(str(step) for step in path) or "-"


def _crowded_layers(packs: Iterable[Pack]) -> Iterator[Problem]:
    taken: dict[Layer, str] = {}
    for pack in packs:
        if pack.layer in taken:
            facts = {"layer": pack.layer.value, "first": taken[pack.layer], "second": pack.id}
            yield Problem("pack-layer-taken", facts)
        taken.setdefault(pack.layer, pack.id)


def _differing_kinds(packs: Iterable[Pack]) -> Iterator[Problem]:
    """A row of evidence has one meaning in a run, whatever layer asks for it."""
    declared: dict[str, tuple[Pack, EvidenceKind]] = {}
    for pack in packs:
        for code, kind in pack.evidence_kinds.items():
            first, meant = declared.setdefault(code, (pack, kind))
            if meant != kind:
                facts = {"kind": code, "first": first.id, "second": pack.id}
                yield Problem("pack-kind-differs", facts)
