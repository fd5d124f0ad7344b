"""The streams of a run as a Sankey: the recipient's role, the recipient, the purpose."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl
import streamlit as st

from audit import Listing, Verdict
from dashboards.parts import codes, text, verdicts

MOST = 14  # recipients and purposes drawn each; the rest of a role is drawn as one
_NODE_PIXELS = 34
_FEWEST_PIXELS = 360
_WIDEST_NAME = 34  # in Latin letters; a Chinese one is as wide as two
_UNIQUE = "\u200b"  # has no width; sets two nodes of one name apart


@dataclass(frozen=True)
class Group:
    """What a node or a link stands for: flows to these recipients for these purposes.

    Nothing named is not asked; `verdict` is the worse of the layers.
    """

    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    verdict: Verdict | None = None


@dataclass
class Sankey:
    """Nodes and links as they are drawn, each beside the flows that it stands for."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    of_nodes: list[Group] = field(default_factory=list)
    of_links: list[Group] = field(default_factory=list)
    names: dict[tuple[int, str], str] = field(default_factory=dict)

    def node(self, depth: int, key: str, name: str, group: Group) -> None:
        """Draw a node; the name is made its own."""
        shown = _short(text.visible(name))
        while shown in self.names.values():
            shown += _UNIQUE
        self.names[depth, key] = shown
        self.nodes.append({"name": shown, "depth": depth})
        self.of_nodes.append(group)

    def link(
        self, ends: tuple[tuple[int, str], tuple[int, str]], row: Mapping[str, Any], group: Group
    ) -> None:
        """Draw a link a verdict, the gravest on top, as wide as it counts flows."""
        source, target = (self.names[end] for end in ends)
        for verdict in verdicts.worst_first():
            if count := row[verdict.value]:
                colour = verdicts.look(verdict).colour
                line = {"color": colour, "opacity": 0.55, "curveness": 0.5}
                self.links.append(
                    {"source": source, "target": target, "value": count, "lineStyle": line}
                )
                self.of_links.append(replace(group, verdict=verdict))

    @property
    def height(self) -> int:
        """How high it must be for its longest column to be read."""
        columns = [sum(each["depth"] == depth for each in self.nodes) for depth in range(3)]
        return max(_FEWEST_PIXELS, _NODE_PIXELS * max(columns, default=0))

    @property
    def spec(self) -> dict[str, Any]:
        """What ECharts draws; clicks come back as places in nodes and links."""
        return {
            "animation": False,
            "tooltip": {"trigger": "item", "valueFormatter": "localized"},
            "series": [
                {
                    "type": "sankey",
                    "data": self.nodes,
                    "links": self.links,
                    "left": 8,
                    "right": 220,
                    "top": 8,
                    "bottom": 8,
                    "nodeGap": 10,
                    "selectedMode": "single",
                    "emphasis": {"focus": "adjacency"},
                    "itemStyle": {"color": "#7A869A"},
                    "label": {"fontSize": 12, **_ink()},
                }
            ],
        }

    def chosen(self, selected: Sequence[Mapping[str, Any]]) -> Group | None:
        """What a click asked for; None where nothing is selected or it is no longer drawn."""
        kinds = {"node": self.of_nodes, "edge": self.of_links}
        for each in selected:
            groups: list[Group] = kinds.get(each["data_type"], [])
            for place in map(int, each["data_indices"]):
                if place < len(groups):
                    return groups[place]
        return None


def sankey(streams: pl.DataFrame, counted: Verdict | None = None, most: int = MOST) -> Sankey:
    """The streams drawn; `counted` draws flows of one verdict only.

    `streams` as `streams_of` gives them; what is suppressed is not drawn. The recipients and
    purposes with most violations, then flows, are drawn by name, others of a role together.
    """
    left_out = [verdict.value for verdict in Verdict if counted not in {None, verdict}]
    told = streams.with_columns(pl.lit(0, pl.Int64).alias(name) for name in left_out)
    told = told.with_columns(shown=pl.sum_horizontal(verdict.value for verdict in Verdict))
    told = told.filter(pl.col("shown") > 0)
    told = _named(_named(told, "recipient", ["role"], most), "purpose", [], most)
    drawn = Sankey()
    _draw_nodes(drawn, told)
    for row in _totals(told, ["role", "recipient_drawn"]):
        ends = ((0, str(row["role"])), (1, _key(row)))
        drawn.link(ends, row, Group(tuple(row["recipients"])))
    for row in _totals(told, ["role", "recipient_drawn", "purpose_drawn"]):
        ends = ((1, _key(row)), (2, str(row["purpose_drawn"])))
        drawn.link(ends, row, Group(tuple(row["recipients"]), tuple(row["purposes"])))
    return drawn


