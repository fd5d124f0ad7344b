"""A dossier, or the tail of withdrawals, as JSON: codes and UTC, for machines; it has a schema."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from audit.casework.withholding import OTHERS
from audit.outcome import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from audit.casework.dossier import Dossier
    from audit.casework.handout.words import About

MIME = "application/json"
DOSSIER, TAIL = "urn:consent-audit:dossier:1", "urn:consent-audit:withdrawn:1"
_FRAMES = ("parties", "holders", "consents", "history", "findings", "evidence", "flows")
_NOT_TOLD = {"subject", "id", "conflict"}  # who it is about is told once


def dossier_json(dossier: Dossier, about: About) -> bytes:
    """The dossier as `dossier.schema.json` says; the same bytes each time."""
    told: dict[str, Any] = {
        "schema": DOSSIER,
        "run": _run(about),
        "person": {"pseudonym": dossier.subject, "id": dossier.revealed},
        "withheld": OTHERS,
        "duties": None if dossier.duties is None else _rows(dossier.duties),
    }
    return _bytes(told | {name: _rows(getattr(dossier, name)) for name in _FRAMES})


def tail_json(tail: pl.DataFrame, about: About, *, notices: bool) -> bytes:
    """The tail as `withdrawn.schema.json` says; `notices`: whether stop notices could be told."""
    rows = [_told(row.items()) for row in tail.to_dicts()]
    return _bytes({"schema": TAIL, "run": _run(about), "notices": notices, "rows": rows})


def _run(about: About) -> Mapping[str, Any]:
    manifest = about.manifest
    return {
        "id": manifest["run_id"],
        "packs": [{name: pack[name] for name in ("id", "version")} for pack in manifest["packs"]],
        "timezone": manifest["options"]["timezone"],
        "last_flow": _cell(about.last),
        "flows_of_everybody": about.everybody,
        "flows_rejected": manifest["rows"]["flows"]["rejected"],
        "duties_imposed": about.book.imposed,
    }


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        _told((name, value) for name, value in row.items() if name not in _NOT_TOLD)
        for row in frame.to_dicts()
    ]


def _told(row: Iterable[tuple[str, object]]) -> dict[str, Any]:
    return {name: _cell(value) for name, value in row}


def _cell(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case None | str() | bool() | int() | list():
            return value
        case _:
            return str(value)  # an amount, every digit of it


def _bytes(told: Mapping[str, Any]) -> bytes:
    return canonical(told) + b"\n"
