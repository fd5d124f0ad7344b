"""One person's dossier, for officers: recipients, consents, evidence, open questions, flows."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from audit import (
    Desk,
    Dossier,
    KeptRun,
    Language,
    Listing,
    Reader,
    Role,
    Verdict,
    dossier,
    quotable,
)
from dashboards import session
from dashboards.parts import codes, duties, flow_table, page, tables, text, times, wordings

PERSON = "person"
_ASKED = "person-asked"
_LONGEST_ID = 256
_MINUTES = 600
_PAPERS = {
    "html": "text/html",
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Some:
    """One page of flows, and how many there are on all pages."""

    frame: pl.DataFrame
    total: int


def draw(desk: Desk) -> None:
    """The question whose dossier, then the dossier."""
    st.caption(text.say("person-what"))
    asked = _asked()
    if not asked:
        st.text(text.phrase_here("person-none"))
        return
    with st.spinner(text.say("flow-groups-reading")):
        role = desk.reader.role.value
        told = _told(str(desk.run.folder), desk.run.run_id, role, asked)
    session.put_codes(person=told.subject)
    _summary(told)
    _downloads(told, desk)
    wordings.worse_of_layers(desk.run)
    _holders(told, desk)
    _parties(told, desk)
    _consents(told, desk)
    _evidence(told, desk)
    _duties(told, desk)
    _findings(told, desk)
    _flows(told, desk)


def _asked() -> str | None:
    """The id or pseudonym: what was just typed, else what the address says."""
    with st.form("person-form", border=False):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        given = left.text_input(text.say("person-who"), max_chars=_LONGEST_ID, key=_ASKED)
        right.form_submit_button(text.say("person-show"), type="primary", width="stretch")
    return given.strip() or session.code(PERSON)


@st.cache_data(max_entries=4, ttl=_MINUTES, show_spinner=False)
def _told(folder: str, run_id: str, role: str, subject: str) -> Dossier:
    return dossier(KeptRun(Path(folder), run_id), Reader(Role(role)), subject)


def _summary(told: Dossier) -> None:
    st.subheader(text.say("person-of", subject=told.subject), anchor=False)
    wrong = told.flows.filter(pl.col("overall") == Verdict.VIOLATION.value).height
    counts = {
        "person-flows": told.flows.height,
        "person-parties": told.parties.height,
        "person-violations": wrong,
        "person-consents": told.consents.height,
        "person-holders": told.holders.height,
    }
    for column, (key, count) in zip(st.columns(len(counts)), counts.items(), strict=True):
        column.metric(text.say(key), f"{count:,}", border=True)


def _downloads(told: Dossier, desk: Desk) -> None:
    """The same as files that can be handed to the person, each made when it is asked for."""
    language = session.language()  # now: whoever fetches the file has no tab
    columns = st.columns(len(_PAPERS))
    for column, (paper, mime) in zip(columns, _PAPERS.items(), strict=True):
        column.download_button(
            text.say(f"subject-download-{paper}"),
            partial(_body, desk, told.subject, paper, language),
            file_name=f"dossier-{told.subject}.{paper}",
            mime=mime,
            icon=":material/download:",
            key=f"dossier-{paper}",
            on_click="ignore",
            width="stretch",
        )
    st.caption(text.say("subject-download"))


def _body(desk: Desk, subject: str, paper: str, language: Language) -> bytes:
    return desk.dossier_file(subject, paper, language).body


def _table(name: str, frame: pl.DataFrame, columns: tuple[str, ...], empty: str) -> None:
    """A section: heading, and its rows or the sentence that there are none."""
    st.subheader(text.say(name), anchor=False)
    if frame.is_empty():
        st.text(text.phrase_here(empty))
        return
    st.dataframe(
        text.visible_frame(frame.with_columns(pl.col(pl.String).fill_null(""))),
        column_order=columns,
        column_config={each: text.say(f"person-column-{each}") for each in columns},
        hide_index=True,
        placeholder=text.ABSENT,
        alt=text.phrase_here(name),
    )


def _dated(frame: pl.DataFrame, desk: Desk, *columns: str) -> pl.DataFrame:
    """The frame with these instants as minutes of the run's zone."""
    told = {
        name: [times.minute(each, desk.run) for each in frame[name].to_list()] for name in columns
    }
    return frame.with_columns(pl.Series(name, each, pl.String()) for name, each in told.items())


def _listed(frame: pl.DataFrame, listing: Listing, *columns: str) -> pl.DataFrame:
    """The frame with these lists of codes as words on one line."""
    told = {
        name: [codes.words(listing, each) for each in frame[name].to_list()] for name in columns
    }
    return frame.with_columns(pl.Series(name, each, pl.String()) for name, each in told.items())


