"""The findings of a run held against those of a baseline: new, worse, known, gone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from audit.findings.finding import FINDINGS, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping


class Since(StrEnum):
    """What became of a finding since the baseline; it is known again by its fingerprint."""

    NEW = "new"
    WORSE = "worse"
    KNOWN = "known"
    GONE = "gone"


# A row per finding of a baseline: by what it is known again, what it rests on, and how much of it
# was accepted. No party and no person is named.
KNOWN = pl.Schema(
    {
        name: FINDINGS[name]
        for name in (
            *("fingerprint", "layer", "verdict", "clause", "severity"),
            *("flows", "subjects", "whole_base", "records"),
        )
    }
)
_COUNTS = ("flows", "subjects", "whole_base", "records")
_RANK = {grade.value: rank for rank, grade in enumerate(Severity)}
_REPORTED = (Since.NEW.value, Since.WORSE.value)


@dataclass(frozen=True)
class Held:
    """The findings of a run as a baseline leaves them.

    run_id: whose findings are the baseline. findings: those of the run in their order, with
    `since` and the counts and severity then as `<name>_then`, null where the finding is new.
    gone: what the baseline had and the run has not, as KNOWN.
    lost: registers of which the baseline's run used rows, and this one none.
    repacked: packs of which the baseline's run had another version.
    """

    run_id: str
    findings: pl.DataFrame
    gone: pl.DataFrame
    lost: tuple[str, ...] = ()
    repacked: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> Mapping[Since, int]:
        """How many findings became what."""
        found = dict(self.findings.group_by("since").len().iter_rows())
        counts = {since: int(found.get(since.value, 0)) for since in Since}
        return counts | {Since.GONE: self.gone.height}

    @property
    def reported(self) -> pl.DataFrame:
        """What is new or worse, in the order of the run."""
        return self.findings.filter(pl.col("since").is_in(_REPORTED))

    def reports(self, *verdicts: str) -> bool:
        """Whether a finding of one of these verdicts is new or worse."""
        return not self.reported.filter(pl.col("verdict").is_in(verdicts)).is_empty()


def held(findings: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The findings with what became of each since, and what is gone; `known` as KNOWN.

    A finding is worse where more flows, people or records are behind it, where it concerns the
    whole customer base and did not, or where it is graver; fewer of the same is known.
    """
    then = known.select(
        "fingerprint",
        pl.col("verdict").alias("verdict_then"),
        pl.col("severity").alias("severity_then"),
        *(pl.col(name).alias(f"{name}_then") for name in _COUNTS),
        there=pl.lit(value=True),
    )
    joined = findings.join(
        then, on="fingerprint", how="left", validate="m:1", maintain_order="left"
    )
    since = (
        pl.when(pl.col("there").is_null())
        .then(pl.lit(Since.NEW.value))
        .when(_worse())
        .then(pl.lit(Since.WORSE.value))
        .otherwise(pl.lit(Since.KNOWN.value))
    )
    told = joined.with_columns(since=since).drop("there", "verdict_then")
    return told, known.join(findings, on="fingerprint", how="anti").sort("fingerprint")


def _worse() -> pl.Expr:
    """More of it or graver; what cannot be compared is worse, too."""
    more = [pl.col(name) > pl.col(f"{name}_then") for name in _COUNTS]
    now, then = (pl.col(name).replace_strict(_RANK) for name in ("severity", "severity_then"))
    other = pl.col("verdict").ne_missing(pl.col("verdict_then"))
    return pl.any_horizontal(*more, now < then, other).fill_null(value=True)
