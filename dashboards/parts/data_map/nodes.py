"""The nodes of the data map: parties, the marks of a cut, and what keeps the plane its size."""

import math
from collections.abc import Mapping
from typing import Any

from audit import phrase
from dashboards.parts.data_map.lines import middle
from dashboards.parts.data_map.manner import (
    Highlight,
    Manner,
    Palette,
    Relation,
    Spec,
    name_of,
    role_name,
)
from dashboards.parts.data_map.picture import Picture
from dashboards.parts.data_map.places import HEIGHT, HOLLOW, RADII, WIDTH, Place, stand
from dashboards.parts.text import visible
from dashboards.parts.verdicts import label, look

_LETTERS, _LETTERS_OUTSIDE = 8, 7  # of a name on the canvas; tooltip and table have all of it
_NARROW = 1.7  # so many latin letters stand where one Chinese character does
_LARGEST, _SMALLEST = 30, 12
_ALONE, _OF_SEVERAL = 52, 34  # of a carrier
_CROWD = 40  # more nodes than this are drawn smaller
_OUTERMOST, _UPRIGHT = 0.95, 0.4  # from where names stand outside, and from where above or below
_NO_ENTRY = "path://M12 0A12 12 0 1 0 12 24A12 12 0 1 0 12 0ZM5 9.5H19V14.5H5Z"
_GUIDES = ("top", "end")


def nodes(picture: Picture, stood: Mapping[str, Place], manner: Manner) -> list[Spec]:
    """A node per node of the picture, in its order, each at its place."""
    most = max(picture.nodes["flows"].to_list(), default=0) or 1
    crowd = 0.7 if picture.nodes.height > _CROWD else 1.0
    return [
        _node(row, stood[row["node"]], crowd * math.sqrt((row["flows"] or 0) / most), manner)
        for row in picture.nodes.iter_rows(named=True)
    ]


def _node(row: Mapping[str, Any], place: Place, weight: float, manner: Manner) -> Spec:
    palette, role = manner.palette, row["role"]
    middle = stand(role).ring == 0
    size = round(_SMALLEST + (_LARGEST - _SMALLEST) * weight)
    if middle:
        size = _ALONE if place == (WIDTH / 2, HEIGHT / 2) else _OF_SEVERAL
    own = row["own"]
    chosen = manner.highlight.chosen == row["node"]
    rim = palette.ink if chosen else look(own).colour if own else None
    return {
        "id": row["node"],
        "name": name_of(row["node"], row["members"], manner),
        "x": place[0],
        "y": place[1],
        "value": _told(row, manner),
        "category": role_name(role, manner.language),
        "symbolSize": size,
        "symbol": _shape(role),
        "itemStyle": {
            **_fill(role, palette),
            **({"borderColor": rim} if rim else {}),
            "borderWidth": 4 if chosen else 3 if own else 1.5,
            "borderType": look(own).line.value if own and not chosen else "solid",
            "opacity": 1 if _stands_out(row["node"], manner.highlight) else 0.3,
        },
        "label": _label(row, place, manner, middle=middle),
    }


def _beside(place: Place) -> str:
    """On which side of a node its name stands: outside of the outermost ring, else below."""
    across, down = place[0] - WIDTH / 2, place[1] - HEIGHT / 2
    if math.hypot(across / RADII[0], down / RADII[1]) < _OUTERMOST:
        return "bottom"
    if abs(across) > RADII[0] * _UPRIGHT:
        return "right" if across > 0 else "left"
    return "bottom" if down > 0 else "top"


def _stands_out(node: str, highlight: Highlight) -> bool:
    ends = {end for pair in highlight.relations | highlight.suspended for end in pair}
    return not highlight.fades or node in highlight.parties | ends or node == highlight.chosen


def _shape(role: str | None) -> str:
    """The shape of a role's nodes, a circle for those that are hollow."""
    symbol = stand(role).symbol
    return "circle" if symbol == HOLLOW else symbol


