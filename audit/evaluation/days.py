"""How days are counted: by the Civil Code, in China, over each year's holidays (semantics, 7)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

import consent_schemas
from audit.records.moments import LAST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.facts.pairs import Places

_MICROS = 1_000_000
DAY, HOUR = 86_400 * _MICROS, 3_600 * _MICROS
_AHEAD = 8 * HOUR  # of China
_LONGEST = 10 * DAY  # within which every span of days off that there was has ended
_EPOCH = date(1970, 1, 1).toordinal()
_SATURDAY, _WEEK = 5, 7
END_OF_TIME = (LAST - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Calendar:
    """Days as numbers from 1970: those off, those worked at a weekend, and the years known."""

    off: frozenset[int]
    worked: frozenset[int]
    years: frozenset[int]

    def rests(self, day: int) -> bool:
        """Whether a day is one of rest, as far as its year is known."""
        weekend = (day + _EPOCH - 1) % _WEEK >= _SATURDAY
        return day in self.off or (weekend and day not in self.worked)

    def rolled(self, last: int) -> tuple[int, int]:
        """The day on which a period ends, and the year that must be known for it and is not, or 0.

        Of two such years, the later one.
        """
        day, lacking = last, self._lacking(last)
        while self.rests(day):
            day += 1
            lacking = max(lacking, self._lacking(day))
        return day, lacking

    def _lacking(self, day: int) -> int:
        year = _year(day)
        return 0 if year in self.years else year


@dataclass(frozen=True)
class Terms:
    """Per event until when an act is certainly in time, what is told, and from when it is late.

    `lacking` is the year of which the holidays are asked and not known, or 0.
    """

    sure: Places
    due: Places
    late: Places
    lacking: Places


@cache
def calendar() -> Calendar:
    """The table of holidays that ships with the project."""
    text = consent_schemas.path("calendar", "cn_holidays.toml").read_text(encoding="utf-8")
    years = tomllib.loads(text)["year"]
    return Calendar(
        off=frozenset(day for entry in years for span in entry["off"] for day in _span(*span)),
        worked=frozenset(_number(day) for entry in years for day in entry["worked"]),
        years=frozenset(entry["year"] for entry in years),
    )


def days_after(at: Places, days: int) -> Terms:
    """The periods of so many days after these instants (microseconds)."""
    local, of_event = np.unique((at + _AHEAD) // DAY, return_inverse=True)
    terms = np.array([_term(int(day) + days) for day in local], dtype=np.int64).reshape(-1, 4)
    return Terms(*terms[of_event].T)


def hours_after(at: Places, hours: int) -> Terms:
    """The periods of so many hours after these instants."""
    until = np.minimum(at + hours * HOUR, END_OF_TIME)
    return at_once(until)


def at_once(until: Places) -> Terms:
    """Periods whose end is beyond doubt."""
    return Terms(until, until, until, np.zeros_like(until))


def _term(last: int) -> tuple[int, int, int, int]:
    day, lacking = calendar().rolled(last)
    sure, due = (last + 1) * DAY, (day + 1) * DAY
    late = due + _LONGEST if lacking else due
    if late > END_OF_TIME:
        return END_OF_TIME, END_OF_TIME, END_OF_TIME, lacking
    return (sure if lacking else due) - _AHEAD, due - _AHEAD, late - _AHEAD, lacking


def _year(day: int) -> int:
    """The year of a day; beyond what a date can tell, the last that it can."""
    return date.fromordinal(min(day + _EPOCH, date.max.toordinal())).year


def _span(first: str, last: str) -> Iterator[int]:
    yield from range(_number(first), _number(last) + 1)


def _number(day: str) -> int:
    return date.fromisoformat(day).toordinal() - _EPOCH
