"""What was met while a table was read and is worth telling, though it rejects no record."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from audit.problems import Problem
from audit.records.looking import Look, items_of
from audit.records.tables import Table
from audit.sources.raw import listed
from audit.vocabulary import WHOLE_BASE, Vocabulary

_TOLD = 20  # unmapped codes of a column


@dataclass(frozen=True)
class Noticed:
    """What was met up to now, as another pass takes it."""

    unmapped: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    naive: Mapping[str, int] = field(default_factory=dict)
    of_files: tuple[Problem, ...] = ()
    of_everybody: int = 0


class Met:
    """Counts over the batches of one table: unmapped codes, times without a zone, file notices."""

    def __init__(self, table: Table, vocabulary: Vocabulary, zone: str) -> None:
        self._table = table
        self.zone = zone
        self._known = {
            column.name: pl.Series([*getattr(vocabulary, column.listing)], dtype=pl.String)
            for column in table.columns
            if column.listing is not None
        }
        self._unmapped: dict[str, Counter[str]] = {}
        self._naive: Counter[str] = Counter()
        self._of_files: dict[str, Problem] = {}
        self._of_everybody = 0

    @property
    def noticed(self) -> Noticed:
        """All that was met."""
        unmapped = {name: dict(counts) for name, counts in self._unmapped.items()}
        of_files = tuple(self._of_files.values())
        return Noticed(unmapped, dict(self._naive), of_files, self._of_everybody)

    def take(self, noticed: Noticed) -> None:
        """Add what another pass met, as if it had been met here."""
        for name, counts in noticed.unmapped.items():
            self._add(name, counts)
        self.in_times(noticed.naive)
        self.in_file(noticed.of_files)
        self._of_everybody += noticed.of_everybody

    def in_file(self, notices: Iterable[Problem]) -> None:
        """Remember what is told of a file, once."""
        self._of_files.update((str(notice), notice) for notice in notices)

    def in_times(self, naive: Mapping[str, int]) -> None:
        """Count, per column, times without a zone."""
        self._naive.update(naive)

    def in_codes(self, frame: pl.DataFrame, looks: Mapping[str, Look]) -> None:
        """Count the unmapped codes of valid records; `looks` are from before these were chosen."""
        for name, known in self._known.items():
            distinct = looks[name].distinct if name in looks else None
            if distinct is None or not distinct.drop_nulls().is_in(known.implode()).all():
                self._count(name, items_of(frame[name]), known)

    def in_subjects(self, subjects: pl.Series) -> None:
        """Count the records that are of the whole customer base."""
        self._of_everybody += int((subjects == WHOLE_BASE).sum())

    def notices(self) -> tuple[Problem, ...]:
        """Everything met, in an order that does not depend on that of the records."""
        table = {"table": self._table.name}
        naive = (
            Problem("times-naive", {**table, "column": name, "count": count, "zone": self.zone})
            for name, count in sorted(self._naive.items())
        )
        unmapped = (problem for name in sorted(self._unmapped) for problem in self._strange(name))
        whole_base = Problem("flows-whole-base", {"count": self._of_everybody})
        everybody = (whole_base,) if self._of_everybody else ()
        of_files = (self._of_files[told] for told in sorted(self._of_files))
        return (*of_files, *naive, *unmapped, *everybody)

    def _strange(self, name: str) -> Iterator[Problem]:
        """The first unmapped codes of a column, by the alphabet, and whether there are more."""
        facts = {"table": self._table.name, "column": name}
        counts = sorted(self._unmapped[name].items())
        for code, count in counts[:_TOLD]:
            yield Problem("code-unmapped", {**facts, "code": listed([code]), "count": count})
        if len(counts) > _TOLD:
            yield Problem("codes-unmapped-more", facts)

    def _count(self, name: str, codes: pl.Series, known: pl.Series) -> None:
        counts = codes.drop_nulls().value_counts().cast({codes.name: pl.String})
        strange = counts.filter(~pl.col(codes.name).is_in(known.implode()))
        if not strange.is_empty():
            self._add(name, dict(strange.iter_rows()))

    def _add(self, name: str, strange: Mapping[str, int]) -> None:
        counts = self._unmapped.setdefault(name, Counter())
        counts.update(strange)
        for code in sorted(counts)[_TOLD + 1 :]:
            del counts[code]  # never again among the first, so their counts stay exact
