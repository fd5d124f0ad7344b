"""The blast radius over the data map: who received what through one party."""

import polars as pl
import streamlit as st

from audit import Desk, KeptRun, Layer, Listing, Spread, Verdict, spread_of
from dashboards.parts import people, text, times
from dashboards.parts.data_map.over import Asker, Over, asker, opened
from dashboards.parts.data_map.words import Who, height, in_words, labelled, role_word, withheld

_PEOPLE = ("subjects", "most")


@st.cache_data(max_entries=16, show_spinner=False)
def _spread_of(asking: Asker, party: str, layer: Layer | None) -> tuple[pl.DataFrame, ...]:
    found = spread_of(*opened(asking), party, layer)
    return found.parties, found.relations


def blast(desk: Desk, who: Who, party: str | None, layer: Layer | None) -> Over:
    """What came through the party; without one, a word on how to choose it."""
    if party is None or party not in who.roles:
        return Over(told=_ask_for_a_party)
    found = Spread(*_spread_of(asker(desk), party, layer))
    return Over(
        told=lambda: _told(desk, who, party, found),
        relations=frozenset(found.relations.select("sender", "recipient").iter_rows()),
        parties=frozenset({party}),
    )


def _ask_for_a_party() -> None:
    st.subheader(text.say("map-show-blast"), anchor=False)
    st.info(text.say("map-blast-choose"), icon=":material/ads_click:")


def _told(desk: Desk, who: Who, party: str, found: Spread) -> None:
    st.subheader(text.say("map-blast-title", party=who.named(party)), anchor=False)
    reached = found.parties
    if reached.is_empty():
        st.success(text.say("map-blast-none"))
        return
    onward = reached.filter(pl.col("hop") > 1).height
    grave = reached.filter(pl.col("verdict") == Verdict.VIOLATION.value).height
    direct = reached.height - onward
    st.caption(text.say("map-blast-told", direct=direct, onward=onward, grave=grave))
    withheld(reached)
    columns = ("name", "role", "hop", "verdict", "data_categories", "subjects", "most", "since")
    st.dataframe(
        text.visible_frame(dressed(found, who, desk.run)),
        column_order=columns,
        column_config={
            name: (people.column if name in _PEOPLE else st.column_config.Column)(
                text.say(f"map-blast-{name}")
            )
            for name in columns
        },
        hide_index=True,
        placeholder=text.ABSENT,
        height=height(reached.height),
        alt=text.phrase_here("map-blast-alt"),
    )


def dressed(found: Spread, who: Who, run: KeptRun) -> pl.DataFrame:
    """The parties reached, in words of the tab's language."""
    reached = found.parties
    ids = reached["party_id"].to_list()
    return reached.with_columns(
        name=pl.Series([who.called(each) for each in ids], dtype=pl.String),
        role=pl.Series([role_word(who.roles.get(each)) for each in ids], dtype=pl.String),
        verdict=labelled(),
        data_categories=in_words(Listing.categories, reached["data_categories"]),
        subjects=people.cells(reached),
        most=people.cells(reached, "subjects_at_most"),
        since=pl.Series([times.day(each, run) for each in reached["since"]], dtype=pl.String),
    )
