"""Time zones as people write them: a fixed offset, or a name such as Asia/Shanghai."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import polars as pl
from polars.exceptions import ComputeError

from audit.problems import Problem, UsageRefused

_OFFSET = re.compile(r"([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?")
OFFSET_PATTERN = r"Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?"


def offset(zone: str) -> timedelta | None:
    """How far ahead of UTC a fixed offset is (`Z`, `+08:00`, `+0800`, `+08`); None for a name."""
    if zone in {"Z", "UTC"}:
        return timedelta()
    written = _OFFSET.fullmatch(zone)
    if written is None:
        return None
    sign, hours, minutes = written.groups()
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return -ahead if sign == "-" else ahead


def checked(zone: str) -> str:
    """The zone, or UsageRefused where it is neither an offset nor a known name."""
    if offset(zone) is None and not _is_name(zone):
        raise UsageRefused(Problem("zone-unknown", {"zone": zone}))
    return zone


def _is_name(zone: str) -> bool:
    try:
        in_utc(pl.Series([datetime(2000, 1, 1)]), zone)  # noqa: DTZ001
    except ComputeError:
        return False
    return bool(zone)


def in_utc(local: pl.Series, zone: str) -> pl.Series:
    """Local times of a zone as points in time; null where the zone's clock skips or repeats one."""
    ahead = offset(zone)
    if ahead is not None:
        return (local - ahead).dt.replace_time_zone("UTC")
    placed = local.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    return placed.dt.convert_time_zone("UTC")


def zone_of(zone: str) -> tzinfo:
    """The zone as Python knows it, for telling times; the zone was `checked` before."""
    ahead = offset(zone)
    return ZoneInfo(zone) if ahead is None else timezone(ahead)
