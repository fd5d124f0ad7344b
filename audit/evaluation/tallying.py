"""What flows of one edge and outcome add up to, and how many subjects they meet, batch by batch.

The whole customer base is nobody in particular: it is marked and never counted as a subject.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.evaluation.judgement import INSTANT, TALLIES
from audit.evaluation.meeting import Meeting, paired, subjects_of, tallies_of
from audit.evaluation.people import by_hash
from audit.facts.distinct import distinct
from audit.facts.keys import ABSENT, coded
from audit.facts.rows import Rows, listed
from audit.vocabulary import WHOLE_BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from audit.evaluation.meeting import Met, Pairs
    from audit.evaluation.people import Named, People
    from audit.facts.keys import KeyIndex
    from audit.facts.pairs import Places


EDGE = ("sender", "recipient", "operation", "purpose")
KEYS = (*EDGE, "outcome")
EXAMPLES = 3
_HELD = 16  # rows of totals for each tally
_FEW = 1 << 14  # tallies, as which fewer count


@dataclass
class Words:
    """The distinct texts of a column met so far, numbered; it only ever grows."""

    numbers: dict[str | None, int] = field(default_factory=dict)

    def of(self, column: pl.Series) -> Places:
        """The number of each cell, new texts being added."""
        codes, values = coded(column)
        return self.add(values)[codes]

    def add(self, values: Iterable[str | None]) -> Places:
        """The number of each text, new ones being added."""
        numbers = [self.numbers.setdefault(value, len(self.numbers)) for value in values]
        return np.array(numbers, dtype=np.int64)


@dataclass(frozen=True)
class Counted:
    """The tallies of a part of a run: as Tallying has them, under the numbers of the part."""

    words: Mapping[str, tuple[str | None, ...]]
    keys: Places  # [tallies, columns of KEYS]
    totals: pl.DataFrame
    pairs: Pairs
    named: Named

    def lasting(self, registered: KeyIndex) -> Counted:
        """The same with every subject by its hash; `registered` are those of the registers."""
        met, numbers = np.unique(subjects_of(self.pairs), return_inverse=True)
        pairs = paired(tallies_of(self.pairs), numbers)
        return replace(self, pairs=pairs, named=by_hash(self.named, met, registered))


@dataclass
class Tallying:
    """The tallies of a run under way; grows with the distinct edges, outcomes and subjects."""

    people: People
    words: dict[str, Words] = field(default_factory=lambda: {name: Words() for name in EDGE})
    rows: Rows = field(default_factory=lambda: Rows(len(KEYS), np.int64))
    totals: list[pl.DataFrame] = field(default_factory=list)
    met: Meeting = field(default_factory=Meeting)

    def add(self, batch: pl.DataFrame, outcome: Places, subject: Places) -> Places:
        """The tally of each flow; `subject` is its place in the registers, or ABSENT."""
        columns = [*(self.words[name].of(batch[name]) for name in EDGE), outcome]
        key = one_number(columns)
        first, of_flow = distinct(key.astype(np.uint64))
        keys = np.stack([column[first] for column in columns], axis=1)
        numbers = self.rows.number(keys)
        self._count(_totals(batch, of_flow, numbers))
        tally = numbers[of_flow]
        people = np.flatnonzero((batch["subject_id"] != WHOLE_BASE).to_numpy())
        names = batch["subject_id"].gather(people)
        self.met.add(paired(tally[people], self.people.of(names, subject[people])))
        return tally

    def _count(self, totals: pl.DataFrame) -> None:
        """Add some totals; past so many rows for each tally they are added up."""
        self.totals.append(totals)
        if sum(each.height for each in self.totals) > _HELD * max(_FEW, len(self.rows)):
            self.totals = [_by_number(self.totals)]

    def part(self) -> Counted:
        """The tallies met, as another tallying takes them."""
        return Counted(
            words={name: tuple(self.words[name].numbers) for name in EDGE},
            keys=self.rows.all.copy(),
            totals=_by_number(self.totals),
            pairs=self.met.pairs(),
            named=self.people.part(),
        )

    def take(self, counted: Counted, outcomes: Places) -> Places:
        """The number here of each tally of a part, whose outcomes have these numbers."""
        columns = [self.words[name].add(counted.words[name]) for name in EDGE]
        keys = [told[counted.keys[:, place]] for place, told in enumerate([*columns, outcomes])]
        numbers = self.rows.number(np.stack(keys, axis=1))
        own = pl.Series("number", numbers[counted.totals["number"].to_numpy()])
        self._count(counted.totals.with_columns(own))
        people = self.people.take(counted.named)
        met = (numbers[tallies_of(counted.pairs)], people[subjects_of(counted.pairs)])
        self.met.add(paired(*met))
        return numbers

    def settled(self, final: Places) -> Tallied:
        """The tallies under the final numbers of the outcomes, in the order of their key."""
        names = [self._names(name) for name in EDGE]
        ranks = [each.rank("dense").fill_null(0).cast(pl.Int64).to_numpy() for each in names]
        keys = [rank[told] for rank, told in zip(ranks, self.rows.all.T, strict=False)]
        told = one_number([*keys, final[self.rows.all[:, -1]]])
        shown, place = np.unique(told, return_index=True, return_inverse=True)[1:]
        of_tally = pl.Series(place)
        own = [each.gather(key) for each, key in zip(names, self.rows.all[shown].T, strict=False)]
        outcome = pl.Series("outcome", final[self.rows.all[shown, -1]], dtype=pl.UInt32)
        sums = _summed(self.totals, of_tally)
        sums = sums.with_columns(*own, outcome).select("tally", *KEYS, *sums.columns[1:])
        return Tallied(sums, place)

    def whom(self, tallied: Tallied) -> Met:
        """The subjects that the tallies meet."""
        return self.met.met(tallied.place, tallied.sums.height, self.people.ranks)

    def _names(self, column: str) -> pl.Series:
        return pl.Series(column, [*self.words[column].numbers], dtype=pl.String)


@dataclass(frozen=True)
class Tallied:
    """Judgement.tallies but for the examples; the final place of each tally."""

    sums: pl.DataFrame
    place: Places

    def with_examples(self, first: pl.DataFrame) -> pl.DataFrame:
        """Judgement.tallies, told flows of each tally (by place), the first ones among them."""
        kept = fewer(first)
        sizes = np.bincount(kept["tally"].to_numpy(), minlength=self.sums.height)
        examples = listed(kept["flow_id"], sizes)
        told = self.sums.with_columns(examples=examples)
        return told.select(pl.col(name).cast(kind) for name, kind in TALLIES.items())


def first_flows(tally: NDArray[np.uint32], ids: pl.Series, size: int) -> pl.DataFrame:
    """The first flows of each tally, told the tally of each flow and its id, in their order."""
    found = _first_of(tally, size)
    tallies, flow = (np.concatenate(column) for column in zip(*found, strict=True))
    return pl.DataFrame({"tally": tallies, "flow_id": ids.gather(flow)})


def fewer(first: pl.DataFrame) -> pl.DataFrame:
    """The first flows of each tally in order, told those of parts of the flows."""
    ordered = first.sort("tally", "flow_id")
    tally = ordered["tally"].to_numpy()
    place = np.arange(len(tally)) - np.searchsorted(tally, tally)
    return ordered.filter(pl.Series(place < EXAMPLES))


def _first_of(tally: NDArray[np.uint32], size: int) -> list[tuple[Places, Places]]:
    """The first flows of each tally: per rank the tallies that have one, and the flows."""
    found, left = [], np.arange(len(tally))
    for _ in range(EXAMPLES):
        first = np.full(size, ABSENT, dtype=np.int64)
        first[tally[left][::-1]] = left[::-1]
        having = np.flatnonzero(first != ABSENT)
        found.append((having, first[having]))
        taken = np.ones(len(tally), dtype=np.bool_)
        taken[first[having]] = False
        left = left[taken[left]]
    return found


def one_number(columns: Sequence[Places]) -> Places:
    """Columns of small numbers as one number a row."""
    told = columns[0]
    for column in columns[1:]:
        size = int(column.max(initial=0)) + 1
        if (int(told.max(initial=0)) + 1) * size > np.iinfo(np.int64).max:
            told = np.unique(told, return_inverse=True)[1]
        told = told * size + column
    return told


def _totals(batch: pl.DataFrame, of_flow: Places, numbers: Places) -> pl.DataFrame:
    """The flows, records and times of each tally of a batch."""
    told = (
        batch.select(
            "records",
            "occurred_at",
            tally=pl.Series(of_flow),
            whole_base=pl.col("subject_id") == WHOLE_BASE,
        )
        .group_by("tally")
        .agg(
            pl.len().cast(pl.Int64).alias("flows"),
            pl.col("records").fill_null(1).sum(),
            pl.col("whole_base").any(),
            pl.col("occurred_at").min().alias("first_seen"),
            pl.col("occurred_at").max().alias("last_seen"),
        )
    )
    return told.select(pl.Series("number", numbers[told["tally"].to_numpy()]), *list(_TOTALS)[1:])


_TOTALS = pl.Schema(
    {
        "number": pl.Int64(),
        "flows": pl.Int64(),
        "records": pl.Int64(),
        "whole_base": pl.Boolean(),
        "first_seen": INSTANT,
        "last_seen": INSTANT,
    }
)


_SUMMED = list(_TOTALS)[1:]
_SUMS = (
    pl.col("flows", "records").sum(),
    pl.col("whole_base").any(),
    pl.col("first_seen").min(),
    pl.col("last_seen").max(),
)


def _stacked(totals: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=_TOTALS), *totals])


def _by_number(totals: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The totals of all batches by number."""
    return _stacked(totals).group_by("number").agg(*_SUMS).select(list(_TOTALS))


def _summed(totals: Sequence[pl.DataFrame], place: pl.Series) -> pl.DataFrame:
    """The totals of all batches by tally, told the tally of each number."""
    every = _stacked(totals)
    told = every.select(place.gather(every["number"]).cast(pl.UInt32).alias("tally"), *_SUMMED)
    return told.group_by("tally").agg(*_SUMS).sort("tally")
