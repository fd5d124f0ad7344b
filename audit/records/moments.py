"""Points in time from text: one strict spelling, exact to the microsecond, in UTC.

`YYYY-MM-DD`, then `T` or one space, `HH:MM[:SS[.ffffff]]`, then `Z`, `+08:00`, `+0800`, `+08` or
nothing (the zone of the run). A bare date is a day; what it means depends on the column. Anything
else is unreadable, and so are days that do not exist, 24:00 and second 60.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from audit.records.looking import Look
from audit.records.tables import Kind
from audit.sources import zones
from audit.sources.arrows import letters

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
_LOW, _HIGH = "1000-00-00T00:00:00", "8999-19-39T29:59:59"  # at each place of such times
_WIDE = 64
_PROBE = 1000  # texts that tell which tail is common
_FEW = 4  # rows to a distinct time, at least, for reading each once to pay
_SPARSE = 2  # rows to a null, at most, for looking at the others alone to pay
_TEXT = "text"
_DAY_LONG = timedelta(days=1)
_FIRST = datetime.min  # noqa: DTZ901 - the first local time that a year of four digits can tell
_FIRST_MICRO, _LAST_MICRO = -62_135_596_800_000_000, 253_402_300_799_999_999  # the same from 1970
_NO_TIME = pl.DataFrame(
    {INSTANT: [None], NAIVE: [False], BARE: [False]}, schema_overrides={INSTANT: UTC_TIME}
)


def read_times(text: pl.Series, look: Look, kind: Kind, zone: str) -> pl.DataFrame:
    """The points in time that a column means: `instant`, and whether it was `naive` or `bare`.

    `instant` is null where the text is null or unreadable; a bare date is unreadable where the
    kind is an instant, and otherwise 00:00 or 24:00 of the day in the zone of the run.
    """
    if look.distinct is not None and look.places is not None:
        return _of_words(look.distinct, look.places, kind, zone)
    tail = _common_tail(look)
    if tail is not None:
        return _alike(text, tail, zone)
    if _SPARSE * text.null_count() > len(text):
        return _among_nulls(text, kind, zone)
    alike = _mostly_alike(text)
    if alike is None:
        return _several(text, kind, zone)
    rows, tail = alike
    parts = (_alike(text.filter(rows), tail, zone), _several(text.filter(~rows), kind, zone))
    place = np.concatenate([part.arg_true().to_numpy() for part in (rows, ~rows)])
    return pl.concat(parts)[np.argsort(place, kind="stable")]


def end_of(text: str, zone: str) -> datetime | None:
    """The instant that a text means, a bare date its 24:00 in the zone; None where unreadable."""
    instant: datetime | None = _each(pl.Series([text]), Kind.day_end, zone)[INSTANT].item()
    return instant


def _of_words(words: pl.Series, places: pl.Series, kind: Kind, zone: str) -> pl.DataFrame:
    """The times of a column of which the words are known: each is read once."""
    read = read_times(words, Look(), kind, zone).select(pl.all().gather(places))
    return read.with_columns(pl.col(NAIVE, BARE).fill_null(value=False))


def _among_nulls(text: pl.Series, kind: Kind, zone: str) -> pl.DataFrame:
    """The times of a column that is largely null, found without asking the nulls."""
    rows = text.is_not_null().arg_true()
    columns = [column.new_from_index(0, len(text)) for column in _NO_TIME]
    if rows.is_empty():
        return pl.DataFrame(columns)
    read = read_times(text.gather(rows), Look(), kind, zone)
    return pl.DataFrame(column.scatter(rows, read[column.name]) for column in columns)


def _several(text: pl.Series, kind: Kind, zone: str) -> pl.DataFrame:
    """Times of any spelling, each read once where they repeat."""
    distinct = text.unique()
    if distinct.len() * _FEW > text.len():
        return _each(text, kind, zone)
    pairs = _each(distinct, kind, zone).with_columns(distinct.alias(_TEXT))
    joined = (
        text.alias(_TEXT)
        .to_frame()
        .join(pairs, on=_TEXT, how="left", nulls_equal=True, maintain_order="left", validate="m:1")
    )
    return joined.drop(_TEXT)


def _each(text: pl.Series, kind: Kind, zone: str) -> pl.DataFrame:
    usual = text.str.contains(_USUAL).fill_null(False)
    times = _usual(pl.select(pl.when(usual).then(text)).to_series(), zone)
    others = (text.is_not_null() & ~usual).arg_true()
    if others.is_empty():
        return times
    read = _any(text.gather(others), kind, zone)
    return times.select(column.scatter(others, read[column.name]) for column in times)


def typed_times(times: pl.Series, zone: str) -> pl.DataFrame:
    """The same of times that the file itself types; what is finer than 1 µs is unreadable."""
    count = pl.lit(times.to_physical())
    match times.dtype:
        case pl.Datetime(time_unit="ns"):
            micro = pl.when(count % 1000 == 0).then(count // 1000)
        case pl.Datetime(time_unit="ms"):
            within = count.is_between(_FIRST_MICRO // 1000, _LAST_MICRO // 1000)
            micro = pl.when(within).then(count * 1000)
        case _:
            micro = pl.when(count.is_between(_FIRST_MICRO, _LAST_MICRO)).then(count)
    zoned = getattr(times.dtype, "time_zone", None) is not None
    ahead = timedelta() if zoned else None
    return _placed(pl.select(_written(micro.cast(pl.Datetime("us")), _constant(ahead), None)), zone)


def _alike(text: pl.Series, tail: str, zone: str) -> pl.DataFrame:
    """Usual times of the years 1000 to 8999, which no zone leads out of the calendar."""
    local = text.str.to_datetime(_FORMAT + tail, time_unit="us", strict=False, cache=False)
    naive = pl.lit(False) if tail else pl.lit(local.is_not_null())
    instant = zones.in_utc(local, tail or zone)
    return pl.select(instant.alias(INSTANT), naive.alias(NAIVE), pl.lit(False).alias(BARE))


def _usual(text: pl.Series, zone: str) -> pl.DataFrame:
    cell = pl.col(text.name)
    ahead = _ahead(text.str.slice(_TO_THE_SECOND))
    local = _local(cell.str.slice(0, _TO_THE_SECOND), _FORMAT)
    return _placed(text.to_frame().select(_written(local, pl.lit(ahead), None)), zone)


def _any(text: pl.Series, kind: Kind, zone: str) -> pl.DataFrame:
    read = text.str.extract_groups(_ANY).struct.unnest()
    seconds = pl.concat_str("day", pl.lit("T"), _or("clock", "00:00"), _or("second", ":00"))
    fraction = _or("fraction", "0").str.pad_end(6, "0").cast(pl.Int64)
    bare = pl.col("day").is_not_null() & pl.col("clock").is_null()
    until = pl.when(bare & (kind is Kind.day_end)).then(_DAY_LONG).otherwise(timedelta())
    local = _local(seconds, _FORMAT) + pl.duration(microseconds=fraction) + until
    known = pl.when(~bare).then(local) if kind is Kind.instant else local
    ahead = pl.lit(_ahead(read["zone"].fill_null("")))
    return _placed(read.select(_written(known, ahead, bare)), zone)


def _written(local: pl.Expr, ahead: pl.Expr, bare: pl.Expr | None) -> list[pl.Expr]:
    """Times as written: local, how far ahead of UTC (null where not said), and if a bare date."""
    bare = pl.lit(False) if bare is None else bare
    return [local.alias("local"), ahead.alias("ahead"), bare.alias(BARE)]


def _placed(written: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Times as written, as points in time."""
    local, ahead, bare = pl.col("local"), pl.col("ahead"), pl.col(BARE)
    of_run = zones.offset(zone)
    taken = (local - (ahead if of_run is None else ahead.fill_null(of_run))).dt.replace_time_zone(
        "UTC"
    )
    if of_run is None:
        placed = pl.lit(zones.in_utc(written["local"], zone))
        taken = pl.when(ahead.is_null()).then(placed).otherwise(taken)
    whole = pl.when(bare).then(taken.clip(FIRST, LAST)).otherwise(taken)
    known = pl.when(whole.is_between(FIRST, LAST)).then(whole)
    naive = local.is_not_null() & ahead.is_null() & ~bare
    return written.select(known.alias(INSTANT), naive.alias(NAIVE), bare)


