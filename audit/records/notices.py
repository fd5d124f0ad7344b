"""What was met while a table was read and is worth telling, though it rejects no record."""

from collections import Counter
from collections.abc import Iterable, Mapping

import polars as pl

from audit.problems import Problem
from audit.records.looking import Look, items_of
from audit.records.tables import Table
from audit.vocabulary import Vocabulary


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
        self._unmapped: Counter[tuple[str, str]] = Counter()
        self._naive: Counter[str] = Counter()
        self._of_files: dict[str, Problem] = {}

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

    def notices(self) -> tuple[Problem, ...]:
        """Everything met, in an order that does not depend on that of the records."""
        table = {"table": self._table.name}
        naive = (
            Problem("times-naive", {**table, "column": name, "count": count, "zone": self.zone})
            for name, count in sorted(self._naive.items())
        )
        unmapped = (
            Problem("code-unmapped", {**table, "column": name, "code": code, "count": count})
            for (name, code), count in sorted(self._unmapped.items())
        )
        return (*(self._of_files[told] for told in sorted(self._of_files)), *naive, *unmapped)

    def _count(self, name: str, codes: pl.Series, known: pl.Series) -> None:
        strange = codes.filter(codes.is_not_null() & ~codes.is_in(known.implode())).value_counts()
        self._unmapped.update({(name, code): count for code, count in strange.iter_rows()})
