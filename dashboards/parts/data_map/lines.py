"""The lines of the data map: a relation each, its worst verdict by colour and by kind of line."""

import math
from collections.abc import Mapping
from typing import Any

from audit import Language, Verdict, phrase
from dashboards.parts.data_map.manner import Manner, Spec
from dashboards.parts.data_map.picture import Picture
from dashboards.parts.data_map.places import Place
from dashboards.parts.verdicts import label, look

_THIN = 0.6  # how much of its width a line of few flows has
_FAINT = 0.10
_SAMPLE = 118  # pixels for a kind of line and its word
_BEND = 0.14  # of the lines, so that those there and back are two


def links(picture: Picture, manner: Manner) -> list[Spec]:
    """A line per edge of the picture, in its order."""
    most = max((flows or 0 for flows in picture.edges["flows"]), default=0) or 1
    return [
        _link(row, math.sqrt((row["flows"] or 0) / most), manner)
        for row in picture.edges.iter_rows(named=True)
    ]


def _link(row: Mapping[str, Any], weight: float, manner: Manner) -> Spec:
    return {
        "source": row["sender"],
        "target": row["recipient"],
        "value": _said(row, manner.language),
        "lineStyle": _line(row, weight, manner) | {"curveness": _BEND},
    }


def _line(row: Mapping[str, Any], weight: float, manner: Manner) -> Spec:
    highlight, relation = manner.highlight, (row["sender"], row["recipient"])
    out = relation in highlight.relations | highlight.suspended
    drawn: Spec
    if row["verdict"] is None:
        drawn = {"color": manner.palette.muted, "type": "dotted", "width": 1}
    else:
        looks = look(row["verdict"])
        width = round(looks.width * (_THIN + (1 - _THIN) * weight), 2)
        drawn = {"color": looks.colour, "type": looks.line.value, "width": width}
    if relation == highlight.chosen:
        return drawn | {
            "width": drawn["width"] + 3,
            "opacity": 1,
            "shadowBlur": 6,
            "shadowColor": manner.palette.ink,
        }
    if highlight.fades:
        return drawn | {
            "opacity": 1 if out else _FAINT,
            "width": drawn["width"] + (1 if out else 0),
        }
    return drawn | {"opacity": 0.9 if row["verdict"] == Verdict.VIOLATION else 0.55}


def _said(row: Mapping[str, Any], language: Language) -> str:
    if row["verdict"] is None:
        return phrase("map-withheld", language)
    verdict = label(row["verdict"], language)
    return phrase("map-edge-value", language, verdict=verdict, flows=f"{row['flows']:,}")


def middle(start: Place, end: Place) -> Place:
    """The middle of the line from one place to the other, which is bent as ECharts bends it."""
    (x1, y1), (x2, y2) = start, end
    bent = ((x1 + x2) / 2 - (y1 - y2) * _BEND, (y1 + y2) / 2 - (x2 - x1) * _BEND)
    return (round((x1 + x2) / 4 + bent[0] / 2, 1), round((y1 + y2) / 4 + bent[1] / 2, 1))


def key_of_lines(manner: Manner) -> list[Spec]:
    """What each kind of line means, drawn as the lines are."""
    told = [*reversed(Verdict)]
    return [
        piece for number, verdict in enumerate(told) for piece in _sample(verdict, number, manner)
    ]


def _sample(verdict: Verdict, number: int, manner: Manner) -> list[Spec]:
    looks, left = look(verdict), 12 + number * _SAMPLE
    dashes = {"dashed": [6, 4], "dotted": [2, 3]}.get(looks.line.value)
    style = {"stroke": looks.colour, "lineWidth": looks.width, "lineDash": dashes}
    return [
        {
            "type": "line",
            "silent": True,
            "shape": {"x1": left, "y1": 16, "x2": left + 22, "y2": 16},
            "style": style,
        },
        {
            "type": "text",
            "silent": True,
            "x": left + 28,
            "y": 16,
            "style": {
                "text": label(verdict, manner.language),
                "fill": manner.palette.ink,
                "fontSize": 12,
                "fontFamily": "Source Sans, Noto Sans CJK SC, Microsoft YaHei, sans-serif",
                "textVerticalAlign": "middle",
            },
        },
    ]
