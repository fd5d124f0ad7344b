"""What was decided about findings: in a table, in the detail of one, and of the run in all."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl
import streamlit as st

from audit import Desk, Filter, Kind, Refusal, Role, State, Turn
from dashboards import session
from dashboards.parts import filter_codes, page, text, times, wordings

_MARK = {state: ":material/block:" for state in State if state.suppresses}
_COLOUR: Mapping[State, wordings.BadgeColour] = {
    State.OPEN: "orange",
    State.REOPENED: "red",
    State.UNDER_REVIEW: "yellow",
    State.REMEDIATING: "yellow",
}
_ATTESTED = (State.ATTESTED_PERMITTED, State.ATTESTED_EXCEPTED)
_HISTORY = ("entry", "at", "state", "author", "approver", "until", "reason", "evidence", "about")
_LINES = {  # of the overview: which states are counted together
    "open": (State.OPEN,),
    "worked-on": (State.UNDER_REVIEW, State.REMEDIATING),
    "aside": tuple(state for state in State if state.suppresses),
    "back": (State.REOPENED,),
}


# ---- in the table


def column(desk: Desk, frame: pl.DataFrame) -> list[str | None]:
    """Where each finding of a page stands; nothing where that cannot be read, which is said."""
    try:
        standings = desk.standings(frame, datetime.now(UTC))
    except Refusal:
        return [None] * frame.height
    return [_cell(row) for row in standings.iter_rows(named=True)]


def _cell(standing: Mapping[str, Any]) -> str:
    told = wordings.state(standing["state"])
    return text.phrase_here("decided-lapsed", state=told) if standing["why"] else told


def unreadable(desk: Desk, found: pl.DataFrame) -> bool:
    """Whether decisions cannot be relied on now; then the reason stands on the screen."""
    try:
        broken = (desk.standings(found, datetime.now(UTC))["why"] == "log_broken").any()
    except Refusal as refusal:
        st.error(text.say("decided-unreadable-now"), icon=":material/gpp_bad:")
        text.told(refusal.problems)
        return True
    if broken:
        st.error(text.say("triage-why-log_broken"), icon=":material/gpp_bad:")
    return False


def set_aside(desk: Desk, asked: Filter) -> int:
    """How many findings of the filter are set aside, whether they are shown or hidden."""
    wanted = filter_codes.aside_of(asked, desk.run)
    return desk.page(wanted, Turn(size=1)).total if wanted else 0


# ---- in the detail of a finding


def stand(desk: Desk, finding: Mapping[str, Any], entries: Sequence[Any]) -> None:
    """Where the finding stands, who said so until when, and why what was said does not count."""
    schema = desk.page(turn=Turn(size=1)).frame.schema
    row = pl.DataFrame([dict(finding)], schema=schema)
    standing = desk.standings(row, datetime.now(UTC)).row(0, named=True)
    state = State(standing["state"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = text.phrase_here(f"triage-state-{state}")
        st.badge(text.plain(name), icon=_MARK.get(state), color=_COLOUR.get(state, "gray"))
        if standing["entry"] is None:
            st.text(text.phrase_here("decided-nobody"))
        else:
            st.text(_who(standing, desk))
    if standing["reason"]:
        st.text(text.phrase_here("decided-reason", reason=text.visible(standing["reason"])))
    if standing["why"]:
        why = text.phrase_here(f"triage-why-{standing['why']}")
        st.warning(text.say("decided-not-counted", why=why, state=name), icon=":material/undo:")
    if state in _ATTESTED:
        st.text(text.phrase_here("decided-raw", verdict=wordings.verdict(finding["verdict"])))
    if entries:
        _history(desk, entries)


def _who(standing: Mapping[str, Any], desk: Desk) -> str:
    """One line: by whom and when, approved by whom, until when, on what evidence."""
    at = times.minute(standing["at"], desk.run)
    author = text.visible(standing["author"] or "?")
    told = [text.phrase_here("decided-by", author=author, at=at, entry=standing["entry"])]
    if standing["approver"]:
        approver = text.visible(standing["approver"])
        told.append(text.phrase_here("decided-approved", approver=approver))
    if standing["until"]:
        told.append(text.phrase_here("decided-until", until=standing["until"].isoformat()))
    if standing["evidence"]:
        evidence = text.visible(", ".join(standing["evidence"]))
        told.append(text.phrase_here("decided-evidence", evidence=evidence))
    return text.phrase_here("decided-join").join(told)


def _history(desk: Desk, entries: Sequence[Any]) -> None:
    with st.expander(text.say("decided-history", entries=len(entries)), icon=":material/history:"):
        rows = [_told(entry, desk) for entry in entries]
        schema = {name: pl.Int64() if name == "entry" else pl.String() for name in _HISTORY}
        st.dataframe(
            text.visible_frame(pl.DataFrame(rows, schema=schema)),
            column_config={name: text.say(f"decided-column-{name}") for name in _HISTORY},
            hide_index=True,
            placeholder=text.ABSENT,
            alt=text.phrase_here("decided-history", entries=len(entries)),
        )


def _told(entry: Any, desk: Desk) -> dict[str, str | int | None]:  # noqa: ANN401 (of the log)
    told, lacking = entry.decision, entry.lacking or ""
    if told is None:
        unread = text.phrase_here("decided-no-decision", lacking=lacking)
        return {
            "entry": entry.sequence,
            "at": times.minute(entry.at, desk.run) or None,
            "state": unread,
        }
    return {
        "entry": entry.sequence,
        "at": times.minute(entry.at, desk.run) or None,
        "state": text.phrase_here(f"triage-state-{told.state}"),
        "author": told.author,
        "approver": told.approver,
        "until": told.until and told.until.isoformat(),
        "reason": told.reason,
        "evidence": ", ".join(told.evidence) or None,
        "about": _about(told.targets),
    }


def _about(targets: Sequence[Any]) -> str:
    kinds = {target.kind for target in targets}
    if kinds == {Kind.FINDING} and len(targets) > 1:
        return text.phrase_here("decided-about-findings", findings=len(targets))
    join = text.phrase_here("clause-list")
    return join.join(text.phrase_here(f"decided-about-{kind}") for kind in sorted(kinds))


# ---- the run in all


def overview(desk: Desk) -> None:
    """How many findings stand where, a line each; officers get to them by it."""
    try:
        counts = desk.states(datetime.now(UTC))
    except Refusal as refusal:
        st.error(text.say("decided-unreadable-now"), icon=":material/gpp_bad:")
        text.told(refusal.problems)
        return
    if not any(counts.values()):
        return
    st.subheader(text.say("decided-overview"), anchor=False)
    for line, states in _LINES.items():
        _line(line, sum(counts[state] for state in states), states)
    if counts[State.RESOLVED]:
        st.text(text.phrase_here("decided-resolved", findings=f"{counts[State.RESOLVED]:,}"))


def _line(line: str, found: int, states: Sequence[State]) -> None:
    """What nobody has to look at has no line, but for what is open."""
    if not found and line != "open":
        return
    label = text.say(f"decided-{line}", findings=f"{found:,}")
    if found and session.may(Role.officer):
        page.link_to("violations", label, state=",".join(states))
    else:
        st.text(text.phrase_here(f"decided-{line}", findings=f"{found:,}"))
