"""A baseline as a file: one finding a line, sorted, so that two of them can be compared by eye."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from audit.baselines.baseline import SCHEMA, packs_said
from audit.findings.known import KNOWN
from audit.outcome import canonical, digest, product_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from audit.outcome import Audit


def write_baseline(audit: Audit, path: Path) -> None:
    """The findings of the run, without a name of anybody, under a digest of the whole."""
    told = document(audit)
    with path.open("wb") as file:
        file.writelines(_lines({**told, "digest": digest(told)}))


def document(audit: Audit) -> dict[str, Any]:
    """What a baseline says, but for its own digest."""
    known = audit.findings.select(KNOWN.names()).sort("fingerprint")
    return {
        "schema": SCHEMA,
        "run": audit.run_id,
        "version": product_version(),
        "packs": [asdict(pack) for pack in packs_said(audit.packs)],
        "rows": {table: count.judged for table, count in sorted(audit.rows.items())},
        "findings": known.to_dicts(),
    }


def _lines(told: dict[str, Any]) -> Iterator[bytes]:
    """A member a line, and in lists an entry a line."""
    last = len(told) - 1
    for place, (name, value) in enumerate(told.items()):
        yield b"{" if place == 0 else b""
        yield canonical(name) + b":" + _spelled(value)
        yield b"}\n" if place == last else b",\n"


def _spelled(value: object) -> bytes:
    if not isinstance(value, list) or not value:
        return canonical(value)
    return b"[\n" + b",\n".join(map(canonical, value)) + b"\n]"
