"""Cells as an export writes them: ids from numbers, times from seconds on the carrier's clock."""

from datetime import UTC, date, datetime, time

import polars as pl

from tests.benchmarks.dice import Mask, Numbers

DAY = 24 * 3600
_AHEAD, _HOURS_AHEAD = "+08:00", 8


def second(day: date) -> int:
    """The first second of a day."""
    return int(datetime.combine(day, time(), UTC).timestamp())


BEGIN, END = second(date(2025, 1, 1)), second(date(2026, 1, 1))  # the flows occur in this year


def numbered(letter: str, numbers: Numbers) -> pl.Expr:
    """Ids: a letter and ten digits."""
    digits = pl.lit(pl.Series(numbers, dtype=pl.Int64)).cast(pl.String).str.zfill(10)
    return pl.format(letter + "{}", digits)


def told(mask: Mask) -> pl.Expr:
    """A mask as a column."""
    return pl.lit(pl.Series(mask))


def instant(seconds: Numbers) -> pl.Expr:
    """Points in time in ISO 8601, with the offset."""
    return _clock(seconds).dt.strftime(f"%Y-%m-%dT%H:%M:%S{_AHEAD}")


def day(seconds: Numbers) -> pl.Expr:
    """Bare dates in ISO 8601."""
    return _clock(seconds).dt.strftime("%Y-%m-%d")


def typed(seconds: Numbers) -> pl.Expr:
    """Points in time as such."""
    return _clock(seconds - _HOURS_AHEAD * 3600).dt.replace_time_zone("UTC")


def _clock(seconds: Numbers) -> pl.Expr:
    return pl.lit(pl.Series(seconds, dtype=pl.Int64) * 1_000_000).cast(pl.Datetime("us"))