def _draw_nodes(drawn: Sankey, told: pl.DataFrame) -> None:
    for row in _totals(told, ["role"]):
        name = codes.word(Listing.roles, row["role"]) if row["role"] else _unregistered()
        drawn.node(0, str(row["role"]), name, Group(tuple(row["recipients"])))
    for row in _totals(told, ["role", "recipient_drawn"]):
        drawn.node(1, _key(row), _recipient(row), Group(tuple(row["recipients"])))
    for row in _totals(told, ["purpose_drawn"]):
        group = Group(purposes=tuple(row["purposes"]))
        drawn.node(2, str(row["purpose_drawn"]), _purpose(row), group)


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['role']} {row['recipient_drawn']}"


def _named(told: pl.DataFrame, column: str, within: list[str], most: int) -> pl.DataFrame:
    """With `<column>_drawn`: null for those that are drawn together, at least two of a kind."""
    ranked = (
        told.group_by(column, *within)
        .agg(pl.col("violation", "shown").sum())
        .sort("violation", "shown", column, descending=[True, True, False])
        .with_row_index("rank")
        .with_columns(drawn=pl.col("rank") < most)
    )
    others = (~pl.col("drawn")).sum()
    alone = (others.over(within) if within else others) == 1
    names = ranked.filter(pl.col("drawn") | alone)[column]
    drawn = pl.when(pl.col(column).is_in(names.implode())).then(column)
    return told.with_columns(drawn.alias(f"{column}_drawn"))


def _totals(told: pl.DataFrame, keys: list[str]) -> Iterable[dict[str, Any]]:
    """The streams of each group together, the largest first."""
    counts = ("shown", *(verdict.value for verdict in Verdict))
    return (
        told.group_by(keys)
        .agg(
            pl.col(counts).sum(),
            pl.col("name").first(),
            recipients=pl.col("recipient").unique().sort(),
            purposes=pl.col("purpose").unique().sort(),
        )
        .sort("violation", "shown", *keys, descending=[True, True, *(False for _ in keys)])
        .iter_rows(named=True)
    )


def _recipient(row: Mapping[str, Any]) -> str:
    """The recipient's id and name, with its violations, so that colour alone need not tell."""
    if row["recipient_drawn"] is None:
        name = text.phrase_here("flow-groups-others", count=len(row["recipients"]))
    else:
        name = " ".join(each for each in (row["recipient_drawn"], row["name"]) if each)
    return _marked(name, row)


def _purpose(row: Mapping[str, Any]) -> str:
    if row["purpose_drawn"] is None:
        return _marked(text.phrase_here("flow-groups-others", count=len(row["purposes"])), row)
    return _marked(codes.word(Listing.purposes, row["purpose_drawn"]), row)


def _marked(name: str, row: Mapping[str, Any]) -> str:
    violations = row[Verdict.VIOLATION.value]
    sign = f"{verdicts.look(Verdict.VIOLATION).sign}{violations:,} " if violations else ""
    return sign + name


def _ink() -> dict[str, Any]:
    """Letters that are read on every colour, in light and in dark."""
    dark = st.context.theme.type == "dark"
    letters, paper = ("#FAFAFA", "#0E1117") if dark else ("#1F2430", "#FFFFFF")
    return {"color": letters, "textBorderColor": paper, "textBorderWidth": 3}


def _unregistered() -> str:
    return text.phrase_here("parties-unregistered")


def _short(name: str) -> str:
    """The name cut where it would run into the next column."""
    wide = 0
    for place, letter in enumerate(name):
        wide += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if wide > _WIDEST_NAME:
            return f"{name[:place]}…"
    return name
