"""The onward chains over the data map: where data went on to after it left the carrier."""

from itertools import pairwise

import polars as pl
import streamlit as st

from audit import Desk, KeptRun, Listing, Verdict, chains_of
from dashboards import session
from dashboards.parts import text, times
from dashboards.parts.data_map.over import Asker, Over, asker, opened
from dashboards.parts.data_map.words import Who, height, in_words, labelled, withheld

_WAY = 470  # pixels for a chain of three names
_SIGNS = {"true": "✓", "false": "✕", "unknown": "?"}


@st.cache_data(max_entries=8, show_spinner=False)
def _chains_of(asking: Asker) -> pl.DataFrame:
    return chains_of(*opened(asking))


def chains(desk: Desk, who: Who) -> Over:
    """All chains, or the one whose row is chosen."""
    found = _chains_of(asker(desk))
    key = session.key_of("map-chains", asker(desk), session.language().value)
    rows = session.kept(key, {}).get("selection", {}).get("rows", [])
    paths = found["path"].to_list()
    lit = [paths[place] for place in rows if place < len(paths)] or paths
    return Over(
        told=lambda: _told(desk, found, who, key),
        relations=frozenset(pair for path in lit for pair in pairwise(path)),
    )


def _told(desk: Desk, found: pl.DataFrame, who: Who, key: str) -> None:
    st.subheader(text.say("map-show-chains"), anchor=False)
    if found.is_empty():
        st.success(text.say("map-chains-none"))
        return
    grave = found.filter(pl.col("verdict") == Verdict.VIOLATION.value).height
    beyond = found.filter(pl.col("within_scope") == "false").height
    st.caption(text.say("map-chains-told", count=found.height, grave=grave, beyond=beyond))
    withheld(found)
    columns = ("way", "verdict", "within_scope", "purposes", "data_categories", "last_seen")
    st.dataframe(
        text.visible_frame(dressed(found, who, desk.run)),
        column_order=columns,
        column_config={
            name: st.column_config.TextColumn(
                text.say(f"map-chain-{name}"), width=_WAY if name == "way" else None
            )
            for name in columns
        },
        hide_index=True,
        placeholder=text.ABSENT,
        height=height(found.height),
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        alt=text.phrase_here("map-chains-alt"),
    )


def dressed(found: pl.DataFrame, who: Who, run: KeptRun) -> pl.DataFrame:
    """The chains in words of the tab's language."""
    ways = [" → ".join(who.named(party) for party in path) for path in found["path"].to_list()]
    scopes = {
        each: f"{sign} {text.phrase_here(f'map-scope-{each}')}" for each, sign in _SIGNS.items()
    }
    return found.with_columns(
        way=pl.Series(ways, dtype=pl.String),
        verdict=labelled(),
        within_scope=pl.col("within_scope").replace(scopes),
        purposes=in_words(Listing.purposes, found["purposes"]),
        data_categories=in_words(Listing.categories, found["data_categories"]),
        last_seen=pl.Series([times.day(each, run) for each in found["last_seen"]], dtype=pl.String),
    )
