"""Instants as a reader of the run tells them: in the run's zone, days where they are days.

Never in the zone of the server, which no reader knows; what belongs to no run is told in UTC.
"""

from datetime import UTC, date, datetime, timedelta

from audit import KeptRun, zone_of

_INSTANT = timedelta(microseconds=1)


def day(instant: datetime | None, run: KeptRun) -> str:
    """The day of the instant; nothing for null."""
    return "" if instant is None else f"{_local(instant, run):%Y-%m-%d}"


def today(run: KeptRun) -> date:
    """Which day it is now where the run's days are counted."""
    return _local(datetime.now(UTC), run).date()


def first(start: datetime | None, run: KeptRun) -> str:
    """From when something holds: the day where it begins with it, else the minute."""
    return "" if start is None else _told(_local(start, run))


def last(end: datetime | None, run: KeptRun) -> str:
    """Until when something holds: the last day that belongs to it, else the minute it ends at."""
    if end is None:
        return ""
    local = _local(end, run)
    return day(end - _INSTANT, run) if _is_midnight(local) else _told(local)


def minute(instant: datetime | None, run: KeptRun) -> str:
    """The instant to the minute; nothing for null."""
    return "" if instant is None else f"{_local(instant, run):%Y-%m-%d %H:%M}"


def of_no_run(instant: datetime) -> str:
    """The instant to the minute, in UTC and saying so."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def zone(run: KeptRun) -> str:
    """The zone in which everything of the run is told."""
    return str(run.manifest["options"]["timezone"])


def _local(instant: datetime, run: KeptRun) -> datetime:
    return instant.astimezone(zone_of(zone(run)))


def _told(local: datetime) -> str:
    return f"{local:%Y-%m-%d}" if _is_midnight(local) else f"{local:%Y-%m-%d %H:%M}"


def _is_midnight(local: datetime) -> bool:
    return (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
