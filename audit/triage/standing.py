"""Where every finding of a run stands, beside its verdict, which no decision changes.

Pure: findings, log, earlier runs and a day in, states out. A decision counts only where all of it
can be read and holds today; anything else returns the finding to open, and says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from audit.clauses.clause import Verdict
from audit.findings.finding import STANDINGS
from audit.triage.approving import Demand, needs_approver
from audit.triage.covering import decided
from audit.triage.history import Earlier, gone_and_back
from audit.triage.ledger import Entry, Log
from audit.triage.state import ATTESTED, SUPPRESSING, State

_LISTED = ("evidence",)
_FACTS = {
    "entry": pl.Int64(),
    "decided": pl.String(),
    "lacking": pl.String(),
    "author": pl.String(),
    "approver": pl.String(),
    "until": pl.Date(),
    "reason": pl.String(),
    "evidence": pl.List(pl.String()),
    "at": pl.Datetime("us", "UTC"),
    "decided_in": pl.String(),
}


class Why(StrEnum):
    """Why a decision about a finding does not count."""

    LOG_BROKEN = "log_broken"
    MALFORMED = "malformed"
    EXPIRED = "expired"
    NO_APPROVER = "no_approver"
    NOT_INDETERMINATE = "not_indeterminate"
    CAME_BACK = "came_back"
    BEYOND = "beyond"


@dataclass(frozen=True)
class Background:
    """What decisions are held against.

    run_id: the run looked at. earlier: the runs before it, oldest first. day: the day on which a
    decision must still hold.
    """

    run_id: str
    day: date
    demands: tuple[Demand, ...] = ()
    earlier: Sequence[Earlier] = ()


def standings(findings: pl.DataFrame, log: Log, background: Background) -> pl.DataFrame:
    """The effective state of each finding, in the order given; columns as STANDINGS."""
    placed = decided(findings, log.entries)
    facts = _facts(log.entries)
    asked = findings.select("fingerprint", "verdict", needs=needs_approver(background.demands))
    gone = gone_and_back(findings["fingerprint"], background.earlier)
    return (
        asked.hstack(placed.select("entry", "beyond"))
        .hstack(gone.select("gone_in"))
        .join(facts, on="entry", how="left", validate="m:1", maintain_order="left")
        .with_columns(gone_since=_gone_since(background))
        .with_columns(why=_why(background.day, broken=bool(log.faults)))
        .with_columns(state=_state())
        .with_columns(suppressed=pl.col("state").is_in([*SUPPRESSING]))
        .select(STANDINGS.names())
        .cast(STANDINGS)
    )


def _facts(entries: Sequence[Entry]) -> pl.DataFrame:
    """A row per entry with what it says; of one that is no decision only its number."""
    rows = []
    for entry in entries:
        told = entry.decision
        rows.append(
            {
                "entry": entry.sequence,
                "lacking": entry.lacking,
                "at": entry.at,
                "decided": told and told.state.value,
                "author": told and told.author,
                "approver": told and told.approver,
                "until": told and told.until,
                "reason": told and told.reason,
                "evidence": [*told.evidence] if told else [],
                "decided_in": told and told.run,
            }
        )
    return pl.DataFrame(rows, schema=_FACTS, orient="row")


def _gone_since(background: Background) -> pl.Expr:
    """Whether the finding was gone in a run after the one in which it was decided.

    Of a decision made in a run that is not known, nobody can tell: it was.
    """
    places = {run.run_id: number for number, run in enumerate(background.earlier)}
    places[background.run_id] = len(places)
    made = pl.col("decided_in").replace_strict(places, default=-1, return_dtype=pl.Int64)
    return (pl.col("gone_in") > made).fill_null(value=False)


def _why(day: date, *, broken: bool) -> pl.Expr:
    """Why what was decided does not count, the gravest reason first; null where it does."""
    some = pl.col("entry").is_not_null()
    suppresses = pl.col("decided").is_in([*SUPPRESSING])
    attests = pl.col("decided").is_in([*ATTESTED])
    indeterminate = pl.col("verdict").eq_missing(pl.lit(Verdict.INDETERMINATE.value))
    reasons = {
        Why.LOG_BROKEN: pl.lit(value=broken),
        Why.MALFORMED: some & pl.col("decided").is_null(),
        Why.EXPIRED: some & (pl.col("until") < day),
        Why.NO_APPROVER: suppresses & pl.col("needs") & pl.col("approver").is_null(),
        Why.NOT_INDETERMINATE: attests & ~indeterminate,
        Why.CAME_BACK: some & pl.col("gone_since"),
        Why.BEYOND: pl.col("beyond"),
    }
    told = [
        pl.when(holds.fill_null(value=False)).then(pl.lit(why.value))
        for why, holds in reasons.items()
    ]
    return pl.coalesce(told)


def _state() -> pl.Expr:
    """What was decided where it counts; else open, or reopened where it had been gone."""
    counts = pl.col("why").is_null() & pl.col("decided").is_not_null()
    back = pl.col("gone_in").is_not_null() & (
        pl.col("decided").is_null() | pl.col("why").eq(Why.CAME_BACK.value)
    )
    return (
        pl.when(counts)
        .then("decided")
        .when(back.fill_null(value=False))
        .then(pl.lit(State.REOPENED.value))
        .otherwise(pl.lit(State.OPEN.value))
    )
