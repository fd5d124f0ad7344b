"""What a baseline says: whose findings are known, under which packs, of how many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from audit.clauses.clause import Pack

SCHEMA = "urn:consent-audit:baseline:1"
FILE = "baseline.json"


@dataclass(frozen=True, order=True)
class PackSaid:
    """A pack as a baseline names it."""

    layer: str
    id: str
    version: str
    digest: str


@dataclass(frozen=True)
class Baseline:
    """The findings of a run that somebody accepted.

    name: as messages call it. rows: by table, how many were used. findings: as KNOWN.
    """

    name: str
    run_id: str
    packs: tuple[PackSaid, ...]
    rows: Mapping[str, int]
    findings: pl.DataFrame


def packs_said(packs: Iterable[Pack]) -> tuple[PackSaid, ...]:
    """The packs of a run, in the order of a baseline."""
    return tuple(
        sorted(PackSaid(pack.layer.value, pack.id, pack.version, pack.digest) for pack in packs)
    )


def pack_from(told: Mapping[str, Any]) -> PackSaid:
    """A pack as a manifest or a baseline has it; raises KeyError and TypeError where it is none."""
    names = ("layer", "id", "version", "digest")
    said = PackSaid(*(told[name] for name in names))
    if not all(isinstance(told[name], str) and told[name].isprintable() for name in names):
        raise TypeError
    return said
