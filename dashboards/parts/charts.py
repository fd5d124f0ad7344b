"""Bars of verdicts: how many flows of each, by layer, by role, by run; patterns beside colours."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from audit import Verdict
from dashboards import session
from dashboards.parts import text, verdicts

Spec = dict[str, Any]
_BAR_PIXELS = 34
_FRAME_PIXELS = 96
_NAME_PIXELS = 150
_FAINT = "rgba(255,255,255,0.45)"
# Beside its colour every verdict but the gravest has a pattern of its own.
_PATTERNS: Mapping[str, Spec] = {
    Verdict.INDETERMINATE: {"rotation": 0.8, "dashArrayX": [1, 0], "dashArrayY": [2, 5]},
    Verdict.EXCEPTED: {"symbol": "circle", "symbolSize": 0.5, "dashArrayX": [[6, 6], [0, 6, 6, 0]]},
    Verdict.PERMITTED: {"rotation": -0.8, "dashArrayX": [1, 0], "dashArrayY": [1, 9]},
}


def bars(
    names: Sequence[str], counts: Mapping[str, Sequence[int | None]], *, shares: bool = False
) -> Spec:
    """A bar a name, one piece a verdict, the gravest first; `counts` has them per verdict.

    With `shares` every bar is as long as the others. A count that is None is drawn as nothing.
    """
    drawn = {each: counts[each] for each in verdicts.worst_first() if any(counts.get(each, ()))}
    whole = [sum(told[place] or 0 for told in drawn.values()) for place in range(len(names))]
    return {
        "animation": False,
        "aria": {"enabled": True},
        "legend": {"top": 0, "itemGap": 18},
        "grid": {"left": 8, "right": 24, "top": 36, "bottom": 8, "containLabel": True},
        "tooltip": {
            "trigger": "axis",
            "axisPointer": {"type": "shadow"},
            "valueFormatter": "percent" if shares else "localized",
        },
        "xAxis": _lengths(shares=shares),
        "yAxis": {
            "type": "category",
            "data": list(names),
            "inverse": True,
            "axisLabel": {"width": _NAME_PIXELS, "overflow": "truncate"},
            "axisTick": {"show": False},
        },
        "series": [_series(each, told, whole if shares else None) for each, told in drawn.items()],
    }


def _lengths(*, shares: bool) -> Spec:
    """The axis of counts; of shares the bars themselves say enough."""
    return {"type": "value", "max": 1, "show": False} if shares else {"type": "value"}


def _series(verdict: str, told: Sequence[int | None], whole: Sequence[int] | None) -> Spec:
    data: list[float] = [count or 0 for count in told]
    if whole is not None:
        pairs = zip(data, whole, strict=True)
        data = [round(count / total, 4) if total else 0 for count, total in pairs]
    return {
        "name": verdicts.label(verdict, session.language()),
        "type": "bar",
        "stack": "all",
        "barMaxWidth": 22,
        "emphasis": {"focus": "series"},
        "itemStyle": {"color": verdicts.look(verdict).colour} | _pattern(verdict),
        "data": data,
    }


def _pattern(verdict: str) -> Spec:
    pattern = _PATTERNS.get(verdict)
    return {"decal": {"color": _FAINT, **pattern}} if pattern else {}


def lines(days: Sequence[str], counts: Mapping[str, Sequence[int | None]]) -> Spec:
    """A line a verdict over the runs, oldest first, drawn as the verdict's own kind of line."""
    drawn = {each: counts[each] for each in verdicts.worst_first() if any(counts.get(each, ()))}
    return {
        "animation": False,
        "aria": {"enabled": True},
        "legend": {"top": 0, "itemGap": 18},
        "grid": {"left": 8, "right": 24, "top": 36, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis", "valueFormatter": "localized"},
        "xAxis": {"type": "category", "data": list(days)},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [_line(each, told) for each, told in drawn.items()],
    }


def _line(verdict: str, told: Sequence[int | None]) -> Spec:
    look = verdicts.look(verdict)
    return {
        "name": verdicts.label(verdict, session.language()),
        "type": "line",
        "symbolSize": 8,
        "lineStyle": {"type": look.line.value, "width": max(look.width, 2), "color": look.colour},
        "itemStyle": {"color": look.colour},
        "data": list(told),
    }


def draw(spec: Spec, alt: str, key: str) -> None:
    """The chart, as high as its bars need, with words for those who do not see it."""
    axis = spec["yAxis"]
    rows = len(axis["data"]) if axis["type"] == "category" else 6
    st.echarts_chart(
        spec, height=_FRAME_PIXELS + rows * _BAR_PIXELS, key=key, alt=text.visible(alt)
    )
