"""One finding in full: cause and remedy, what the clauses say, every flow and why, the decision."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import streamlit as st

from audit import Desk, FlowFilter, Listing, Page, Quotable, Refusal, Verdict, without_subject
from dashboards import session
from dashboards.parts import (
    codes,
    decided,
    deciding,
    deciding_about,
    duties,
    explanation,
    flow_table,
    page,
    people,
    tables,
    text,
    times,
    wordings,
)

_READ_AT_ONCE = 200_000  # flows of an export that is read without being asked to
_FLOWS_A_PAGE = 10
_COUNTS = ("flows", "records")


def detail(desk: Desk, cited: Quotable, around: deciding_about.Around, fingerprint: str) -> None:
    """Everything of the finding; what cannot be shown now says why, and the rest still stands."""
    try:
        finding = desk.finding(fingerprint)
    except Refusal as refusal:
        text.told(refusal.problems)
        return
    with st.container(border=True):
        _cause(finding, desk, cited)
        _decision(finding, desk, around)
        if wordings.is_duty(finding):
            _cases(finding)
        else:
            _clauses(finding, cited)
            _flows(finding, desk)


def _cause(finding: Mapping[str, Any], desk: Desk, cited: Quotable) -> None:
    language = session.language()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        wordings.badge(finding["severity"])
        st.markdown(f"**{text.plain(wordings.said(finding))}**", width="content")
        clause = wordings.clause(finding["clause"], finding["layer"], cited)
        st.markdown(f"**{text.plain(clause)}**", width="content")
        st.caption(text.say("violations-finding", finding=finding["fingerprint"][:12]))
    st.text(text.visible(finding[f"cause_{language}"]))
    remedy = text.plain(finding[f"remedy_{language}"])
    st.info(f"**{text.say('violations-remedy')}** {remedy}", icon=":material/build:")
    if wordings.is_duty(finding):
        _of_duty(finding, desk)
    else:
        _facts(finding, desk)
    with st.container(horizontal=True):
        if cited.clause(finding["layer"], finding["nearest"] or finding["clause"]):
            name = finding["nearest"] or finding["clause"]
            page.link_to("clauses", text.say("violations-to-clause"), clause=name)
        if finding["recipient"]:
            there = finding["recipient"]
            page.link_to("data_map", text.say("violations-to-map"), focus=there)
            page.link_to("parties", text.say("violations-to-party"), party=there)


def _facts(finding: Mapping[str, Any], desk: Desk) -> None:
    """Who, what, when, and how many."""
    who, counts = st.columns([2, 1])
    with who:
        sides = ("sender", "recipient")
        names = desk.names_of([finding[side] for side in sides if finding[side]])
        ends = {side: wordings.party(finding[side] or "?", names) for side in sides}
        role = wordings.role(finding["recipient_role"])
        st.text(text.phrase_here("violations-who", **ends, role=role))
        st.text(
            text.phrase_here(
                "violations-what",
                operation=listed(Listing.operations, finding["operation"]),
                purpose=listed(Listing.purposes, finding["purpose"]),
                categories=text.visible(codes.words(Listing.categories, finding["categories"])),
            )
        )
    with counts:
        told = {name: f"{finding[name]:,}" for name in _COUNTS}
        st.text(text.phrase_here("overview-counts", people=people.told(finding), **told))
        if finding["first_seen"] and finding["last_seen"]:
            days = {
                name: times.day(finding[f"{name}_seen"], desk.run) for name in ("first", "last")
            }
            st.text(text.phrase_here("violations-when", **days))


def _of_duty(finding: Mapping[str, Any], desk: Desk) -> None:
    """Whose duties they are, and when the first and the last of them arose."""
    told = [people.told(finding)] if finding["subjects"] or finding["whole_base"] else []
    if finding["first_seen"] and finding["last_seen"]:
        days = {name: times.day(finding[f"{name}_seen"], desk.run) for name in ("first", "last")}
        told.append(text.phrase_here("violations-when", **days))
    st.text(" · ".join(told))


def _decision(finding: Mapping[str, Any], desk: Desk, around: deciding_about.Around) -> None:
    """Where the finding stands by what was decided, and the form to decide it anew."""
    st.markdown(f"#### {text.say('violations-decision')}")
    try:
        seen, entries = desk.decisions(finding["fingerprint"])
        decided.stand(desk, finding, entries)
    except Refusal as refusal:
        text.told(refusal.problems)
        return
    deciding.form(desk, finding, around, seen)


def _clauses(finding: Mapping[str, Any], cited: Quotable) -> None:
    """What the clauses say that decided, came nearest, or are involved otherwise."""
    st.markdown(f"#### {text.say('violations-clauses')}")
    text.told(cited.problems)
    decided = finding["verdict"] == Verdict.VIOLATION
    named = {finding["clause"]: "deciding" if decided else "possible"}
    if finding["nearest"]:
        named.setdefault(finding["nearest"], "nearest")
    for name in finding["clauses"] or ():
        named.setdefault(name, "involved" if decided else "possible")
    shown = {name: part for name, part in named.items() if cited.clause(finding["layer"], name)}
    if finding["clause"] not in shown:
        ground = wordings.ground(finding["clause"])
        st.text(text.phrase_here("violations-no-clause", ground=ground))
    if shown:
        titles = [
            f"{text.say(f'violations-{part}')} {text.plain(name)}" for name, part in shown.items()
        ]
        for tab, name in zip(st.tabs(titles), shown, strict=True):
            with tab:
                explanation.quoted(finding["layer"], name, cited)
    if shown and cited.agreement is None and not cited.problems:
        st.caption(text.say("violations-no-text"))


def _cases(finding: Mapping[str, Any]) -> None:
    """Where the single cases of a duty are, each with what raised it and what is missing."""
    state = finding["cause_code"].removeprefix("duty_").replace("late", "breached")
    party = {"party": quote(finding["recipient"], safe="")} if finding["recipient"] else {}
    codes_of_case = {"duty": quote(finding["clause"], safe=""), "state": state, **party}
    page.link_to("duties", text.say("duties-to-list"), **codes_of_case)


# ---- the flows of the same cause, and why each got its verdict


def _flows(finding: Mapping[str, Any], desk: Desk) -> None:
    st.markdown(f"#### {text.say('violations-why')}")
    if not finding["flows"]:
        st.text(text.phrase_here("violations-no-flows"))
        return
    judged = desk.run.manifest["rows"]["flows"]["judged"]
    wanted = f"read-{desk.run.run_id}"
    if judged > _READ_AT_ONCE and not session.kept(wanted):
        label = text.say("violations-load", flows=f"{judged:,}")
        st.button(label, icon=":material/play_arrow:", on_click=session.keep, args=(wanted, True))
        return
    with st.spinner(text.say("violations-reading")):
        tables.paged(_flow_table(finding, desk), partial(_why, desk))


def _flow_table(finding: Mapping[str, Any], desk: Desk) -> tables.Paged:
    fingerprint = finding["fingerprint"]

    def rows(number: int, size: int) -> Page:
        return desk.flows(FlowFilter(fingerprint=fingerprint), number, size)

    table = tables.Paged(
        name=f"flows-{fingerprint[:16]}",
        rows=rows,
        of=(desk.run.run_id, desk.reader.role.value, fingerprint, session.language().value),
        columns={
            name: text.phrase_here(f"flow-table-{name}") for name in flow_table.columns_of(desk)
        },
        identity="flow_id",
        size=_FLOWS_A_PAGE,
        alt=text.phrase_here("violations-flows-alt"),
        dress=partial(flow_table.dressed, desk=desk),
    )
    if tables.chosen_in(table) is None and finding["examples"]:
        tables.choose(table, finding["examples"][0])
    return table


def _why(desk: Desk, flow: str) -> None:
    """The explanation of one flow, clause by clause."""
    st.markdown(f"**{text.say('violations-flow-why', flow=flow)}**")
    try:
        explanation.explained(without_subject(desk.explain(flow)))
        duties.of_flow(flow, desk)
    except Refusal as refusal:
        text.told(refusal.problems)


def listed(listing: Listing, joined: str | None) -> str:
    """Joined codes as people call them."""
    return text.visible(codes.words(listing, joined.split(";") if joined else ()))