def _ahead(tails: pl.Series) -> pl.Series:
    """How far ahead of UTC each written zone is; null where none is written."""
    distinct = sorted({"", *tails.unique().drop_nulls()})
    ahead = pl.Series([zones.offset(tail) for tail in distinct], dtype=pl.Duration("us"))
    return tails.replace_strict(distinct, ahead, default=None, return_dtype=pl.Duration("us"))


def _constant(ahead: timedelta | None) -> pl.Expr:
    return pl.lit(ahead, dtype=pl.Duration("us"))


def _local(text: pl.Expr, written: str) -> pl.Expr:
    read = text.str.to_datetime(written, time_unit="us", strict=False, cache=False)
    return pl.when(read >= _FIRST).then(read)


def _or(field: str, otherwise: str) -> pl.Expr:
    return pl.col(field).fill_null(pl.lit(otherwise))


def _mostly_alike(text: pl.Series) -> tuple[pl.Series, str] | None:
    """Which texts are usual times with the commonest tail, and the tail; None where few are."""
    tails = text.head(_PROBE).str.slice(_TO_THE_SECOND).drop_nulls()
    tail = tails.mode().sort().first() if len(tails) else None
    if not isinstance(tail, str) or (tail and zones.offset(tail) is None):
        return None
    length = _TO_THE_SECOND + len(tail)
    long = (text.str.len_bytes() == length).fill_null(False)
    if 2 * int(long.sum()) < len(text):
        return None
    found = letters(text.filter(long).to_arrow())
    if found.size >= length * _WIDE and _within(*_edges(found, length), tail):
        return long, tail
    rows = found.reshape(-1, length)
    low, high = (np.frombuffer((edge + tail).encode(), np.uint8) for edge in (_LOW, _HIGH))
    usual = long.to_numpy().copy()
    usual[usual] = ((rows >= low) & (rows <= high)).all(axis=1)
    return pl.Series(usual), tail


