"""A run's clause packs as a book to read: every clause with what it decided in that very run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from audit.casework.roles import Role
from audit.casework.suppression import too_few
from audit.clauses.clause import NO_GROUND
from audit.clauses.reading import known_packs, load_pack
from audit.problems import InputRefused, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from audit.casework.roles import Reader
    from audit.casework.workspace import KeptRun
    from audit.clauses.clause import Clause, Pack


@dataclass(frozen=True)
class Decided:
    """How often a clause decided; None is a count that this reader may not see."""

    flows: int | None = 0
    subjects: int | None = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None

    @property
    def never(self) -> bool:
        """Whether the clause decided nothing at all."""
        return self.flows == 0


@dataclass(frozen=True)
class Entry:
    """One clause, the clauses that are exceptions to it, and what it decided.

    `by_supplement` is the part that a signed supplement carried, reported under a name of its own.
    `findings` counts the findings that name it, `nearest` those that it is the nearest miss of.
    """

    clause: Clause
    exceptions: tuple[str, ...]
    decided: Decided
    by_supplement: Decided | None
    findings: int
    nearest: int


@dataclass(frozen=True)
class Book:
    """One pack of the run; `without_ground` is what no clause of it allowed."""

    pack: Pack
    entries: tuple[Entry, ...]
    without_ground: Decided

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
    packs = [load_pack(name) for name in _names(run)]
    judged = {each["id"]: each["digest"] for each in run.manifest["packs"]}
    if changed := [pack.id for pack in packs if judged.get(pack.id) != pack.digest]:
        raise InputRefused(*(Problem("recall-changed", {"name": name}) for name in changed))
    return tuple(_book(pack, run, reader) for pack in packs)


def _names(run: KeptRun) -> Iterator[str]:
    """The packs as they were asked for; paths are relative to the run's folder."""
    known = known_packs()
    asked: Sequence[str] = run.manifest["request"]["packs"]
    return (name if name in known else str(run.folder / name) for name in asked)


def _book(pack: Pack, run: KeptRun, reader: Reader) -> Book:
    decided = _decided(pack.layer, run, reader)
    findings = _findings(pack.layer, "clause", run)
    nearest = _findings(pack.layer, "nearest", run)
    attacks = [(target, clause.id) for clause in pack.clauses for target in clause.exception_to]
    entries = (
        Entry(
            clause=clause,
            exceptions=tuple(by for target, by in attacks if target == clause.id),
            decided=decided.get(clause.id, Decided()),
            by_supplement=decided.get(clause.supplement_id, Decided())
            if clause.may_be_supplement
            else None,
            findings=findings.get(clause.id, 0),
            nearest=nearest.get(clause.id, 0),
        )
        for clause in pack.clauses
    )
    return Book(pack, tuple(entries), decided.get(NO_GROUND, Decided()))


def _decided(layer: str, run: KeptRun, reader: Reader) -> Mapping[str, Decided]:
    """What each clause decided; a viewer is not told of few people."""
    counts = pl.scan_parquet(run.file("clause_counts.parquet"), glob=False)
    told = counts.filter(pl.col("layer") == layer).drop("layer")
    if not reader.may(Role.officer):
        told = told.with_columns(pl.when(~too_few()).then(pl.exclude("clause")))
    return {clause: Decided(*counted) for clause, *counted in told.collect().iter_rows()}


def _findings(layer: str, column: str, run: KeptRun) -> Mapping[str, int]:
    found = (
        pl.scan_parquet(run.file("findings.parquet"), glob=False)
        .filter(pl.col("layer") == layer, pl.col(column).is_not_null())
        .group_by(column)
        .len()
        .collect()
    )
    return dict(found.iter_rows())
