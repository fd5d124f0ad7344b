"""Points in time: one strict spelling, exact to the microsecond."""

import random
import re
from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest

from audit.problems import UsageRefused
from audit.records.looking import Look, look_at
from audit.records.moments import read_times, typed_times
from audit.records.tables import Kind
from audit.sources import zones

CHINA = "+08:00"
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
SPELT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)


def by_python(text: str, kind: Kind, ahead: timedelta) -> datetime | None:
    """The same with nothing but the standard library."""
    spelt = SPELT.fullmatch(text)
    if spelt is None or (spelt[2] is None and kind is Kind.instant):
        return None
    day, clock, second, fraction, zone = spelt.groups()
    written = None if zone is None else zones.offset(zone)
    if zone is not None and written is None:
        return None
    try:
        local = datetime.combine(date.fromisoformat(day), datetime.min.time())
        hours, minutes = map(int, (clock or "00:00").split(":"))
        local = local.replace(hour=hours, minute=minutes, second=int(second or 0))
    except ValueError:
        return None
    local += timedelta(microseconds=int((fraction or "0").ljust(6, "0")))
    longer = timedelta(days=int(clock is None and kind is Kind.day_end))
    shift = longer - (ahead if written is None else written)
    try:
        return (local + shift).replace(tzinfo=UTC)
    except OverflowError:
        return None if clock is not None else FIRST if local.year == 1 else LAST


def instants(texts: list[str], kind: Kind, zone: str = CHINA) -> list[datetime | None]:
    column = pl.Series("a", texts, pl.String)
    read = read_times(column, look_at(column), kind, zone)
    assert read.schema["instant"] == pl.Datetime("us", "UTC")
    return read["instant"].to_list()


def spelt_at_random(dice: random.Random) -> str:
    days = ["2024-02-29", "2023-02-29", "0001-01-01", "9999-12-31", "0000-12-31", "2025-12-31"]
    clocks = ["", "", "00:00", "23:59:59", "08:30:15.1", "08:30:15.123456", "24:00", "08:60"]
    tails = ["", "", "Z", "+08:00", "-0530", "+14", "+24:00", "-23:59"]
    clock = dice.choice(clocks)
    text = dice.choice(days) + (dice.choice("TT ") + clock + dice.choice(tails) if clock else "")
    if dice.random() < 0.3:
        place = dice.randrange(len(text))
        text = text[:place] + dice.choice("0123456789-:TZ+. ") + text[place + 1 :]
    return text


@pytest.mark.parametrize("kind", [Kind.instant, Kind.day_start, Kind.day_end])
@pytest.mark.parametrize("zone", [CHINA, "-05:30", "Z"])
def test_every_spelling_means_what_the_standard_library_says(kind: Kind, zone: str) -> None:
    dice = random.Random(str(kind))
    texts = [spelt_at_random(dice) for _ in range(4000)]
    ahead = zones.offset(zone)
    assert ahead is not None
    expected = [by_python(text, kind, ahead) for text in texts]
    assert instants(texts, kind, zone) == expected
    assert expected.count(None) < 3500


@pytest.mark.parametrize("tail", ["", "Z", "+08:00", "-0530", "+08"])
def test_columns_of_one_shape_take_the_short_way_to_the_same(tail: str) -> None:
    dice = random.Random(tail)
    texts = [
        f"{dice.randint(1000, 8999)}-{dice.randint(1, 12):02}-{dice.randint(1, 31):02}"
        f"T{dice.randint(0, 29):02}:{dice.randint(0, 59):02}:{dice.randint(0, 59):02}{tail}"
        for _ in range(3000)
    ]
    column = pl.Series("a", texts)
    look = look_at(column)
    assert look.letters is not None
    short = read_times(column, look, Kind.instant, CHINA)
    assert short.equals(read_times(column, Look(), Kind.instant, CHINA))
    assert short["instant"].to_list() == [
        by_python(text, Kind.instant, timedelta(hours=8)) for text in texts
    ]
    assert (short["naive"] == short["instant"].is_not_null()).all() if not tail else True


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2025-03-01",
            "2025-3-1T08:00",
            "2025/03/01 08:00",
            "2025-03-01T8:00",
            "20250301T080000Z",
        ),
        *("2025-03-01T08:00:00.1234567Z", "2025-03-01T08:00.5Z", "2025-03-01T08", "2025-03-01T"),
        *("2025-03-01T08:00:60Z", "2025-03-01T24:00:00Z", "2025-02-30T08:00Z", "2025-03-01t08:00Z"),
        *("2025-03-01T08:00:00z", "2025-03-01  08:00", "２０25-03-01T08:00", "2025-03-01T08:00+8"),
        *("2025-03-01T08:00:00Z ", "2025-03-01T08:00:00+08:0", "2025-03-01T08:00:00 +08:00", "now"),
    ],
)
def test_anything_else_is_unreadable(text: str) -> None:
    assert instants([text], Kind.instant) == [None]


def test_naive_and_bare_are_told_apart() -> None:
    column = pl.Series("a", ["2025-03-01T08:00", "2025-03-01", "2025-03-01T08:00Z", None, "x"])
    read = read_times(column, look_at(column), Kind.day_end, CHINA)
    assert read["naive"].to_list() == [True, False, False, False, False]
    assert read["bare"].to_list() == [False, True, False, False, False]
    assert read["instant"].to_list() == [
        datetime(2025, 3, 1, tzinfo=UTC),
        datetime(2025, 3, 1, 16, tzinfo=UTC),
        datetime(2025, 3, 1, 8, tzinfo=UTC),
        None,
        None,
    ]


def test_a_clock_that_skips_or_repeats_an_hour_leaves_it_unreadable() -> None:
    texts = ["2025-03-30T02:30", "2025-10-26T02:30", "2025-10-26T02:30+02:00", "2025-07-01T02:30"]
    assert instants(texts, Kind.instant, "Europe/Berlin") == [
        None,
        None,
        datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
        datetime(2025, 7, 1, 0, 30, tzinfo=UTC),
    ]


def test_typed_times_are_exact_or_unreadable() -> None:
    fine = pl.Series([1_000, 1_001, None], dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
    assert typed_times(fine, CHINA)["instant"].to_list() == [
        datetime(1970, 1, 1, microsecond=1, tzinfo=UTC),
        None,
        None,
    ]
    local = pl.Series([datetime(2025, 3, 1, 8)], dtype=pl.Datetime("ms"))  # noqa: DTZ001
    read = typed_times(local, CHINA)
    assert read["instant"].to_list() == [datetime(2025, 3, 1, tzinfo=UTC)]
    assert read["naive"].to_list() == [True]
    far = pl.Series([2**62, -(2**62)], dtype=pl.Int64).cast(pl.Datetime("ms"))
    assert typed_times(far, CHINA)["instant"].to_list() == [None, None]


def test_zones() -> None:
    assert zones.offset("+0530") == timedelta(hours=5, minutes=30)
    assert zones.offset("Asia/Shanghai") is None
    assert zones.checked("Asia/Shanghai") == "Asia/Shanghai"
    assert zones.zone_of("-08") == timezone(timedelta(hours=-8))
    for zone in ("Mars", "+25:00", "8", ""):
        with pytest.raises(UsageRefused):
            zones.checked(zone)
