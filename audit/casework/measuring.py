"""How many flows went when, between whom and with which verdict, counted in the journal."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import polars as pl

from audit.casework.journal import Journal, journal_of
from audit.casework.naming import EVERYBODY
from audit.casework.roles import Reader, Role
from audit.casework.suppression import suppressed
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Layer
from audit.records.moments import FIRST, LAST
from audit.sources.zones import offset


class By(StrEnum):
    """How long the steps of a timeline are."""

    day = "day"
    month = "month"


_EVERY = {By.day: "1d", By.month: "1mo"}


def timeline(
    run: KeptRun, reader: Reader, by: By = By.day, layer: Layer | None = None
) -> pl.DataFrame:
    """When how many flows had which verdict, sorted by time.

    at (Date: the day, or the first of the month, in the run's zone), verdict (without a layer the
    worst of them), flows, subjects, whole_base, records, first_seen, last_seen, suppressed.
    """
    journal = journal_of(run)
    zone = str(run.manifest["options"]["timezone"])
    rows = journal.flows.with_columns(at=local(zone).dt.truncate(_EVERY[by]).dt.date())
    told = _counted(rows, journal, ("at", _verdict(layer)))
    told = told.with_columns(month=pl.col("at").dt.truncate("1mo"))
    return suppressed(told, reader, _SUMS_OF_TIMES).drop("month").sort("at", "verdict")


_SUMS_OF_TIMES = (("verdict",), ("at",), ("month", "verdict"))


def sankey(run: KeptRun, reader: Reader, layer: Layer | None = None) -> pl.DataFrame:
    """From which role to which for what, sorted.

    sender_role, recipient_role (null: not registered), purpose, verdict, flows, subjects, records,
    first_seen, last_seen, suppressed.
    """
    journal = journal_of(run)
    keys = ("sender_role", "recipient_role", "purpose", _verdict(layer))
    told = _counted(journal.flows, journal, keys, _with_roles(run, journal.shapes))
    return suppressed(told, reader, _SUMS_OF_STREAMS).sort(told.columns[:4])


_SUMS_OF_STREAMS = (
    *(("verdict",), ("recipient_role", "verdict"), ("purpose", "verdict")),
    ("sender_role", "recipient_role", "purpose"),
)


def edges_between(
    run: KeptRun, reader: Reader, since: datetime | None = None, until: datetime | None = None
) -> pl.DataFrame:
    """The edges of a period, from `since` to before `until`, exactly counted and sorted.

    sender, recipient, verdict (the worst of the layers), flows, subjects, whole_base, records,
    first_seen, last_seen. Raises NotAllowed for a viewer: periods a day apart would tell of single
    people.
    """
    reader.needs(Role.officer)
    journal = journal_of(run)
    at = pl.col("occurred_at")
    within = journal.flows.filter(at >= (since or FIRST), at < (until or LAST))
    keys = ("sender", "recipient", _verdict(None))
    return _counted(within, journal, keys).sort("sender", "recipient", "verdict")


def span(run: KeptRun) -> tuple[datetime, datetime] | None:
    """When the first and the last flow of the run occurred; None where there is none."""
    at = pl.col("occurred_at")
    flows = journal_of(run).flows.select(first=at.min(), last=at.max()).collect()
    first, last = flows.row(0)
    return None if first is None else (first, last)


def local(zone: str) -> pl.Expr:
    """occurred_at as the clocks of the zone showed it."""
    at, ahead = pl.col("occurred_at"), offset(zone)
    if ahead is not None:
        return (at + ahead).dt.replace_time_zone(None)
    return at.dt.convert_time_zone(zone).dt.replace_time_zone(None)


def _verdict(layer: Layer | None) -> str:
    return f"{layer}_verdict" if layer else "overall"


def _counted(
    rows: pl.LazyFrame, journal: Journal, keys: Sequence[str], shapes: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The rows counted by the keys, of which the last is the verdict; records null counts as one.

    Few shapes and sayings stand for many flows: what they share is counted before it is spelled.
    """
    known = journal.shapes if shapes is None else shapes
    of_shape = [name for name in keys if name in known.columns]
    return (
        rows.join(_brief(known, of_shape).lazy(), on="shape", how="left", validate="m:1")
        .join(_brief(journal.said, keys[-1:]).lazy(), on="said", how="left", validate="m:1")
        .rename({keys[-1]: "verdict"})
        .group_by(*keys[:-1], "verdict")
        .agg(
            pl.len().cast(pl.Int64).alias("flows"),
            *named_and_whole(pl.col("person") == EVERYBODY, pl.col("person")),
            records=pl.col("records").fill_null(1).sum(),
            first_seen=pl.col("occurred_at").min(),
            last_seen=pl.col("occurred_at").max(),
        )
        .filter(pl.col("verdict").is_not_null())
        .with_columns(pl.col(pl.Categorical).cast(pl.String))
        .collect()
    )


def named_and_whole(everybody: pl.Expr, person: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """How many people flows name (subjects), and whether the whole customer base is concerned."""
    whole = everybody.any()
    return (person.n_unique() - whole).cast(pl.Int64).alias("subjects"), whole.alias("whole_base")


def _brief(table: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The numbers with these columns, which are compared as numbers from here on."""
    return table.select(table.columns[0], pl.col(columns).cast(pl.Categorical))


def _with_roles(run: KeptRun, shapes: pl.DataFrame) -> pl.DataFrame:
    """The shapes with the roles of both ends, as the run's register had them."""
    parties = pl.read_parquet(run.file("parties.parquet"), glob=False)
    for end in ("sender", "recipient"):
        roles = parties.select(pl.col("party_id").alias(end), pl.col("role").alias(f"{end}_role"))
        shapes = shapes.join(roles, on=end, how="left", validate="m:1", maintain_order="left")
    return shapes
