"""Points in time from text: one strict spelling, exact to the microsecond, in UTC.

`YYYY-MM-DD`, then `T` or one space, `HH:MM[:SS[.ffffff]]`, then `Z`, `+08:00`, `+0800`, `+08` or
nothing (the zone of the run). A bare date is a day; what it means depends on the column. Anything
else is unreadable, and so are days that do not exist, 24:00 and second 60.
"""

from datetime import UTC, datetime, timedelta

import polars as pl

from audit.records.tables import Kind
from audit.sources import zones

UTC_TIME = pl.Datetime("us", "UTC")
FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
INSTANT, NAIVE, BARE = "instant", "naive", "bare"  # the columns of what is read

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_USUAL = rf"^{_DAY}T{_CLOCK}:[0-5][0-9](?:{zones.OFFSET_PATTERN})?$"
_ANY = (
    rf"^(?<day>{_DAY})(?:[T ](?<clock>{_CLOCK})(?:(?<second>:[0-5][0-9])"
    rf"(?:\.(?<fraction>[0-9]{{1,6}}))?)?(?<zone>{zones.OFFSET_PATTERN})?)?$"
)
_TO_THE_SECOND = 19  # characters of a usual time before its zone
_FORMAT = "%Y-%m-%dT%H:%M:%S"
_DAY_LONG = timedelta(days=1)
_FIRST = datetime.min  # noqa: DTZ901 - the first local time that a year of four digits can tell
_FIRST_MICRO, _LAST_MICRO = -62_135_596_800_000_000, 253_402_300_799_999_999  # the same from 1970


def read_times(text: pl.Series, kind: Kind, zone: str) -> pl.DataFrame:
    """The points in time that a column means: `instant`, and whether it was `naive` or `bare`.

    `instant` is null where the text is null or unreadable; a bare date is unreadable where the
    kind is an instant, and otherwise 00:00 or 24:00 of the day in the zone of the run.
    """
    usual = text.str.contains(_USUAL).fill_null(False)
    if usual.all():
        return _usual(text, zone)
    times = _usual(pl.select(pl.when(usual).then(text)).to_series(), zone)
    others = (text.is_not_null() & ~usual).arg_true()
    read = _any(text.gather(others), kind, zone)
    return times.select(column.scatter(others, read[column.name]) for column in times)


def typed_times(times: pl.Series, zone: str) -> pl.DataFrame:
    """The same of times that the file itself types; what is finer than 1 µs is unreadable."""
    count = pl.lit(times.to_physical())
    match times.dtype:
        case pl.Datetime(time_unit="ns"):
            micro = pl.when(count % 1000 == 0).then(count // 1000)
        case pl.Datetime(time_unit="ms"):
            micro = pl.when(count.is_between(_FIRST_MICRO // 1000, _LAST_MICRO // 1000)).then(
                count * 1000
            )
        case _:
            micro = pl.when(count.is_between(_FIRST_MICRO, _LAST_MICRO)).then(count)
    anywhere = getattr(times.dtype, "time_zone", None) is None
    written = pl.select(
        local=micro.cast(pl.Datetime("us")),
        tail=pl.lit("" if anywhere else "Z"),
        bare=pl.lit(False),
    )
    return _placed(written, zone)


def _usual(text: pl.Series, zone: str) -> pl.DataFrame:
    column = pl.col(text.name)
    written = text.to_frame().select(
        _local(column.str.slice(0, _TO_THE_SECOND)).alias("local"),
        column.str.slice(_TO_THE_SECOND).alias("tail"),
        pl.lit(False).alias("bare"),
    )
    return _placed(written, zone)


def _any(text: pl.Series, kind: Kind, zone: str) -> pl.DataFrame:
    seconds = pl.concat_str("day", pl.lit("T"), _or("clock", "00:00"), _or("second", ":00"))
    fraction = _or("fraction", "0").str.pad_end(6, "0").cast(pl.Int64)
    bare = pl.col("day").is_not_null() & pl.col("clock").is_null()
    until = pl.when(bare & (kind is Kind.day_end)).then(_DAY_LONG).otherwise(timedelta())
    read = text.str.extract_groups(_ANY).struct.unnest()
    written = read.select(
        _local(seconds).alias("local") + pl.duration(microseconds=fraction) + until,
        _or("zone", "").alias("tail"),
        bare.alias("bare"),
    )
    if kind is Kind.instant:
        written = written.with_columns(pl.when(~pl.col("bare")).then("local").alias("local"))
    return _placed(written, zone)


def _placed(written: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Local times (`local`) and the zone written after each (`tail`) as points in time."""
    instant = _anywhere(written, zone) if zones.offset(zone) is None else _offset(written, zone)
    whole = pl.when("bare").then(instant.clip(FIRST, LAST)).otherwise(instant)
    known = pl.when(whole.is_between(FIRST, LAST)).then(whole)
    naive = pl.col("local").is_not_null() & (pl.col("tail") == "") & ~pl.col("bare")
    return written.select(known.alias(INSTANT), naive.alias(NAIVE), pl.col("bare").alias(BARE))


def _offset(times: pl.DataFrame, zone: str) -> pl.Expr:
    """Local times with their offsets taken off; where none is written, that of the run."""
    tails = sorted({"", *times["tail"].unique().drop_nulls()})
    ahead = pl.Series([zones.offset(tail or zone) for tail in tails], dtype=pl.Duration("us"))
    taken_off = pl.col("local") - pl.col("tail").replace_strict(tails, ahead, default=None)
    return taken_off.dt.replace_time_zone("UTC")


def _anywhere(times: pl.DataFrame, zone: str) -> pl.Expr:
    """The same where the zone of the run is a name, whose offset changes over the year."""
    placed = zones.in_utc(times["local"], zone)
    return pl.when(pl.col("tail") == "").then(placed).otherwise(_offset(times, "Z"))


def _local(text: pl.Expr) -> pl.Expr:
    read = text.str.to_datetime(_FORMAT, time_unit="us", strict=False, cache=False)
    return pl.when(read >= _FIRST).then(read)


def _or(field: str, otherwise: str) -> pl.Expr:
    return pl.col(field).fill_null(pl.lit(otherwise))