def _within(lowest: bytes, highest: bytes, tail: str) -> bool:
    """Whether texts between these, place by place, are usual times with the tail."""
    places = zip((_LOW + tail).encode(), lowest, highest, (_HIGH + tail).encode(), strict=True)
    return all(low <= a and b <= high for low, a, b, high in places)


def _common_tail(look: Look) -> str | None:
    """The zone written after each time, where all are usual and have the same; else None.

    Texts of one length are usual times if, place by place, the lowest and highest characters are.
    """
    length = look.lengths[0]
    if look.letters is None or look.lengths != (length, length) or length < _TO_THE_SECOND:
        return None
    lowest, highest = _edges(look.letters, length)
    tail = lowest[_TO_THE_SECOND:].decode("ascii")
    if tail and zones.offset(tail) is None:
        return None
    return tail if _within(lowest, highest, tail) else None


def _edges(letters: npt.NDArray[np.uint8], length: int) -> tuple[bytes, bytes]:
    """The lowest and the highest character of each place, of texts of one length end to end."""
    wide = letters[: letters.size // (length * _WIDE) * length * _WIDE]  # numpy likes wide rows
    rest = letters[wide.size :].reshape(-1, length)
    edges = []
    for edge in (np.min, np.max):
        of_wide = edge(wide.reshape(-1, length * _WIDE), axis=0).reshape(-1, length)
        edges.append(bytes(edge(np.concatenate([of_wide, rest]), axis=0)))
    return edges[0], edges[1]
