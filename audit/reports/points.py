"""The points of a compliance audit, in their order, and which findings belong to which."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import consent_schemas
from audit.clauses.clause import Source
from audit.reports.grounds import GRAPH, Place
from audit.wording import Bilingual

_FILE = ("points", "cn_audit_measures.toml")


@dataclass(frozen=True)
class Point:
    """One point: where statute asks for it, and what flows can and cannot show of it.

    tested is None where flows show nothing of it.
    """

    id: str
    title: Bilingual
    cite: str
    source: Source
    untested: Bilingual
    tested: Bilingual | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Points:
    """All of them, in their order, and how far the order itself was checked."""

    cite: str
    source: Source
    points: tuple[Point, ...]
    of: Mapping[Place, Point] = field(default_factory=dict)


@cache
def audit_points() -> Points:
    """The points that ship with the project; raises ValueError where two claim one clause."""
    text = consent_schemas.path(*_FILE).read_text(encoding="utf-8")
    told = tomllib.loads(text)
    points = tuple(map(_point, told["point"]))
    claimed = [(place, point) for point in points for place in point.places]
    of = dict(claimed)
    if len(of) < len(claimed):
        raise ValueError("two points claim one clause")
    return Points(told["cite"], Source(told["source"]), points, of)


def _point(row: Mapping[str, Any]) -> Point:
    clauses = row.get("clauses", {})
    return Point(
        id=row["id"],
        title=Bilingual(zh=row["zh"], en=row["en"]),
        cite=row["cite"],
        source=Source(row["source"]),
        untested=Bilingual(**row["untested"]),
        tested=Bilingual(**row["tested"]) if "tested" in row else None,
        places=tuple(
            (None if layer == GRAPH else layer, clause)
            for layer, named in clauses.items()
            for clause in named
        ),
    )