def _worded(frame: pl.DataFrame, column: str, stem: str) -> pl.DataFrame:
    """The frame with this column's codes as our sentences have them, `<stem>-<code>`."""
    found = {code: text.phrase_here(f"{stem}-{code}") for code in frame[column].unique() if code}
    return frame.with_columns(pl.col(column).cast(pl.String).replace(found))


# ---- the sections


def _holders(told: Dossier, desk: Desk) -> None:
    if told.holders.is_empty():
        return
    st.warning(text.say("person-holders-what"))
    rows = _listed(told.holders, Listing.categories, "categories")
    rows = _worded(_dated(rows, desk, "ended_at", "last_received"), "how", "person-event")
    columns = (
        *("party", "name", "consent_id", "how", "ended_at", "categories"),
        *("last_received", "flows", "flows_after"),
    )
    _table("person-holders", rows, columns, "person-none-of-it")


def _parties(told: Dossier, desk: Desk) -> None:
    rows = _listed(told.parties, Listing.categories, "categories")
    rows = _dated(_listed(rows, Listing.purposes, "purposes"), desk, "last_received")
    unregistered = text.phrase_here("parties-unregistered")
    rows = rows.with_columns(codes.worded(Listing.roles, "role").fill_null(unregistered))
    columns = (
        *("party", "name", "role", "flows", "violation", "indeterminate"),
        *("categories", "purposes", "last_received"),
    )
    _table("person-parties", rows, columns, "person-none-of-it")


def _consents(told: Dossier, desk: Desk) -> None:
    rows = _listed(told.consents, Listing.categories, "data_categories")
    rows = _dated(_listed(rows, Listing.purposes, "purposes"), desk, "given_at", "withdrawn_at")
    rows = _worded(_worded(rows, "state", "person-state"), "effect", "person-effect")
    rows = rows.with_columns(codes.worded(Listing.roles, "recipient"))
    columns = (
        *("consent_id", "document", "version", "effect", "state", "recipient", "purposes"),
        *("data_categories", "given_at", "withdrawn_at", "carried"),
    )
    _table("person-consents", rows, columns, "person-no-consents")
    if told.history.height:
        with st.expander(text.say("person-history")):
            events = _worded(_dated(told.history, desk, "at"), "event", "person-event")
            st.dataframe(
                text.visible_frame(events),
                column_config={each: text.say(f"person-column-{each}") for each in events.columns},
                hide_index=True,
                placeholder=text.ABSENT,
                alt=text.phrase_here("person-history"),
            )


def _evidence(told: Dossier, desk: Desk) -> None:
    rows = _dated(told.evidence, desk, "valid_from", "valid_until")
    rows = _worded(rows, "of", "person-evidence-of")
    rows = rows.with_columns(codes.worded(Listing.evidence_kinds, "kind"))
    columns = (
        *("evidence_id", "kind", "of", "issued_by", "valid_from", "valid_until"),
        *("reference", "cited", "inferred"),
    )
    _table("person-evidence", rows, columns, "person-no-evidence")


def _findings(told: Dossier, desk: Desk) -> None:
    language, cited = session.language(), quotable(desk.run)
    severities = {code: wordings.severity(code) for code in told.findings["severity"].unique()}
    clauses = told.findings["clause"].to_list()
    rows = told.findings.with_columns(
        pl.col("severity").replace(severities),
        pl.Series(
            "clause",
            map(partial(wordings.clause_of_any_layer, quotable=cited), clauses),
            pl.String(),
        ),
        cause=f"cause_{language}",
        remedy=f"remedy_{language}",
    )
    columns = ("severity", "clause", "recipient", "own_flows", "cause", "remedy")
    _table("person-findings", rows, columns, "person-no-findings")


def _duties(told: Dossier, desk: Desk) -> None:
    if not desk.dutybook().imposed:
        return
    st.subheader(text.say("person-duties"), anchor=False)
    if told.duties is None:
        st.warning(text.say("person-duties-other-key"), icon=":material/key_off:")
    elif told.duties.is_empty():
        st.text(text.phrase_here("person-no-duties"))
    else:
        duties.whole(told.duties, desk, text.phrase_here("person-duties"))


def _flows(told: Dossier, desk: Desk) -> None:
    st.subheader(text.say("person-flows"), anchor=False)

    def rows(number: int, size: int) -> Some:
        return Some(told.flows.slice((number - 1) * size, size), told.flows.height)

    columns: dict[str, Any] = {
        each: text.say(f"flow-table-{each}")
        for each in flow_table.columns_of(desk)
        if each != "subject"
    }
    tables.paged(
        tables.Paged(
            name="person-flows",
            rows=rows,
            of=(desk.run.run_id, told.subject, session.language().value),
            columns=columns,
            identity="flow_id",
            alt=text.phrase_here("flow-table-alt"),
            dress=lambda frame: flow_table.dressed(frame, desk),
        )
    )


page.run_page("person", draw, needs=Role.officer)
