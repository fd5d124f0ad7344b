"""The findings: filtered, page by page; of the chosen one the cause, the clauses, every flow."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from audit import (
    MOST_PLAIN,
    Desk,
    Filter,
    FlowFilter,
    FlowPage,
    Form,
    Listing,
    Order,
    Page,
    Quotable,
    Refusal,
    Role,
    Turn,
    Verdict,
    quotable,
    without_subject,
)
from dashboards import session
from dashboards.parts import (
    codes,
    explanation,
    filters,
    flow_table,
    page,
    tables,
    text,
    times,
    wordings,
)

FINDING = "finding"
_ORDER = "violations-order"
_READ_AT_ONCE = 200_000  # flows of an export that is read without being asked to
_FINDINGS_A_PAGE = 12  # all of them in sight, the chosen one among them
_FLOWS_A_PAGE = 10
_COUNTS = ("flows", "subjects", "records")
_FILES = {
    Form.CSV: (".csv", "text/csv"),
    Form.XLSX: (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def draw(desk: Desk) -> None:
    """The filter, the table that answers it, and below the finding that is chosen."""
    for fault in desk.faults():
        text.told((fault,))
    if not sum(desk.run.manifest["findings"].values()):
        st.success(text.say("violations-no-findings"), icon=":material/verified:")
        return
    if not session.may(Role.officer):
        st.info(text.say("violations-viewer"), icon=":material/visibility_off:")
    cited = quotable(desk.run)
    asked = filters.drawn(desk, cited)
    found = desk.page(asked, Turn(size=1)).total
    order = _heading(desk, asked, found)
    table = _table(desk, asked, order, cited)
    if not found:
        st.info(text.say("violations-nothing-found"), icon=":material/search_off:")
    _settle_page(desk, asked, order, table)
    tables.paged(table, partial(_detail, desk, cited) if session.may(Role.officer) else None)
    if session.may(Role.officer) and tables.chosen_in(table) is None:
        st.caption(text.say("violations-choose"))


def _heading(desk: Desk, asked: Filter, found: int) -> Order:
    """What the table is sorted by, and the filter as a file."""
    orders: list[Order] = list(Order)
    sorting, csv, xlsx = st.columns([3, 1, 1], vertical_alignment="bottom")
    order = sorting.selectbox(
        text.say("filter-order"),
        orders,
        format_func=lambda order: text.phrase_here(f"filter-order-{order}"),
        key=_ORDER,
        width=320,
    )
    if session.may(Role.officer):
        for column, form in ((csv, Form.CSV), (xlsx, Form.XLSX)):
            with column:
                _download(desk, asked, found, form)
    return order


def _download(desk: Desk, asked: Filter, found: int, form: Form) -> None:
    """Everything of the filter, made when it is asked for; a long CSV comes in an archive."""
    suffix, mime = _FILES[form]
    if form is Form.CSV and found > MOST_PLAIN:
        suffix, mime = ".csv.zip", "application/zip"
    language = session.language()
    st.download_button(
        text.say(f"violations-export-{form}"),
        lambda: desk.export(asked, form, language).body,
        file_name=f"findings-{desk.run.run_id[:12]}{suffix}",
        mime=mime,
        icon=":material/download:",
        key=f"export-{form}",
        on_click="ignore",
        disabled=not found,
        help=text.say("violations-export"),
        width="stretch",
    )


# ---- the table


def _table(desk: Desk, asked: Filter, order: Order, cited: Quotable) -> tables.Paged:
    def rows(number: int, size: int) -> Page:
        return desk.page(asked, Turn(number=number, size=size, order=order))

    return tables.Paged(
        name="findings",
        rows=rows,
        of=(desk.run.run_id, desk.reader.role.value, asked, order.value, session.language().value),
        columns=_columns(desk),
        identity="fingerprint",
        code=FINDING,
        size=_FINDINGS_A_PAGE,
        alt=text.phrase_here("violations-table-alt"),
        dress=partial(dressed, desk=desk, cited=cited),
    )


def _columns(desk: Desk) -> dict[str, Any]:
    """The layer only where there are two."""
    layers = ("layer",) if len(desk.run.manifest["packs"]) > 1 else ()
    words = ("severity", "verdict", *layers, "clause", "cause", "sender", "recipient", "purpose")
    columns: dict[str, Any] = {
        name: st.column_config.TextColumn(
            text.phrase_here(f"violations-{name}"), width="large" if name == "cause" else None
        )
        for name in words
    }
    for name in _COUNTS:
        columns[name] = st.column_config.NumberColumn(
            text.phrase_here(f"violations-{name}"), format="localized"
        )
    return columns | {"last_seen": text.phrase_here("violations-last_seen")}


def dressed(frame: pl.DataFrame, desk: Desk, cited: Quotable) -> pl.DataFrame:
    """A page of findings in words of the tab's language."""
    rows = frame.rows(named=True)
    told = {
        "severity": [wordings.severity(row["severity"]) for row in rows],
        "verdict": [wordings.verdict(row["verdict"]) for row in rows],
        "layer": [wordings.layer(row["layer"]) for row in rows],
        "clause": [wordings.clause(row["clause"], row["layer"], cited) for row in rows],
        "cause": [text.visible(row[f"cause_{session.language()}"]) for row in rows],
        "sender": [text.visible(row["sender"] or "") for row in rows],
        "recipient": [text.visible(row["recipient"] or "") for row in rows],
        "purpose": [_listed(Listing.purposes, row["purpose"]) for row in rows],
        "last_seen": [times.day(row["last_seen"], desk.run) for row in rows],
    }
    return frame.with_columns(pl.Series(name, cells, pl.String()) for name, cells in told.items())


