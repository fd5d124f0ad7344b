"""Flows over time: a stack a day or month, a piece a verdict, and what a click on a piece asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from audit import By, Verdict
from dashboards import session
from dashboards.parts import verdicts

_LONGER_THAN_A_MONTH = timedelta(days=32)


@dataclass(frozen=True)
class Step:
    """One piece of the chart: a verdict, from this day to before that one."""

    verdict: Verdict
    since: date
    before: date

    @property
    def days(self) -> str:
        """The days in figures, the last one included."""
        last = self.before - timedelta(days=1)
        return f"{self.since}" if self.since == last else f"{self.since} – {last}"


@dataclass(frozen=True)
class Calendar:
    """A timeline, as `Desk.timeline` gives it, ready to be drawn."""

    told: pl.DataFrame
    by: By

    @property
    def days(self) -> list[date]:
        """The days, or the first days of the months, on which anything flowed."""
        return sorted(self.told["at"].unique())

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts that were given at all, the gravest first."""
        given = set(self.told["verdict"])
        return [each for each in verdicts.worst_first() if each.value in given]

    @property
    def spec(self) -> dict[str, Any]:
        """What ECharts draws; patterns tell the verdicts apart as colours do."""
        days = [day.isoformat()[: 10 if self.by is By.day else 7] for day in self.days]
        return {
            "animation": False,  # a click on what still grows would meet nothing
            "aria": {"enabled": True, "decal": {"show": True}},
            "legend": {"top": 0},
            "tooltip": {"trigger": "axis", "valueFormatter": "localized"},
            "grid": {"left": 8, "right": 16, "top": 40, "bottom": 40, "containLabel": True},
            "xAxis": {"type": "category", "data": days},
            "yAxis": {"type": "value", "minInterval": 1},
            "dataZoom": [{"type": "slider", "height": 18, "bottom": 6}],
            "series": [self._series(verdict) for verdict in self.verdicts],
        }

    def _series(self, verdict: Verdict) -> dict[str, Any]:
        mine = self.told.filter(pl.col("verdict") == verdict.value)
        counts = dict(mine.select("at", "flows").iter_rows())
        return {
            "type": "bar",
            "name": verdicts.label(verdict, session.language()),
            "stack": "flows",
            "selectedMode": "single",
            "itemStyle": {"color": verdicts.look(verdict).colour},
            "data": [counts.get(day, 0) for day in self.days],
        }

    def chosen(self, selected: Sequence[Mapping[str, Any]]) -> Step | None:
        """What a click asked for; None where nothing is selected or it is no longer drawn."""
        given, days = self.verdicts, self.days
        for each in selected:
            number = int(each["series_index"])
            for place in map(int, each["data_indices"]):
                if number < len(given) and place < len(days):
                    return Step(given[number], days[place], self._next(days[place]))
        return None

    def _next(self, day: date) -> date:
        if self.by is By.day:
            return day + timedelta(days=1)
        return (day + _LONGER_THAN_A_MONTH).replace(day=1)
