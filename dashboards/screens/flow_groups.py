"""Flows in groups: from role to recipient to purpose, and over time; a click leads to the flows."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from audit import (
    By,
    Desk,
    FlowFilter,
    KeptRun,
    Listing,
    Reader,
    Refusal,
    Role,
    Verdict,
    streams_of,
    zone_of,
)
from dashboards import session
from dashboards.parts import codes, flow_table, page, people, text, verdicts, wordings
from dashboards.parts.calendar import Calendar, Step
from dashboards.parts.sankey import Group, Sankey, sankey

GROUP, STEP = "flow-groups-group", "flow-groups-step"
ALL = "all"
_TALLEST_TABLE = 388


def draw(desk: Desk) -> None:
    """The Sankey with its table, the timeline with its table, the flows of what was chosen."""
    streams = _streams(str(desk.run.folder), desk.run.run_id, desk.reader.role.value)
    if streams.is_empty():
        st.info(text.say("flow-groups-none"))
        return
    wordings.worse_of_layers(desk.run)
    _groups(streams, desk)
    _timeline(desk)
    _flows(desk)


@st.cache_data(max_entries=8, show_spinner=False)
def _streams(folder: str, run_id: str, role: str) -> pl.DataFrame:
    return streams_of(KeptRun(Path(folder), run_id), Reader(Role(role)))


# ---- role, recipient, purpose


def _groups(streams: pl.DataFrame, desk: Desk) -> None:
    counted = _counted(streams)
    drawn = sankey(streams, counted)
    hidden = int(streams["suppressed"].sum())
    if hidden:
        st.caption(text.say("flow-groups-hidden", groups=hidden))
    _chart(drawn, desk, counted)
    _table(streams, desk, counted)


def _counted(streams: pl.DataFrame) -> Verdict | None:
    """All flows, or those of one verdict."""
    present = [each.value for each in verdicts.worst_first() if streams[each.value].sum()]
    words = {each: verdicts.label(each, session.language()) for each in present}
    words[ALL] = text.say("flow-groups-all")
    chosen = st.segmented_control(
        text.say("flow-groups-count"),
        [ALL, *present],
        default=ALL,
        required=True,
        format_func=words.__getitem__,
        key="flow-groups-counted",
    )
    return None if chosen in {ALL, None} else Verdict(chosen)


def _chart(drawn: Sankey, desk: Desk, counted: Verdict | None) -> None:
    key = session.key_of("flow-groups-sankey", desk.run.run_id, counted, session.language().value)

    def clicked() -> None:
        session.keep(GROUP, drawn.chosen(session.kept(key)["selection"]["selected"]))

    st.echarts_chart(
        drawn.spec,
        height=drawn.height,
        key=key,
        on_select=clicked if session.may(Role.officer) else "ignore",
        alt=text.phrase_here("flow-groups-alt"),
    )


def _table(streams: pl.DataFrame, desk: Desk, counted: Verdict | None) -> None:
    """The same streams in rows; a row leads to its flows as a click on the chart does."""
    shown = pl.col(counted.value) > 0 if counted else pl.lit(value=True)
    rows = streams.filter(shown | pl.col("suppressed")).sort(
        "violation", "flows", "recipient", "purpose", descending=[True, True, False, False],
        nulls_last=True,
    )  # fmt: skip
    keys = tuple(rows.select("recipient", "purpose").rows())
    key = session.key_of("flow-groups-table", desk.run.run_id, counted, keys)

    def chosen() -> None:
        places = session.kept(key)["selection"]["rows"]
        recipient, purpose = keys[places[0]] if places else ("", "")
        session.keep(GROUP, Group((recipient,), (purpose,)) if places else None)

    options: dict[str, Any] = {"key": key}
    if session.may(Role.officer):
        options |= {"on_select": chosen, "selection_mode": "single-row"}
    unregistered = text.phrase_here("parties-unregistered")
    names = dict(rows.select("recipient", "name").iter_rows())
    called = [wordings.party(each, names) for each in rows["recipient"]]
    numbers = ("flows", "subjects", *(each.value for each in verdicts.worst_first()))
    st.dataframe(
        text.visible_frame(
            rows.with_columns(
                codes.worded(Listing.roles, "role").fill_null(unregistered),
                codes.worded(Listing.purposes, "purpose"),
                people.cells(rows),
                pl.Series("recipient", called, pl.String),
            )
        ),
        column_order=("role", "recipient", "purpose", *numbers),
        column_config={
            **{name: text.say(f"flow-groups-{name}") for name in ("role", "recipient", "purpose")},
            **{
                name: st.column_config.NumberColumn(_heading(name), format="localized")
                for name in numbers
            },
            people.SUBJECTS: people.column(text.say("flow-groups-subjects")),
        },
        hide_index=True,
        placeholder=text.ABSENT,
        height=min(_TALLEST_TABLE, 38 + 35 * max(1, rows.height)),
        alt=text.phrase_here("flow-groups-alt"),
        **options,
    )


def _heading(name: str) -> str:
    if name in tuple(Verdict):
        return verdicts.label(name, session.language())
    return text.say(f"flow-groups-{name}")


# ---- over time


def _timeline(desk: Desk) -> None:
    st.subheader(text.say("flow-groups-timeline"), anchor=False)
    by = st.segmented_control(
        text.say("flow-groups-by"),
        [each.value for each in By],
        default=By.month.value,
        required=True,
        format_func=lambda each: text.say(f"flow-groups-by-{each}"),
        key="flow-groups-by",
    )
    try:
        with st.spinner(text.say("flow-groups-reading")):
            told = desk.timeline(By(by or By.month))
    except Refusal as refusal:
        st.caption(text.say("flow-groups-no-timeline"))
        text.told(refusal.problems)
        return
    calendar = Calendar(told, By(by or By.month))
    key = session.key_of(f"{STEP}-chart", desk.run.run_id, by, session.language().value)

    def clicked() -> None:
        session.keep(STEP, calendar.chosen(session.kept(key)["selection"]["selected"]))

    st.echarts_chart(
        calendar.spec,
        height=320,
        key=key,
        on_select=clicked if session.may(Role.officer) else "ignore",
        alt=text.phrase_here("flow-groups-timeline-alt"),
    )
    with st.expander(text.say("flow-groups-as-table")):
        _times(told)


def _times(told: pl.DataFrame) -> None:
    words = {verdict.value: verdicts.label(verdict, session.language()) for verdict in Verdict}
    columns = ("at", "verdict", "flows", "subjects")
    st.dataframe(
        text.visible_frame(told.with_columns(people.cells(told), pl.col("verdict").replace(words))),
        column_order=columns,
        column_config={name: text.say(f"flow-groups-{name}") for name in columns}
        | {people.SUBJECTS: people.column(text.say("flow-groups-subjects"))},
        hide_index=True,
        placeholder=text.ABSENT,
        alt=text.phrase_here("flow-groups-timeline-alt"),
    )


# ---- the flows of what was chosen


def _flows(desk: Desk) -> None:
    st.subheader(text.say("flow-groups-flows"), anchor=False)
    if not session.may(Role.officer):
        st.info(text.say("shell-role-needed", role=page.role_word(Role.officer)))
        return
    group, chosen = session.kept(GROUP), session.kept(STEP)
    if group is None and chosen is None:
        st.text(text.phrase_here("flow-groups-click"))
        return
    _told(group, chosen)
    flow_table.flow_table(desk, _asked(group, chosen, desk.run), "flow-groups-flows")


def _told(group: Group | None, chosen: Step | None) -> None:
    """What was chosen, in words, and how to let go of it."""
    parts = []
    if group is not None:
        parts += [", ".join(group.recipients)] if group.recipients else []
        parts += [codes.words(Listing.purposes, group.purposes)] if group.purposes else []
        parts += [verdicts.label(group.verdict, session.language())] if group.verdict else []
    if chosen is not None:
        parts += [verdicts.label(chosen.verdict, session.language()), chosen.days]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(" · ".join(text.visible(part) for part in parts))
        st.button(text.say("flow-groups-clear"), icon=":material/close:", on_click=_let_go)


def _let_go() -> None:
    session.forget(GROUP)
    session.forget(STEP)


def _asked(group: Group | None, chosen: Step | None, run: KeptRun) -> FlowFilter:
    """The flows of the group and of the step of time, days as the run's zone has them."""
    wanted = FlowFilter()
    if group is not None:
        verdict = (group.verdict.value,) if group.verdict else ()
        wanted = FlowFilter(recipients=group.recipients, purposes=group.purposes, verdicts=verdict)
    if chosen is None:
        return wanted
    since, until = (_midnight(day, run) for day in (chosen.since, chosen.before))
    return replace(wanted, verdicts=(chosen.verdict.value,), since=since, until=until)


def _midnight(day: date, run: KeptRun) -> datetime:
    zone = zone_of(run.manifest["options"]["timezone"])
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


page.run_page("flow_groups", draw)
