"""The parties of a run: what each may receive, what it received, and when its contract ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from audit.casework.masking import parties_told, party_meant, register
from audit.casework.roles import Role
from audit.casework.suppression import hidden
from audit.evaluation.judgement import CODES
from audit.vocabulary import ROLE_CARRIER, ROLE_SUBJECT, Truth, covers, load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from audit.casework.roles import Reader
    from audit.casework.workspace import KeptRun

SOON = timedelta(days=90)
REASONS = ("rejected_zh", "rejected_en")  # why a row was rejected, which only officers are told
# What is counted of a party, and what it is where no flow names it.
_COUNTS = {"flows": 0, "subjects": 0, "whole_base": False, "violation": 0, "indeterminate": 0}
_TOLD = ("flows", "subjects", "whole_base", "first_seen", "last_seen")


class Contract(StrEnum):
    """Where a party's contract stands at the last flow of the run, never at today's clock.

    The carrier and its customer need none: they are the two who signed the agreement.
    """

    UNREGISTERED = "unregistered"
    REJECTED = "rejected"
    OWN = "own"
    ENDED = "ended"
    ENDING = "ending"
    COMING = "coming"
    UNDATED = "undated"
    RUNNING = "running"


def last_flow(run: KeptRun) -> datetime | None:
    """When the last flow of the run occurred; None where there is none."""
    edges = pl.scan_parquet(run.file("edges.parquet"), glob=False)
    found: datetime | None = edges.select(pl.col("last_seen").max()).collect().item()
    return found


def parties_of(run: KeptRun, reader: Reader) -> pl.DataFrame:
    """A row per party, registered or met, sorted by party_id.

    Beside the register's columns and why its row was rejected (rejected_zh, rejected_en; for
    officers): received_*, sent_* (flows, subjects, whole_base, violation,
    indeterminate; null where the reader may not see them), last_received (null likewise), contract
    (as Contract), after_end (it received after its contract had ended), excess and unclear
    (categories received that its list of necessary data does not cover, or perhaps does not).
    """
    table = register(run)
    for side, name in (("recipient", "received"), ("sender", "sent")):
        counted = _counts(run, side, name)
        table = table.join(counted, on="party_id", how="left", validate="1:1")
        counts = [pl.col(f"{name}_{count}").fill_null(none) for count, none in _COUNTS.items()]
        table = table.with_columns(counts)
    table = table.with_columns(contract=_contract(last_flow(run)), after_end=_after_end())
    for name in ("received", "sent"):
        told = {count: f"{name}_{count}" for count in _COUNTS} | {"last_seen": f"last_{name}"}
        table = _suppressed(table, reader, told, ((), ("role",)))
    if not reader.may(Role.officer):  # a reason may quote what the row said
        table = table.with_columns(pl.lit(None, pl.String).alias(name) for name in REASONS)
    table = table.join(_beyond(run), on="party_id", how="left", validate="1:1").with_columns(
        pl.col("excess", "unclear").fill_null([])
    )
    return parties_told(run, reader, table, "party_id").sort("party_id")


def received_by(run: KeptRun, party_id: str, reader: Reader) -> pl.DataFrame:
    """What the party received, a row per data category, sorted by it.

    data_category, flows, subjects (as many at least: those of its largest edge), whole_base,
    first_seen, last_seen, necessary (true, false, unknown: whether its contract's list covers the
    category).
    Counts and dates that the reader may not see are null.
    """
    party = party_meant(run, reader, party_id)
    told = _received(run).filter(pl.col("party_id") == party).drop("party_id")
    table = _judged(told.collect()).sort("data_category")
    return _suppressed(table, reader, {name: name for name in _TOLD})


def _counts(run: KeptRun, side: str, name: str) -> pl.DataFrame:
    counts = pl.scan_parquet(run.file("party_counts.parquet"), glob=False)
    return (
        counts.filter(pl.col("side") == side)
        .select(
            "party_id",
            *(pl.col(count).alias(f"{name}_{count}") for count in _COUNTS),
            pl.col("last_seen").alias(f"last_{name}"),
        )
        .collect()
    )


def _suppressed(
    table: pl.DataFrame,
    reader: Reader,
    counts: Mapping[str, str],
    totals: Sequence[Sequence[str]] = ((),),
) -> pl.DataFrame:
    """The table without what tells of few people, where a viewer asks; `counts` says its names.

    `totals` names the columns by which their sums are told elsewhere.
    """
    if reader.may(Role.officer):
        return table
    people = {each: pl.col(counts[each]) for each in ("subjects", "whole_base")}
    few = hidden(table.with_columns(**people), totals)
    return table.with_columns(
        pl.when(~few).then(pl.col(name)).alias(name) for name in counts.values()
    )


def _contract(now: datetime | None) -> pl.Expr:
    """Where the contract stands at `now`; an end is the first instant that is outside."""
    start, end, instant = pl.col("agreement_from"), pl.col("agreement_until"), pl.lit(now)
    return (
        pl.when(pl.col("rejected_zh").is_not_null())
        .then(pl.lit(Contract.REJECTED.value))
        .when(~pl.col("registered"))
        .then(pl.lit(Contract.UNREGISTERED.value))
        .when(pl.col("role").is_in([ROLE_CARRIER, ROLE_SUBJECT]))
        .then(pl.lit(Contract.OWN.value))
        .when(end <= instant)
        .then(pl.lit(Contract.ENDED.value))
        .when(end <= instant + SOON)
        .then(pl.lit(Contract.ENDING.value))
        .when(start > instant)
        .then(pl.lit(Contract.COMING.value))
        .when(start.is_null())
        .then(pl.lit(Contract.UNDATED.value))
        .otherwise(pl.lit(Contract.RUNNING.value))
    )


def _after_end() -> pl.Expr:
    return (pl.col("last_received") >= pl.col("agreement_until")).fill_null(False)


def _received(run: KeptRun) -> pl.LazyFrame:
    """Per party and data category; a flow has one edge per category, so flows add up exactly."""
    edges = pl.scan_parquet(run.file("edges.parquet"), glob=False)
    lists = pl.scan_parquet(run.file("parties.parquet"), glob=False).select(
        "party_id", listed="data_categories"
    )
    return (
        edges.group_by(party_id="recipient", data_category="data_category")
        .agg(
            pl.col("flows").sum(),
            pl.col("subjects").max(),
            pl.col("whole_base").any(),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
        )
        .join(lists, on="party_id", how="left", validate="m:1")
    )


def _judged(told: pl.DataFrame) -> pl.DataFrame:
    """The table with `necessary` instead of `listed`: whether the list covers the category."""
    tree = load_vocabulary().categories
    asked = told.select("data_category", "listed").rows()
    words = [covers(tree, category, listed).name.lower() for category, listed in asked]
    return told.drop("listed").with_columns(pl.Series("necessary", words, pl.String()))


def _beyond(run: KeptRun) -> pl.DataFrame:
    """Per party with a list of necessary data: the categories received that it does not cover."""
    told = _received(run).filter(pl.col("listed").is_not_null()).sort("data_category")
    category, necessary = pl.col("data_category"), pl.col("necessary")
    return (
        _judged(told.collect())
        .group_by("party_id")
        .agg(
            category.filter(necessary == Truth.FALSE.name.lower()).alias("excess"),
            category.filter(necessary == Truth.UNKNOWN.name.lower()).alias("unclear"),
        )
        .cast({"excess": CODES, "unclear": CODES})
    )
