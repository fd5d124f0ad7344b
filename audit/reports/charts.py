"""Bars as SVG in the page; words and figures stand beside them, for colour alone says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.reports.markup import Markup, element

_WIDTH, _ROW, _BAR = 720, 34, 18
_LABEL, _FIGURE = 210, 90  # the room on the left for a label, on the right for a figure


@dataclass(frozen=True)
class Part:
    """A part of a bar: how much, how it is called, and the class that colours it."""

    count: int
    name: str
    kind: str


@dataclass(frozen=True)
class Bar:
    """One bar of a chart with its label and its figure."""

    label: str
    parts: tuple[Part, ...]
    figure: str = ""

    @property
    def total(self) -> int:
        """All of its parts."""
        return sum(part.count for part in self.parts)


def bars(title: str, told: Sequence[Bar], *, shares: bool = False) -> Markup:
    """Bars of one scale; with `shares` each one fills the width."""
    longest = max((bar.total for bar in told), default=0)
    height = _ROW * len(told)
    rows = [_bar(bar, place, bar.total if shares else longest) for place, bar in enumerate(told)]
    svg = element(
        "svg",
        element("title", title),
        *rows,
        role="img",
        aria_label=title,
        viewBox=f"0 0 {_WIDTH} {height}",
        width=_WIDTH,
        height=height,
    )
    return element("figure", svg)


def _bar(bar: Bar, place: int, whole: int) -> Markup:
    top = place * _ROW + (_ROW - _BAR) // 2
    line = top + _BAR - 4
    label = element("text", bar.label, x=_LABEL - 10, y=line, text_anchor="end")
    room, left, drawn = _WIDTH - _LABEL - _FIGURE, float(_LABEL), []
    for part in bar.parts:
        if not part.count:
            continue
        width = max(room * part.count / whole, 1.5)
        tip = element("title", f"{part.name} {part.count:,}")
        sizes = {"x": f"{left:.1f}", "y": f"{top}", "width": f"{width:.1f}", "height": f"{_BAR}"}
        drawn.append(element("rect", tip, class_=part.kind, **sizes))
        left += width
    figure = element("text", bar.figure or f"{bar.total:,}", x=f"{left + 8:.1f}", y=line)
    return element("g", label, *drawn, figure)


def legend(parts: Sequence[tuple[str, str]]) -> Markup:
    """Which class of part is called what."""
    told = (
        element(
            "span",
            element(
                "svg",
                element("rect", class_=kind, width=12, height=12),
                width=12,
                height=12,
                aria_hidden="true",
            ),
            f" {name}",
        )
        for kind, name in parts
    )
    return element("p", *told, class_="legend")
