"""The smallest cut over the data map: what to suspend so that nothing violating is fed."""

import polars as pl
import streamlit as st

from audit import Cut, Desk, Fate, Layer, Role, Verdict, cut_of
from dashboards import session
from dashboards.parts import people, text, verdicts
from dashboards.parts.data_map.over import Asker, Over, asker, opened
from dashboards.parts.data_map.words import Who, height, number

_END = 190  # pixels for the name of a party


@st.cache_data(max_entries=8, show_spinner=False)
def _cut_of(asking: Asker, layer: Layer | None) -> tuple[pl.DataFrame, ...]:
    found = cut_of(*opened(asking), layer)
    return found.suspended, found.violating


def cut(desk: Desk, who: Who, layer: Layer | None) -> Over:
    """The relations to suspend, and those whose violations end with them."""
    found = Cut(*_cut_of(asker(desk), layer))
    ended = found.violating.filter(pl.col("fate").is_in([Fate.SUSPENDED.value, Fate.UNFED.value]))
    return Over(
        told=lambda: _told(found, who),
        relations=frozenset(ended.select("sender", "recipient").iter_rows()),
        suspended=frozenset(found.suspended.select("sender", "recipient").iter_rows()),
    )


def _told(found: Cut, who: Who) -> None:
    st.subheader(text.say("map-show-cut"), anchor=False)
    st.caption(text.say("map-cut-what"))
    if not session.may(Role.officer):
        st.info(text.say("map-cut-withheld"), icon=":material/visibility_off:")
    if found.violating.is_empty():
        st.success(text.say("map-cut-nothing"))
        return
    fates = {fate: found.violating.filter(pl.col("fate") == fate.value) for fate in Fate}
    ended = fates[Fate.SUSPENDED].height + fates[Fate.UNFED].height
    lawful = pl.col(Verdict.PERMITTED.value) + pl.col(Verdict.EXCEPTED.value)
    metrics = {
        "map-cut-relations": found.suspended.height,
        "map-cut-ended": ended,
        "map-cut-flows": found.suspended["flows"].sum(),
        "map-cut-lawful": found.suspended.select(lawful.sum()).item(),
    }
    for column, (key, count) in zip(st.columns(len(metrics)), metrics.items(), strict=True):
        column.metric(text.say(key), f"{count or 0:,}", border=True)
    _suspended(found.suspended, who)
    for fate in (Fate.UNFED, Fate.UNREACHED, Fate.OWN):
        _fate(fate, fates[fate], who)


def _suspended(suspended: pl.DataFrame, who: Who) -> None:
    numbers = ("flows", *(each.value for each in verdicts.worst_first()), "subjects", "ends")
    headings = {
        **{
            name: st.column_config.Column(text.say(f"map-cut-column-{name}"), width=_END)
            for name in ("sender", "recipient")
        },
        "flows": number(text.say("map-cut-column-flows")),
        people.SUBJECTS: people.column(text.say("map-cut-column-subjects")),
        "ends": number(text.say("map-cut-column-ends")),
        **{each.value: number(verdicts.label(each, session.language())) for each in Verdict},
    }
    st.dataframe(
        text.visible_frame(who.with_names(suspended).with_columns(people.cells(suspended))),
        column_order=("sender", "recipient", *numbers),
        column_config=headings,
        hide_index=True,
        placeholder=text.ABSENT,
        height=height(suspended.height),
        alt=text.phrase_here("map-cut-alt"),
    )


def _fate(fate: Fate, those: pl.DataFrame, who: Who) -> None:
    """The violating relations with this fate, which only those read who want to."""
    if those.is_empty():
        return
    with st.expander(text.say(f"map-fate-{fate}", count=those.height)):
        st.dataframe(
            text.visible_frame(who.with_names(those)),
            column_order=("sender", "recipient", "violation"),
            column_config={
                "sender": text.say("map-cut-column-sender"),
                "recipient": text.say("map-cut-column-recipient"),
                "violation": number(verdicts.label(Verdict.VIOLATION, session.language())),
            },
            hide_index=True,
            placeholder=text.ABSENT,
            height=height(those.height),
            alt=text.phrase_here(f"map-fate-{fate}", count=those.height),
        )