def _fill(role: str | None, palette: Palette) -> Spec:
    """How a role's nodes are filled: who is not registered is hollow."""
    if stand(role).symbol == HOLLOW:
        return {"color": palette.paper, "borderColor": palette.node, "borderWidth": 1.5}
    colour = palette.middle if stand(role).ring == 0 else palette.node
    return {"color": colour, "borderColor": palette.paper}


def _label(row: Mapping[str, Any], place: Place, manner: Manner, *, middle: bool) -> Spec:
    name, beside = name_of(row["node"], row["members"], manner), _beside(place)
    most = _LETTERS_OUTSIDE if beside in {"left", "right"} else _LETTERS
    if name.isascii():
        most = round(most * _NARROW)
    short = name if len(name) <= most + 1 else name[:most] + "…"
    out = _stands_out(row["node"], manner.highlight)
    return {
        "show": out,
        "position": beside,
        "distance": 4,
        "formatter": _literal(short),
        "fontSize": 13 if middle else 11,
        "fontWeight": "bold" if middle or manner.highlight.chosen == row["node"] else "normal",
        "color": manner.palette.ink,
        "textBorderColor": manner.palette.paper,
        "textBorderWidth": 3,
    }


def _literal(text: str) -> str:
    """Text that stands for itself where ECharts fills in {a}, {b}, {c} and reads {style|text}."""
    return text.replace("{", "｛").replace("}", "｝")


def _told(row: Mapping[str, Any], manner: Manner) -> str:
    """What the tooltip says below the name."""
    facts = {"role": role_name(row["role"], manner.language), "flows": f"{row['flows'] or 0:,}"}
    if row["own"] is None:
        return phrase("map-node-value", manner.language, **facts)
    return phrase("map-node-own", manner.language, **facts, own=label(row["own"], manner.language))


def categories(roles: Mapping[str, str | None], manner: Manner) -> list[Spec]:
    """The roles on the map, which the legend can hide and show."""
    order = sorted(set(roles.values()), key=lambda role: (stand(role).order, role or ""))
    named = {role_name(role, manner.language): role for role in order}
    return [
        {"name": name, "symbol": _shape(role), "itemStyle": _fill(role, manner.palette)}
        for name, role in named.items()
    ]


def legend(categories: list[Spec], manner: Manner) -> Spec:
    """The roles with their shapes; a click hides or shows a role."""
    return {
        "bottom": 0,
        "data": [
            {"name": each["name"], "icon": each["symbol"], "itemStyle": each["itemStyle"]}
            for each in categories
        ],
        "itemWidth": 12,
        "itemHeight": 12,
        "textStyle": {"color": manner.palette.ink, "fontSize": 11},
    }


def cuts(picture: Picture, highlight: Highlight) -> list[Relation]:
    """The relations on which scissors stand, in the order of the marks after the nodes."""
    rows = picture.edges.select("sender", "recipient").iter_rows()
    return [pair for pair in rows if pair in highlight.suspended]


def marks(picture: Picture, stood: Mapping[str, Place], manner: Manner) -> list[Spec]:
    """A mark on the middle of every relation that the cut suspends, a node of its own."""
    return [
        {
            "id": f"\0cut {sender}\0{recipient}",
            "name": " → ".join(
                visible(manner.names.get(end) or end) for end in (sender, recipient)
            ),
            "x": x,
            "y": y,
            "value": phrase("map-suspended", manner.language),
            "symbol": _NO_ENTRY,
            "symbolSize": 15,
            "itemStyle": {"color": manner.palette.ink, "borderWidth": 0},
            "label": {"show": False},
        }
        for sender, recipient in cuts(picture, manner.highlight)
        for x, y in [middle(stood[sender], stood[recipient])]
    ]


def guides() -> list[Spec]:
    """Two nodes without a size in the corners of the plane."""
    corners = ((0, 0), (WIDTH, HEIGHT))
    return [
        {
            "id": f"\0{name}",
            "name": "",
            "x": x,
            "y": y,
            "symbolSize": 0.01,
            "silent": True,
            "label": {"show": False},
            "tooltip": {"show": False},
        }
        for name, (x, y) in zip(_GUIDES, corners, strict=True)
    ]
