"""A run read back from its folder: what was asked, made sure to be about the very same inputs."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.clauses.citations import Document, read_document
from audit.clauses.reading import known_packs, load_packs
from audit.clauses.reviewing import Citation
from audit.problems import InputRefused, Problem, UsageRefused
from audit.publishing import no_manifest, read_manifest
from audit.reports.citing import citations_in, cited
from audit.running import Request
from audit.sources.export import Export
from audit.sources.opening import open_export
from audit.sources.reading import digest
from audit.wording import Language


@dataclass(frozen=True)
class _Said:
    """What the manifest says of the request and of what was read for it."""

    export: str
    packs: tuple[str, ...]
    timezone: str
    language: Language
    complete: frozenset[str]
    as_of: str | None
    inputs: Mapping[tuple[str, str], str]  # (table, file) -> digest
    digests: Mapping[str, str]  # pack -> digest


def asked(request: Request, folder: Path, agreement: Document | None = None) -> Mapping[str, Any]:
    """The request as a manifest keeps it; paths are relative to the run's folder.

    Of an agreement's text only the place and the digest are kept, and how the clauses stand in it.
    Raises UsageRefused where what they were reviewed against cannot be read.
    """
    packs = [name if name in known_packs() else _relative(name, folder) for name in request.packs]
    told: dict[str, Any] = {"export": _relative(request.export, folder), "packs": packs}
    if agreement is None:
        return told
    place = _relative(agreement.file, folder)
    told["agreement"] = {"path": place, "digest": agreement.digest}
    return {**told, "cited": cited(request.packs, agreement).as_json()}


def _relative(path: str | Path, folder: Path) -> str:
    return Path(os.path.relpath(os.path.realpath(path), os.path.realpath(folder))).as_posix()


def recall(folder: Path, export: Path | None = None) -> Request:
    """What the run in this folder was asked; `export` says where its export lies now.

    Raises UsageRefused where there is no run or its export is not found, and InputRefused where an
    input or a pack is no longer what the run read.
    """
    said = _said(folder)
    inside = Path(os.path.realpath(folder))
    place = export or Path(os.path.normpath(inside / said.export))
    if not place.exists():
        raise UsageRefused(Problem("recall-no-export", {"export": str(place)}))
    opened, packs = open_export(place, said.timezone), _packs(said, folder)
    changed = [*_changed(said, opened, place.name), *_changed_packs(said, packs)]
    if changed:
        raise InputRefused(*(Problem("recall-changed", {"name": name}) for name in changed))
    told = (place, packs, said.timezone, said.language)
    return Request(*told, as_of=said.as_of, opened=lambda: opened)


def recall_packs(folder: Path) -> tuple[str, ...]:
    """The packs of the run in this folder, by id or file; its export is not looked at.

    Raises UsageRefused where there is no run, and InputRefused where a pack is no longer what the
    run read.
    """
    said = _said(folder)
    packs = _packs(said, folder)
    if changed := [*_changed_packs(said, packs)]:
        raise InputRefused(*(Problem("recall-changed", {"name": name}) for name in changed))
    return packs


def recall_agreement(folder: Path) -> Document | None:
    """The text of the agreement that the run in this folder was given; None where it had none.

    Raises UsageRefused where there is no run or the text is gone, InputRefused where it changed.
    """
    request = read_manifest(folder).get("request")
    kept = request.get("agreement") if isinstance(request, dict) else None
    if not isinstance(kept, dict):
        return None
    place = Path(os.path.normpath(Path(os.path.realpath(folder)) / str(kept.get("path"))))
    if not place.is_file():
        raise UsageRefused(Problem("agreement-missing", {"file": str(place)}))
    document = read_document(place, place.name)
    if document.digest != kept.get("digest"):
        raise InputRefused(Problem("agreement-changed", {"file": place.name}))
    return document


def recall_citations(folder: Path) -> tuple[Citation, ...]:
    """How each cite stood in the text that the run in this folder was given, as it was told then.

    Empty where the run was given no text. Raises UsageRefused where there is no run.
    """
    try:
        return citations_in(read_manifest(folder).get("request"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise no_manifest(folder, type(error).__name__) from error


def recall_id(folder: Path) -> str:
    """The id of the run in this folder; raises UsageRefused where there is none."""
    return str(read_manifest(folder).get("run_id"))


def _said(folder: Path) -> _Said:
    manifest = read_manifest(folder)
    try:
        return _Said(
            export=str(manifest["request"]["export"]),
            packs=tuple(map(str, manifest["request"]["packs"])),
            timezone=str(manifest["options"]["timezone"]),
            language=Language(manifest["options"]["language"]),
            complete=frozenset(manifest["options"]["complete"]),
            as_of=_text(manifest["options"].get("as_of")),
            inputs={(each["table"], each["name"]): each["digest"] for each in manifest["inputs"]},
            digests={each["id"]: each["digest"] for each in manifest["packs"]},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise no_manifest(folder, type(error).__name__) from error


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _changed(said: _Said, export: Export, name: str) -> Iterator[str]:
    """The files that are no longer what the run read, were added or were removed."""
    now = {(each.table, each.name): each for files in export.tables.values() for each in files}
    for key in sorted(now.keys() | said.inputs.keys()):
        if key not in now or key not in said.inputs or digest(now[key]) != said.inputs[key]:
            yield key[1]
    if export.complete != said.complete:
        yield name


def _changed_packs(said: _Said, packs: tuple[str, ...]) -> Iterator[str]:
    for pack in load_packs(packs):
        if said.digests.get(pack.id) != pack.digest:
            yield pack.id


def _packs(said: _Said, folder: Path) -> tuple[str, ...]:
    """The packs by id or by file; files lie relative to the run's folder."""
    known, inside = known_packs(), Path(os.path.realpath(folder))
    return tuple(name if name in known else str(inside / name) for name in said.packs)
