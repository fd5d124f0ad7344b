"""Duties as people read them: a line, rows of a table, and one of them in full."""

from collections.abc import Mapping
from typing import Any, Literal

import polars as pl
import streamlit as st

from audit import WHOLE_BASE, Desk, DutyBook
from dashboards import session
from dashboards.parts import page, text, times, wordings

LOOKS: Mapping[str, tuple[str, Literal["red", "orange", "yellow", "blue", "green", "gray"]]] = {
    "breached": ("✕", "red"),
    "undetermined": ("?", "orange"),
    "fulfilment_unknown": ("?", "yellow"),
    "pending": ("◔", "blue"),
    "not_due": ("○", "gray"),
    "fulfilled": ("✓", "green"),
}
COLUMNS = ("state", "duty", "raised", "party", "arisen_at", "due", "done_by", "done_at", "subject")
WIDE = 170  # pixels of a duty's column: its id is in sight, the cite on a click
_INSTANTS = ("arisen_at", "due", "done_at")


def line(desk: Desk) -> None:
    """How many duties were missed in the run, and where they are told one by one."""
    book = desk.dutybook()
    if not book.imposed or book.as_of is None:
        return
    counts = {
        state: text.count(count) for state, count in book.states.select("state", "duties").rows()
    }
    told = {name: counts[name] for name in ("breached", "undetermined", "pending", "fulfilled")}
    as_of = times.minute(book.as_of, desk.run)
    with st.container(horizontal=True, vertical_alignment="center"):
        said = text.phrase_here(
            "overview-duties", as_of=as_of, unknown=counts["fulfilment_unknown"], **told
        )
        st.text(said, width="content")
        page.link_to("duties")


def state(code: str, done_by: str | None = None) -> str:
    """The state with its sign; of what was done too late that it was done."""
    key = "duty-late" if code == "breached" and done_by else f"duty-state-{code}"
    return f"{LOOKS[code][0]} {text.phrase_here(key)}"


def named(layer: str, name: str, book: DutyBook) -> str:
    """The duty by its id, which is short, and its cite; without it where that is not known now."""
    told = book.told(layer, name, session.language())
    return text.visible(f"{name} · {told.cite}" if told else name)


def dressed(frame: pl.DataFrame, desk: Desk) -> pl.DataFrame:
    """A page of duties in words of the tab's language, times in the run's zone."""
    rows, book = frame.to_dicts(), desk.dutybook()
    names = desk.names_of({row["party"] for row in rows if row["party"]})
    told: dict[str, list[str | None]] = {
        "state": [state(row["state"], row["done_by"]) for row in rows],
        "duty": [named(row["layer"], row["duty"], book) for row in rows],
        "raised": [raised(row) for row in rows],
        "party": [row["party"] and wordings.party(row["party"], names) for row in rows],
        "done_by": [done(row) for row in rows],
        **{name: [times.minute(row[name], desk.run) or None for row in rows] for name in _INSTANTS},
    }
    words = (pl.Series(name, cells, pl.String()) for name, cells in told.items())
    everybody = pl.col("subject").replace(WHOLE_BASE, text.phrase_here("people-everybody"))
    return frame.with_columns(everybody, *words)


def of_flow(flow: str, desk: Desk) -> None:
    """The duties that this flow raised or fulfilled, where there are any."""
    rows, as_of = desk.duties_of(flow), desk.dutybook().as_of
    if not rows.is_empty():
        title = text.say("explain-duties", as_of=times.minute(as_of, desk.run))
        st.markdown(f"**{title}**")
        whole(rows, desk, text.phrase_here("duties-list-alt"))


def whole(frame: pl.DataFrame, desk: Desk, alt: str) -> None:
    """The duties towards one person, all of them at once."""
    columns = [name for name in COLUMNS if name != "subject"]
    st.dataframe(
        text.visible_frame(dressed(frame, desk).select(columns)),
        column_config={name: text.say(f"duties-column-{name}") for name in columns},
        hide_index=True,
        placeholder=text.ABSENT,
        alt=alt,
    )


def raised(row: Mapping[str, Any]) -> str:
    """What raised it."""
    return text.visible(text.phrase_here(f"duty-raised-{row['event']}", id=row["event_id"]))


def done(row: Mapping[str, Any]) -> str | None:
    """What fulfilled it, be it in time or not."""
    if not row["done_by"]:
        return None
    kind, _, name = row["done_by"].partition(":")
    return text.visible(text.phrase_here(f"duties-act-{kind}", id=name))


# ---- one of them


def detail(desk: Desk, identity: str) -> None:
    """What raised it, until when and how that is counted, what fulfils it, and what is missing."""
    row, book = desk.duty(identity), desk.dutybook()
    with st.container(border=True):
        _heading(row, book)
        _facts(row, book, desk)
        told = book.told(row["layer"], row["duty"], session.language())
        if told and told.note:
            st.caption(text.say("duties-case-note", note=told.note))
        _links(row)


def _heading(row: Mapping[str, Any], book: DutyBook) -> None:
    told = book.told(row["layer"], row["duty"], session.language())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(text.plain(state(row["state"], row["done_by"])), color=LOOKS[row["state"]][1])
        name = named(row["layer"], row["duty"], book)
        st.markdown(f"**{text.plain(name)}**", width="content")
    if told:
        st.text(text.visible(told.gist))


def _facts(row: Mapping[str, Any], book: DutyBook, desk: Desk) -> None:
    """Each fact on a line of its own, in the order in which it is asked."""
    told = book.told(row["layer"], row["duty"], session.language())
    when = times.minute(row["arisen_at"], desk.run) or "?"
    st.text(text.phrase_here("duties-case-raised", raised=raised(row), when=when))
    if row["subject"] == WHOLE_BASE:
        st.text(text.phrase_here("duties-case-whole-base"))
    if row["flows"] > 1:
        st.text(text.phrase_here("duties-case-flows", flows=f"{row['flows']:,}"))
    if row["party"]:
        names = desk.names_of([row["party"]])
        party = wordings.party(row["party"], names)
        st.text(text.phrase_here("duties-case-party", party=party))
    due = times.minute(row["due"], desk.run) or "?"
    before = "-before" if told and told.beforehand else ""
    st.text(text.phrase_here(f"duties-case-due{before}", when=due))
    if told:
        st.text(text.phrase_here("duties-case-arises", arises=told.arises))
        st.text(text.phrase_here("duties-case-counted", due=told.due))
        st.text(text.phrase_here("duties-case-fulfilled", fulfilled=told.fulfilled))
    _missing(row, book, desk)


def _missing(row: Mapping[str, Any], book: DutyBook, desk: Desk) -> None:
    """What is missing, or what did it."""
    late = row["state"] == "breached" and row["done_by"]
    when = times.minute(row["done_at"], desk.run)
    act = text.phrase_here("duties-done", act=done(row) or "", when=when)
    as_of = times.minute(book.as_of, desk.run)
    box = {"breached": st.error, "fulfilled": st.success, "pending": st.info, "not_due": st.info}
    key = f"duties-missing-{'late' if late else row['state']}"
    box.get(row["state"], st.warning)(text.say(key, done=act, as_of=as_of))


def _links(row: Mapping[str, Any]) -> None:
    with st.container(horizontal=True):
        if row["subject"] not in {None, WHOLE_BASE}:
            page.link_to("person", person=row["subject"])
        if row["party"]:
            page.link_to("parties", party=row["party"])
        if row["state"] in {"breached", "undetermined", "fulfilment_unknown"}:
            page.link_to("violations", text.say("duties-to-findings"), clause=row["duty"])
