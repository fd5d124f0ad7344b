"""Which subjects the tallies of a run meet: pairs of numbers, each once, most of them on the disk.

Pairs are laid down run by run, each in the order of tally and subject, so that what a tally meets
lies together in each run; when all are there, the runs are merged a few tallies at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from audit.evaluation.nameless import Nameless
from audit.facts.pairs import starts_of
from audit.facts.rows import Sequences, taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from audit.facts.pairs import Places

    Pairs = NDArray[np.uint64]  # tally << 32 | subject

MOST = 1 << 22  # pairs that are held
SUBJECTS = 1 << 25  # subjects of all tallies that are held: they are asked for again and again
_APART = 64  # numbers of a stretch from which it is copied as one
_MANY = 1 << 14  # subjects of a group from which they are marked, not sorted
_MERGED = 1 << 20  # pairs that are merged, or subjects that are counted, at a time
_LOW = np.uint64(32)
_SUBJECT = np.uint64((1 << 32) - 1)


def paired(tally: Places, subject: Places) -> Pairs:
    """Tallies and subjects as pairs."""
    return tally.astype(np.uint64) << _LOW | subject.astype(np.uint64)


def tallies_of(pairs: Pairs) -> Places:
    """The tally of each pair."""
    return (pairs >> _LOW).astype(np.int64)


def subjects_of(pairs: Pairs) -> Places:
    """The subject of each pair."""
    return (pairs & _SUBJECT).astype(np.int64)


@dataclass(frozen=True)
class Row:
    """Numbers one after another, held or in a file."""

    held: NDArray[Any]  # of the same kind, and empty, where they lie in a file
    file: Nameless | None = None
    start: int = 0

    def take(self, first: int, end: int) -> NDArray[Any]:
        """Those from one place to before another."""
        if self.file is None:
            return self.held[first:end]
        width = self.held.itemsize
        told = self.file.take(self.start + first * width, (end - first) * width)
        return np.frombuffer(told, self.held.dtype)

    def some(self, first: Places, sizes: Places) -> NDArray[Any]:
        """So many from each of these places on, end to end."""
        first, sizes = first[sizes > 0], sizes[sizes > 0]
        begins = np.flatnonzero(np.append(True, first[1:] != first[:-1] + sizes[:-1])[: len(first)])
        total = int(sizes.sum())
        if self.file is None and total < _APART * len(begins):
            return taken(self.held, first, sizes, np.arange(len(first)))
        ends = (first + sizes)[np.append(begins[1:] - 1, len(first) - 1)[: len(begins)]]
        stretches = zip(first[begins].tolist(), ends.tolist(), strict=True)
        return np.concatenate([self.held[:0], *(self.take(*stretch) for stretch in stretches)])


@dataclass(frozen=True)
class _Run:
    """Pairs in order: those of tally t stand at `first[t]` to before `first[t + 1]`."""

    pairs: Row
    first: Places

    def of(self, tallies: Places) -> Pairs:
        """The pairs of these tallies, which may have come later than the run."""
        known = tallies[tallies + 1 < len(self.first)]
        return self.pairs.some(self.first[known], self.first[known + 1] - self.first[known])

    def sizes(self, tallies: int) -> Places:
        """How many pairs each of so many tallies has here."""
        told = np.zeros(tallies, dtype=np.int64)
        told[: len(self.first) - 1] = np.diff(self.first)
        return told


@dataclass
class Meeting:
    """The pairs met so far."""

    most: int = field(default_factory=lambda: MOST)
    held: list[Pairs] = field(default_factory=list)
    runs: list[_Run] = field(default_factory=list)
    file: Nameless | None = None

    def add(self, pairs: Pairs) -> None:
        """Some more; raises OSError where the disk has no room for what it would hold."""
        self.held.append(pairs)
        if sum(map(len, self.held)) <= self.most:
            return
        self.held = [_once(self.held)]
        if len(self.held[0]) > self.most // 2:
            self._lay_down(self.held.pop())

    def _lay_down(self, pairs: Pairs) -> None:
        self.file = self.file or Nameless()
        start, _ = self.file.put(pairs.data)
        self.runs.append(_Run(Row(pairs[:0].copy(), self.file, start), _firsts(pairs)))

    def pairs(self) -> Pairs:
        """All of them in order, each once."""
        laid = [run.pairs.take(0, int(run.first[-1])) for run in self.runs]
        return _once([*laid, *self.held])

    def met(self, place: Places, tallies: int, subjects: Places) -> Met:
        """Whom each of so many tallies meets, told the final number of each tally and subject."""
        counts = np.zeros(tallies, dtype=np.int64)

        def final() -> Iterator[NDArray[np.int32]]:
            for some in self._together(place):
                told = _once([paired(place[tallies_of(some)], subjects[subjects_of(some)])])
                np.add(counts, np.bincount(tallies_of(told), minlength=tallies), out=counts)
                yield subjects_of(told).astype(np.int32)

        row = _in_a_row(final(), SUBJECTS)
        return Met(np.concatenate([[0], np.cumsum(counts)]), row, len(subjects))

    def _together(self, place: Places) -> Iterator[Pairs]:
        """All pairs, those of a final number together; where all are held, that is all of them."""
        if not self.runs:
            yield np.concatenate([np.zeros(0, dtype=np.uint64), *self.held])
            return
        held = _once(self.held)
        runs = [*self.runs, _Run(Row(held), _firsts(held))]
        sizes = np.sum([run.sizes(len(place)) for run in runs], axis=0)
        for some in _some_at_a_time(place, sizes):
            yield np.concatenate([held[:0], *(run.of(some) for run in runs)])


@dataclass(frozen=True)
class Met:
    """The subjects of tally t, as small numbers in order: from `first[t]` to before the next."""

    first: NDArray[np.int64]
    subjects: Row
    size: int  # how many numbers subjects have

    @classmethod
    def of(cls, pairs: pl.DataFrame, tallies: int) -> Met:
        """Whom so many tallies meet, told pairs of a `tally` and a `subject`, each once."""
        told = pairs.with_columns(pl.col("subject").rank("dense") - 1).sort("tally", "subject")
        first = np.searchsorted(told["tally"].to_numpy(), np.arange(tallies + 1))
        subjects = told["subject"].to_numpy().astype(np.int32)
        return cls(first, Row(subjects), int(subjects.max(initial=-1)) + 1)

    @cached_property
    def sizes(self) -> Places:
        """How many subjects each tally has."""
        return np.diff(self.first)

    def subjects_of(self, tally: int) -> NDArray[np.int32]:
        """The subjects of a tally."""
        return self.subjects.take(int(self.first[tally]), int(self.first[tally + 1]))

    def of_groups(self, tallies: Places, sizes: Places) -> Places:
        """How many subjects the tallies of each group meet, of which each has so many and one."""
        starts = starts_of(sizes)
        met = self.sizes[tallies]
        counts = np.add.reduceat(met, starts) if len(tallies) else np.zeros(0, dtype=np.int64)
        several = sizes > 1
        few = np.flatnonzero(several & (counts < _MANY))
        many = np.flatnonzero(several & (counts >= _MANY))
        for some in np.split(few, np.flatnonzero(np.diff(np.cumsum(counts[few]) // _MERGED)) + 1):
            counts[some] = self._of_few(taken(tallies, starts, sizes, some), sizes[some])
        counts[many] = self._of_many(taken(tallies, starts, sizes, many), sizes[many])
        return counts

    def _of_few(self, tallies: Places, sizes: Places) -> Places:
        """The same, of groups that meet few: by sorting."""
        met = self.sizes[tallies]
        group = np.repeat(np.repeat(np.arange(len(sizes)), sizes), met)
        pairs = _once([paired(group, self.subjects.some(self.first[tallies], met))])
        return np.bincount(tallies_of(pairs), minlength=len(sizes))

    def _of_many(self, tallies: Places, sizes: Places) -> Places:
        """The same, of groups that meet many; those of the very same tallies are counted once."""
        groups = Sequences()
        number = groups.number(tallies, sizes)
        shown = np.full(self.size if len(groups) else 0, -1, dtype=np.int32)
        told = [
            self.distinct(groups.values[start:end].astype(np.int64), shown, place)
            for place, (start, end) in enumerate(pairwise(groups.first.tolist()))
        ]
        return np.array(told, dtype=np.int64)[number]

    def distinct(self, tallies: Places, shown: NDArray[np.int32], number: int) -> int:
        """How many subjects these tallies meet; `shown` has a place for each, below 0 at first.

        Some at a time each subject that was not yet marked keeps the last place at which it is
        met, so that as many places show themselves, and is marked then; the `number` is used once.
        """
        met, count, mark = self.sizes[tallies], 0, -2 - number
        blocks = np.flatnonzero(np.diff(np.cumsum(met) // _MERGED)) + 1
        for some in np.split(tallies, blocks):
            subjects = self.subjects.some(self.first[some], self.sizes[some])
            if len(blocks):
                subjects = subjects[shown[subjects] != mark]
            places = np.arange(len(subjects), dtype=np.int32)
            shown[subjects] = places
            count += int(np.count_nonzero(shown[subjects] == places))
            if len(blocks):
                shown[subjects] = mark
        return count


def _once(pairs: Sequence[Pairs]) -> Pairs:
    """The pairs in order, each once."""
    ordered = np.concatenate([np.zeros(0, dtype=np.uint64), *pairs])
    ordered.sort(kind="stable")  # a tenth of the time where they are made of runs in order
    once: Pairs = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]]
    return once


def _firsts(pairs: Pairs) -> Places:
    """Where each tally begins among pairs in order; last, where all end."""
    tallies = int(pairs[-1] >> _LOW) + 1 if len(pairs) else 0
    return np.searchsorted(pairs, np.arange(tallies + 1, dtype=np.uint64) << _LOW)


def _some_at_a_time(place: Places, sizes: Places) -> Iterator[Places]:
    """The tallies in their final order, so many that they have few pairs; alike ones together."""
    order = np.argsort(place, kind="stable")
    final, met = place[order], np.cumsum(sizes[order])
    block = (met // _MERGED)[np.searchsorted(final, final)]
    yield from np.split(order, np.flatnonzero(np.diff(block)) + 1)


def _in_a_row(chunks: Iterable[NDArray[np.int32]], most: int) -> Row:
    """The chunks end to end; past so many numbers they lie in a file."""
    held, count, file = [np.zeros(0, dtype=np.int32)], 0, None
    for chunk in chunks:
        held.append(chunk)
        count += len(chunk)
        if count > most:
            file = file or Nameless()
            for each in held:
                file.put(each.data)
            held = held[:1]
    if file is None:
        return Row(np.concatenate(held))
    for each in held:
        file.put(each.data)
    return Row(held[0][:0], file)
