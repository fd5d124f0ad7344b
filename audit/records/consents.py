"""Valid consents made ready: when each ends, until when it settles, what it allows or forbids."""

from datetime import datetime, timedelta

import polars as pl

from audit.problems import Problem
from audit.records.moments import LAST
from audit.records.reading import bare_in

_MICROSECOND = timedelta(microseconds=1)
_CHINA = timedelta(hours=8)
_ALLOW = "allow"
_AGREEMENT = "agreement"
_COLUMNS = (
    *("consent_id", "subject_id", "document", "version", "recipient", "purposes"),
    *("data_categories", "kind", "given_at", "withdrawn_at", "ends_at", "settles_until", "effect"),
)


def ready(valid: pl.DataFrame) -> pl.DataFrame:
    """Valid consents with `ends_at`, `settles_until` and a filled `effect`.

    `ends_at` is the earlier of withdrawal and expiry, null where open. `settles_until` is the end
    of the calendar month (+08:00) after the one in which the row ended (the month of settling,
    第六条(二)). A bare expiry date means 24:00 of its day, and the row ended in the month of that
    day; where such an expiry and a withdrawal meet, so does the row.
    """
    withdrawn, expires = pl.col("withdrawn_at"), pl.col("expires_at")
    first = (withdrawn.is_null() | (expires <= withdrawn)) & pl.col(bare_in("expires_at"))
    ended = pl.when(first).then(expires - _MICROSECOND).otherwise("ends_at")
    return (
        valid.with_columns(ends_at=pl.min_horizontal(withdrawn, expires))
        .with_columns(settles_until=_second_month_after(ended))
        .with_columns(pl.col("effect").fill_null(_ALLOW))
        .select(_COLUMNS)
    )


def withdrawn(consents: pl.DataFrame, rows: pl.Expr, at: datetime) -> pl.DataFrame:
    """Ready consents, those rows withdrawn at this instant unless they had ended before."""
    ended = pl.lit(at, pl.Datetime("us", "UTC"))
    sooner = rows & (pl.col("ends_at").is_null() | (ended < pl.col("ends_at")))
    told = {"ends_at": ended, "settles_until": _second_month_after(ended)}
    return consents.with_columns(
        pl.when(sooner).then(new).otherwise(name).alias(name) for name, new in told.items()
    )


def _second_month_after(moment: pl.Expr) -> pl.Expr:
    """The first instant, in China, of the second month after the one of this moment."""
    month = (moment + _CHINA).dt.truncate("1mo")
    return (month.dt.offset_by("2mo") - _CHINA).clip(upper_bound=LAST)


def hollow_notice(consents: pl.DataFrame) -> tuple[Problem, ...]:
    """A warning of allow rows that cover nothing: no base agreement, and purposes or data null."""
    base = (pl.col("kind") == _AGREEMENT) & pl.all_horizontal(
        pl.col("recipient", "purposes", "data_categories").is_null()
    )
    hollow = pl.any_horizontal(pl.col("purposes", "data_categories").is_null())
    found = consents.filter((pl.col("effect") == _ALLOW) & ~base & hollow)
    if found.is_empty():
        return ()
    example = str(found["consent_id"].min())
    return (Problem("consents-hollow", {"count": found.height, "example": example}),)


def unregistered_recipients(
    consents: pl.DataFrame, parties: pl.Series, roles: tuple[str, ...]
) -> tuple[str, ...]:
    """The recipients that consents name and that are neither a role nor a registered party."""
    named = consents["recipient"].drop_nulls().unique().sort()
    return tuple(named.filter(~named.is_in(roles) & ~named.is_in(parties.implode())))
