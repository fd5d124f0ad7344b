"""Whose decisions need a second person: what the packs of a run ask, as its manifest tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import polars as pl

from audit.clauses.approver import Approver


@dataclass(frozen=True)
class Demand:
    """What one pack asks; one that nobody can read asks for everything, of every layer."""

    layer: str | None
    severity: tuple[str, ...] = ()
    clause: tuple[str, ...] = ()
    everything: bool = False


def demands_of(packs: Iterable[Mapping[str, Any]]) -> tuple[Demand, ...]:
    """The demands of the packs that a manifest lists; what cannot be read asks for everything."""
    return tuple(_demand(pack) for pack in packs if "approver" in pack)


def _demand(pack: Mapping[str, Any]) -> Demand:
    told = pack["approver"]
    try:
        listed = {name: told[name] for name in ("severity", "clause")}
        readable = all(isinstance(each, str) for codes in listed.values() for each in codes)
        if readable and all(isinstance(codes, list | tuple) for codes in listed.values()):
            return Demand(str(pack["layer"]), tuple(listed["severity"]), tuple(listed["clause"]))
    except (KeyError, TypeError):
        pass
    return Demand(None, everything=True)


def demanded(layer: str, approver: Approver) -> Demand:
    """The demand of a pack of this layer."""
    return Demand(layer, approver.severity, approver.clause)


def needs_approver(demands: Iterable[Demand]) -> pl.Expr:
    """Whether what is decided about a finding needs an approver.

    What a check of the graph found is of no layer: any pack's severities are asked of it.
    """
    return reduce(or_, map(_needs, demands), pl.lit(value=False)).fill_null(value=True)


def _needs(demand: Demand) -> pl.Expr:
    if demand.everything:
        return pl.lit(value=True)
    of_layer = pl.col("layer").is_null() | (pl.col("layer") == demand.layer)
    clauses = pl.Series([*demand.clause], dtype=pl.String).implode()
    named = pl.col("clauses").list.set_intersection(pl.lit(clauses)).list.len() > 0
    decisive = pl.col("clause").is_in(pl.lit(clauses))
    grave = pl.col("severity").is_in([*demand.severity])
    return of_layer & (grave | named.fill_null(value=False) | decisive.fill_null(value=False))
