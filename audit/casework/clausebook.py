"""A run's clause packs as a book to read: every clause with what it decided in that very run."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.casework.quoting import packs_of, quotable
from audit.casework.roles import Role
from audit.casework.suppression import K, too_few
from audit.clauses.clause import NO_GROUND

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from audit.casework.quoting import Quotable, Quote
    from audit.casework.roles import Reader
    from audit.casework.workspace import KeptRun
    from audit.clauses.clause import Clause, Pack
    from audit.problems import Problem


@dataclass(frozen=True)
class Decided:
    """How often a clause decided; None is a count that this reader may not see."""

    flows: int | None = 0
    subjects: int | None = 0
    whole_base: bool | None = False
    first_seen: datetime | None = None
    last_seen: datetime | None = None

    @property
    def never(self) -> bool:
        """Whether the clause decided nothing at all."""
        return self.flows == 0


@dataclass(frozen=True)
class WouldChange:
    """What a draft would change if it judged, as the run's manifest tells it.

    `flows` is None where this reader may not see so few people's; relations are for officers.
    """

    flows: int | None
    subjects: int
    whole_base: bool
    changes: tuple[Mapping[str, Any], ...]
    relations: tuple[Mapping[str, Any], ...] = ()
    other_relations: int = 0


@dataclass(frozen=True)
class Entry:
    """One clause, what it cites of the agreement's text, its exceptions, and what it decided.

    `by_supplement` is the part that a signed supplement carried, reported under a name of its own.
    `findings` counts the findings that name it, `nearest` those that it is the nearest miss of.
    `would_change` is told of drafts, by runs that counted it.
    """

    clause: Clause
    quotes: tuple[Quote, ...]
    exceptions: tuple[str, ...]
    decided: Decided
    by_supplement: Decided | None
    findings: int
    nearest: int
    would_change: WouldChange | None = None


@dataclass(frozen=True)
class Book:
    """One pack of the run.

    `without_ground` is what no clause of it allowed, `problems` why its texts cannot be quoted.
    """

    pack: Pack
    entries: tuple[Entry, ...]
    without_ground: Decided
    problems: tuple[Problem, ...] = ()

    @property
    def never_used(self) -> tuple[str, ...]:
        """The ids of the judging clauses that decided nothing."""
        return tuple(
            entry.clause.id
            for entry in self.entries
            if entry.decided.never
            and (entry.by_supplement is None or entry.by_supplement.never)
            and not entry.clause.draft
        )


def clause_books(run: KeptRun, reader: Reader) -> tuple[Book, ...]:
    """The packs that judged the run, in their order.

    Raises InputRefused where a pack is no longer the one that judged; UsageRefused: it is gone.
    """
    packs, told = packs_of(run), quotable(run)
    return tuple(_book(pack, told, run, reader) for pack in packs)


def _book(pack: Pack, told: Quotable, run: KeptRun, reader: Reader) -> Book:
    decided = _decided(pack.layer, run, reader)
    findings = _findings(pack.layer, "clause", run)
    nearest = _findings(pack.layer, "nearest", run)
    would_change = _would_change(pack.layer, run, reader)
    attacks = [(target, clause.id) for clause in pack.clauses for target in clause.exception_to]
    entries = (
        Entry(
            clause=clause,
            quotes=told.quotes(pack.layer, clause.id),
            exceptions=tuple(by for target, by in attacks if target == clause.id),
            decided=decided.get(clause.id, Decided()),
            by_supplement=decided.get(clause.supplement_id, Decided())
            if clause.may_be_supplement
            else None,
            findings=findings.get(clause.id, 0),
            nearest=nearest.get(clause.id, 0),
            would_change=would_change.get(clause.id),
        )
        for clause in pack.clauses
    )
    return Book(pack, tuple(entries), decided.get(NO_GROUND, Decided()), told.problems)


def _decided(layer: str, run: KeptRun, reader: Reader) -> Mapping[str, Decided]:
    """What each clause decided; a viewer is not told of few people."""
    counts = pl.scan_parquet(run.file("clause_counts.parquet"), glob=False)
    told = counts.filter(pl.col("layer") == layer).drop("layer")
    if not reader.may(Role.officer):
        told = told.with_columns(pl.when(~too_few()).then(pl.exclude("clause")))
    return {clause: Decided(*counted) for clause, *counted in told.collect().iter_rows()}


def _would_change(layer: str, run: KeptRun, reader: Reader) -> Mapping[str, WouldChange]:
    """What each draft would change; a viewer is told no relation, and nothing of few people."""
    found = {}
    for told in run.manifest.get("drafts", ()):
        if told["layer"] != layer:
            continue
        whole = WouldChange(**{each.name: told[each.name] for each in fields(WouldChange)})
        found[told["clause"]] = whole if reader.may(Role.officer) else _without_few(whole)
    return found


def _without_few(whole: WouldChange) -> WouldChange:
    """Without what tells of few people: of several changes each may be of few."""
    if 0 < whole.subjects < K:
        return WouldChange(None, 0, whole_base=False, changes=())
    changes = whole.changes if len(whole.changes) == 1 else ()
    return replace(whole, changes=changes, relations=(), other_relations=0)


def _findings(layer: str, column: str, run: KeptRun) -> Mapping[str, int]:
    found = (
        pl.scan_parquet(run.file("findings.parquet"), glob=False)
        .filter(pl.col("layer") == layer, pl.col(column).is_not_null())
        .group_by(column)
        .len()
        .collect()
    )
    return dict(found.iter_rows())
