"""Watching the flows of a run, batch by batch, for what duties look for; nothing else is kept.

Every pattern of flow words is one bit. A flow matches the *and* of what each of its codes allows,
so that it costs a few look-ups, whatever the number of duties (as in `clauses.compiling`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.compiling import BITS
from audit.clauses.conditions import WORDS, judged
from audit.evaluation.nameless import Heap
from audit.evaluation.seen import RELATION, Seen
from audit.sources.arrows import detached
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from audit.clauses.compiling import Words
    from audit.evaluation.seen import Pattern
    from audit.facts.flows import CategorySets, Flows
    from audit.facts.gathering import CompiledRegisters
    from audit.facts.pairs import Places

DATA, WHOLE_BASE = "data", "whole_base"
_KEPT = ("flow_id", "occurred_at", "subject_id", *RELATION, "data_categories")


@dataclass(frozen=True)
class Spotted:
    """Per value of a fact the patterns that it satisfies, and that it may: [values, words]."""

    true: Words
    may: Words


@dataclass(frozen=True)
class Interest:
    """Which patterns are looked for in which flows: in all, or of some subjects or parties.

    Arrays have a row for each subject or party and one more for those in no register. `kept`
    patterns are looked for in some flows, `folded` ones are counted by relation.
    """

    always: Words
    kept: Words
    folded: Words
    by_subject: Words
    by_sender: Words
    by_recipient: Words

    def of(self, flows: Flows, rows: Places) -> Words:
        """The patterns looked for in these flows; all of them in those of the whole base."""
        asked = self.always | self.by_subject[flows.subject[rows]]
        asked = (
            asked | self.by_sender[flows.sender[rows]] | self.by_recipient[flows.recipient[rows]]
        )
        asked[flows.whole_base[rows]] |= self.kept
        return asked


@dataclass(frozen=True)
class Watched:
    """What duties look for in a part of a run."""

    kept: tuple[pl.DataFrame, ...]
    folded: tuple[pl.DataFrame, ...]
    last: int | None


@dataclass
class Watching:
    """The flows met so far that some duty looks for; the order of batches cannot matter."""

    patterns: tuple[Pattern, ...]
    tables: Mapping[str, Spotted]
    interest: Interest
    kept: Heap = field(default_factory=Heap)  # past so many on the disk
    folded: list[pl.DataFrame] = field(default_factory=list)
    last: int | None = None  # when the last flow occurred, microseconds
    _sets: Spotted | None = None

    def add(self, batch: pl.DataFrame, flows: Flows) -> None:
        """Look at a batch of valid flows, and at the same as numbers."""
        newest = int(flows.at.max())
        self.last = newest if self.last is None else max(self.last, newest)
        rows, true, may = self._spotted(flows)
        wanted = may & self.interest.of(flows, rows)
        self._keep(batch, rows, true, wanted)
        self._fold(batch, rows, true, may)

    def part(self) -> Watched:
        """What was met, as another takes it that watches for the same."""
        return Watched(tuple(self.kept), tuple(self.folded), self.last)

    def take(self, watched: Watched) -> None:
        """Add what was met in a part."""
        for kept in watched.kept:
            self.kept.add(kept)
        self.folded += watched.folded
        told = [last for last in (self.last, watched.last) if last is not None]
        self.last = max(told, default=None)

    @property
    def seen(self) -> Seen:
        """All that was met."""
        return Seen(self.patterns, (self.kept,), self.folded)

    def _spotted(self, flows: Flows) -> tuple[Places, Words, Words]:
        """The flows that may match a pattern, which they match, and which they may."""
        rows = np.arange(len(flows))
        true, may = self._all(len(flows)), self._all(len(flows))
        for fact, table in self._looked_up(flows):
            codes = self._codes(flows, fact)[rows]
            true, may = true & table.true[codes], may & table.may[codes]
            left = np.flatnonzero(may.any(axis=1))
            if 2 * len(left) < len(rows):
                rows, true, may = rows[left], true[left], may[left]
        left = np.flatnonzero(may.any(axis=1))
        return rows[left], true[left], may[left]

    def _all(self, size: int) -> Words:
        return np.full((size, _words(self.patterns)), ~np.uint64(0), dtype=np.uint64)

    def _looked_up(self, flows: Flows) -> list[tuple[str, Spotted]]:
        """Each fact with its table, that of the sets of categories filled up."""
        told = [(fact, table) for fact, table in self.tables.items() if fact != DATA]
        if DATA in self.tables:
            self._sets = _of_sets(self.tables[DATA], flows.category_sets, self._sets)
            told.append((DATA, self._sets))
        return told

    @staticmethod
    def _codes(flows: Flows, fact: str) -> Places:
        if fact == DATA:
            return flows.sets
        return flows.whole_base.astype(np.int64) if fact == WHOLE_BASE else flows.codes[fact]

    def _keep(self, batch: pl.DataFrame, rows: Places, true: Words, wanted: Words) -> None:
        some = np.flatnonzero(wanted.any(axis=1))
        if not len(some):
            return
        told = batch.select(_KEPT)[rows[some]].with_columns(
            pl.col(RELATION).cast(pl.String), *_masks(true[some], wanted[some])
        )
        self.kept.add(told)

    def _fold(self, batch: pl.DataFrame, rows: Places, true: Words, may: Words) -> None:
        """Count the flows of each relation by the patterns that they match, and that they may."""
        may, true = may & self.interest.folded, true & self.interest.folded
        some = np.flatnonzero(may.any(axis=1))
        if not len(some):
            return
        masks = _masks(true[some], may[some])
        names = [each.name for each in masks]
        told = batch.select("flow_id", "occurred_at", *RELATION)[rows[some]].with_columns(masks)
        earliest = pl.col("occurred_at") == pl.col("occurred_at").min()
        found = told.group_by(*RELATION, *names).agg(
            pl.col("flow_id").filter(earliest).min(),
            pl.col("occurred_at").min(),
            pl.len().cast(pl.Int64).alias("flows"),
        )
        self.folded.append(detached(found.with_columns(pl.col(RELATION).cast(pl.String))))


def spotted(patterns: Sequence[Pattern], registers: CompiledRegisters) -> dict[str, Spotted]:
    """Per fact that some pattern asks what each of its values satisfies."""
    facts = dict.fromkeys(WORDS[line.word].fact for pattern in patterns for line in pattern)
    domains, vocabulary = registers.program.domains, registers.numbering.vocabulary
    tables: dict[str, Spotted] = {}
    for fact in facts:
        values = (False, True) if fact == WHOLE_BASE else domains[fact]
        asked = [[line for line in each if WORDS[line.word].fact == fact] for each in patterns]
        truths = [
            [
                min(
                    (
                        Truth(2 * bool(value))
                        if fact == WHOLE_BASE
                        else judged(vocabulary, line, value)  # type: ignore[arg-type]
                        for line in lines
                    ),
                    default=Truth.TRUE,
                )
                for lines in asked
            ]
            for value in values
        ]
        tables[fact] = _table(np.array(truths, dtype=np.int8))
    return tables


def masks_of(size: int, patterns: Sequence[Pattern]) -> Words:
    """No pattern yet, for each of so many."""
    return np.zeros((size, _words(patterns)), dtype=np.uint64)


def mark(masks: Words, rows: Places | slice, place: int) -> None:
    """Mark a pattern in these rows."""
    masks[rows, place // BITS] |= np.uint64(1 << (place % BITS))


def _words(patterns: Sequence[Pattern]) -> int:
    return max(1, -(-len(patterns) // BITS))


def _table(truths: Places) -> Spotted:
    """[values, patterns] truths as bits."""
    size, count = truths.shape
    true = np.zeros((size, max(1, -(-count // BITS))), dtype=np.uint64)
    may = np.zeros_like(true)
    for place in range(count):
        mark(true, np.flatnonzero(truths[:, place] == Truth.TRUE), place)
        mark(may, np.flatnonzero(truths[:, place] != Truth.FALSE), place)
    return Spotted(true, may)


def _of_sets(categories: Spotted, sets: CategorySets, known: Spotted | None) -> Spotted:
    """What the best category of each set satisfies; sets known before keep their rows."""
    start = 0 if known is None else len(known.true)
    if start == len(sets):
        return known or Spotted(categories.true[:0], categories.may[:0])
    codes, first = sets.codes_from(start)
    fresh = Spotted(
        np.bitwise_or.reduceat(categories.true[codes], first, axis=0),
        np.bitwise_or.reduceat(categories.may[codes], first, axis=0),
    )
    if known is None:
        return fresh
    return Spotted(np.concatenate([known.true, fresh.true]), np.concatenate([known.may, fresh.may]))


def _masks(true: Words, may: Words) -> list[pl.Series]:
    return [
        pl.Series(f"{name}{word}", np.ascontiguousarray(words[:, word]))
        for name, words in (("true", true), ("may", may))
        for word in range(words.shape[1])
    ]