def _listed(listing: Listing, joined: str | None) -> str:
    return text.visible(codes.words(listing, joined.split(";") if joined else ()))


def _settle_page(desk: Desk, asked: Filter, order: Order, table: tables.Paged) -> None:
    """Where a finding is chosen already, the table opens on the page on which it stands."""
    chosen, pages = tables.chosen_in(table), table.key("pages")
    if chosen is None or not session.may(Role.officer):
        return
    try:
        number = desk.page_of(chosen, asked, Turn(size=table.size, order=order))
    except Refusal:
        return  # the detail says that this run has no such finding
    if number is None:
        st.caption(text.say("violations-not-in-filter"))
    elif session.kept(pages) is None:
        session.keep(pages, number)


# ---- one finding


def _detail(desk: Desk, cited: Quotable, fingerprint: str) -> None:
    """Everything of the finding; what cannot be shown now says why, and the rest still stands."""
    try:
        finding = desk.finding(fingerprint)
    except Refusal as refusal:
        text.told(refusal.problems)
        return
    with st.container(border=True):
        _cause(finding, desk, cited)
        _clauses(finding, cited)
        _flows(finding, desk)
        _decision()


def _cause(finding: Mapping[str, Any], desk: Desk, cited: Quotable) -> None:
    language = session.language()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        wordings.badge(finding["severity"])
        st.markdown(f"**{text.plain(wordings.verdict(finding['verdict']))}**", width="content")
        clause = wordings.clause(finding["clause"], finding["layer"], cited)
        st.markdown(f"**{text.plain(clause)}**", width="content")
        st.caption(text.say("violations-finding", finding=finding["fingerprint"][:12]))
    st.text(text.visible(finding[f"cause_{language}"]))
    remedy = text.plain(finding[f"remedy_{language}"])
    st.info(f"**{text.say('violations-remedy')}** {remedy}", icon=":material/build:")
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
        ends = {side: text.visible(finding[side] or "?") for side in ("sender", "recipient")}
        role = wordings.role(finding["recipient_role"])
        st.text(text.phrase_here("violations-who", **ends, role=role))
        st.text(
            text.phrase_here(
                "violations-what",
                operation=_listed(Listing.operations, finding["operation"]),
                purpose=_listed(Listing.purposes, finding["purpose"]),
                categories=text.visible(codes.words(Listing.categories, finding["categories"])),
            )
        )
    with counts:
        told = {name: f"{finding[name]:,}" for name in _COUNTS}
        st.text(text.phrase_here("overview-counts", **told))
        if finding["first_seen"] and finding["last_seen"]:
            days = {
                name: times.day(finding[f"{name}_seen"], desk.run) for name in ("first", "last")
            }
            st.text(text.phrase_here("violations-when", **days))


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

    def rows(number: int, size: int) -> FlowPage:
        return desk.flows(FlowFilter(fingerprint=fingerprint), number, size)

    table = tables.Paged(
        name=f"flows-{fingerprint[:16]}",
        rows=rows,
        of=(desk.run.run_id, desk.reader.role.value, fingerprint, session.language().value),
        columns={name: text.phrase_here(f"flow-table-{name}") for name in flow_table.COLUMNS},
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
    except Refusal as refusal:
        text.told(refusal.problems)


# ---- the decision


def _decision() -> None:
    """The place of the decision on the finding."""
    st.markdown(f"#### {text.say('violations-decision')}")
    st.caption(text.say("violations-decision-later"))


page.run_page("violations", draw)
