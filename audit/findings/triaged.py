"""What was decided about the findings of a run, beside its verdicts, which it never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from audit.problems import Problem


@dataclass(frozen=True)
class Triaged:
    """Where each finding stands on a day, by a log of decisions.

    standings: columns as STANDINGS, a row for each finding, in the same order. head, entries: how
    the log ended. faults: why none of its decisions counts.
    """

    standings: pl.DataFrame
    head: str
    entries: int
    day: date
    faults: tuple[Problem, ...] = ()

    @cached_property
    def suppressed(self) -> pl.Series:
        """The fingerprints of what is set aside."""
        return self.standings.filter("suppressed")["fingerprint"]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many findings are in each state that any is in."""
        return dict(sorted(self.standings["state"].value_counts().iter_rows()))

    def told(self) -> dict[str, Any]:
        """As a manifest keeps it."""
        counted = {"day": self.day.isoformat(), "states": self.counts}
        return {"head": self.head, "entries": self.entries, **counted}
