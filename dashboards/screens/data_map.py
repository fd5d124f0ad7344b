"""The data map: who shared with whom, as a picture and as a table; a click leads to the flows."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from audit import Desk, Layer, Period, Refusal, Verdict, relations_of
from dashboards import session
from dashboards.parts import page, people, text, verdicts
from dashboards.parts.data_map.asked import Asked, Show, asked, days_of
from dashboards.parts.data_map.blast import blast
from dashboards.parts.data_map.chains import chains
from dashboards.parts.data_map.cut import cut
from dashboards.parts.data_map.detail import Chosen, choose, chosen_here, detail
from dashboards.parts.data_map.manner import Manner, Relation, name_of
from dashboards.parts.data_map.nodes import cuts
from dashboards.parts.data_map.over import NOTHING, Asker, Over, asker, opened
from dashboards.parts.data_map.picture import Picture, picture
from dashboards.parts.data_map.words import ENDS, Who, who
from dashboards.parts.map import option

_TALL = 700
_WIDTHS = {"sender": 78, "recipient": 78, "verdict": 80, "flows": 48, "subjects": 92}
_NUMBERS: Mapping[str, Callable[..., Any]] = {
    "flows": partial(st.column_config.NumberColumn, format="localized"),
    people.SUBJECTS: people.column,
}
_TURN = "map-turn"  # grows where a choice was made beside the chart, which then is drawn anew


def draw(desk: Desk) -> None:
    """What is asked; the map and its table; what is laid over it; what was chosen."""
    parties = desk.parties()
    known = who(parties)
    whole = _relations(asker(desk), None, Period())
    if whole.is_empty():
        st.info(text.say("map-none"))
        return
    wanted = asked(desk.run, known, days_of(desk.run, whole))
    relations = _in_period(desk, wanted)
    drawn = picture(relations, parties, wanted.view)
    chosen = chosen_here(known)
    over = _over(desk, wanted, known, chosen)
    shown = over.on_roles(known) if drawn.merged else over
    highlight = shown.highlight(chosen.what if chosen else None)
    manner = Manner(known.names, session.language(), _dark(), highlight)
    _map_and_table(desk, wanted, drawn, manner)
    if wanted.show and wanted.period != Period():
        what = text.phrase_here(f"map-show-{wanted.show}")
        st.info(text.say("map-whole-run", what=what), icon=":material/date_range:")
    over.told()
    detail(desk, wanted, chosen, relations)


def _dark() -> bool:
    return st.context.theme.type == "dark"


@st.cache_data(max_entries=16, show_spinner=False)
def _relations(asking: Asker, layer: Layer | None, period: Period) -> pl.DataFrame:
    run, reader = opened(asking)
    return relations_of(run, reader, layer, period)


def _in_period(desk: Desk, wanted: Asked) -> pl.DataFrame:
    """The relations of the period; where its flows cannot be read again, those of the run."""
    try:
        return _relations(asker(desk), wanted.layer, wanted.period)
    except Refusal as refusal:
        text.told(refusal.problems)
        return _relations(asker(desk), wanted.layer, Period())


def _over(desk: Desk, wanted: Asked, known: Who, chosen: Chosen | None) -> Over:
    party = chosen.what if chosen and isinstance(chosen.what, str) else wanted.view.focus
    match wanted.show:
        case Show.CHAINS:
            return chains(desk, known)
        case Show.BLAST:
            return blast(desk, known, party, wanted.layer)
        case Show.CUT:
            return cut(desk, known, wanted.layer)
        case None:
            return NOTHING


# ---- the picture


def _map_and_table(desk: Desk, wanted: Asked, drawn: Picture, manner: Manner) -> None:
    """The picture on the left, the same relations as rows on the right."""
    if drawn.nodes.is_empty():
        st.info(text.say("map-nothing-left"), icon=":material/filter_alt_off:")
        return
    of = (asker(desk), wanted, session.language(), session.kept(_TURN, 0))
    canvas, rows = st.columns([3, 2])
    with canvas:
        _canvas(drawn, manner, session.key_of("map-chart", *of))
        _told_of(drawn)
    with rows:
        _table(drawn, manner, session.key_of("map-table", *of, manner.highlight.chosen))


def _canvas(drawn: Picture, manner: Manner, key: str) -> None:
    grave = drawn.edges.filter(pl.col("verdict") == Verdict.VIOLATION.value).height
    facts = {"parties": drawn.nodes.height, "edges": drawn.edges.height, "violations": grave}
    nodes = (*drawn.nodes["node"].to_list(), *cuts(drawn, manner.highlight))
    edges = tuple(drawn.edges.select(ENDS).rows())
    st.echarts_chart(
        option(drawn, manner),
        height=_TALL,
        key=key,
        on_select=partial(_clicked, key, nodes, edges),
        alt=text.phrase_here("map-alt", **facts),
    )


def _clicked(key: str, nodes: tuple[str | Relation, ...], edges: tuple[Relation, ...]) -> None:
    """The node or the edge that was clicked; a second click lets go of it."""
    found: list[str | Relation] = []
    for group in session.kept(key)["selection"]["selected"]:
        ids: tuple[str | Relation, ...] = edges if group["data_type"] == "edge" else nodes
        found += [ids[place] for place in group["data_indices"] if place < len(ids)]
    before = session.kept(f"{key}-before")
    session.keep(f"{key}-before", found)
    fresh = [each for each in found if each not in (before or [])]
    choose(next(iter(fresh or found), None))


def _told_of(drawn: Picture) -> None:
    """What must be known to read the picture."""
    told = [text.say("map-told", nodes=drawn.nodes.height, edges=drawn.edges.height)]
    if drawn.merged:
        told.append(text.say("map-told-merged"))
    if drawn.left_out:
        told.append(text.say("map-told-left-out", count=drawn.left_out))
    if drawn.edges["suppressed"].any():
        told.append(text.say("map-some-withheld"))
    st.caption(" ".join(told))


# ---- the table


def _table(drawn: Picture, manner: Manner, key: str) -> None:
    rows = (
        pl.concat([drawn.own, drawn.edges]).reverse()
        if drawn.own.height
        else (drawn.edges.reverse())
    )
    ids = tuple(rows.select(ENDS).rows())
    chosen = manner.highlight.chosen
    columns = (*ENDS, "verdict", "flows", *([] if drawn.merged else ["subjects"]))
    headings: dict[str, Any] = {
        name: _NUMBERS.get(name, st.column_config.Column)(
            text.say(f"map-column-{name}"), width=_WIDTHS[name]
        )
        for name in columns
    }
    st.dataframe(
        text.visible_frame(_dressed(rows, manner, drawn)),
        column_order=columns,
        column_config=headings,
        hide_index=True,
        placeholder=text.ABSENT,
        height=_TALL,
        key=key,
        on_select=partial(_row_chosen, key, ids),
        selection_mode="single-row",
        selection_default={"selection": {"rows": [ids.index(chosen)] if chosen in ids else []}},
        alt=text.phrase_here("map-relations-alt"),
    )


def _row_chosen(key: str, ids: tuple[Relation, ...]) -> None:
    places = session.kept(key)["selection"]["rows"]
    choose(ids[places[0]] if places else None)
    session.keep(_TURN, session.kept(_TURN, 0) + 1)


def _dressed(rows: pl.DataFrame, manner: Manner, drawn: Picture) -> pl.DataFrame:
    members = dict(drawn.nodes.select("node", "members").iter_rows())
    ends = [
        [name_of(node, members.get(node, 1), manner) for node in rows[end].to_list()]
        for end in ENDS
    ]
    itself = pl.col("sender") == pl.col("recipient")
    words = {each.value: verdicts.label(each, session.language()) for each in Verdict}
    return (
        rows.with_columns(itself.alias("itself"))
        .with_columns(
            people.cells(rows),
            pl.Series("sender", ends[0], pl.String),
            pl.Series("recipient", ends[1], pl.String),
            pl.col("verdict").replace(words).fill_null(text.phrase_here("map-withheld")),
        )
        .with_columns(
            pl.when("itself")
            .then(pl.lit(text.phrase_here("map-itself")))
            .otherwise("recipient")
            .alias("recipient")
        )
    )


page.run_page("data_map", draw)
