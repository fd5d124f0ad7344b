"""The findings: filtered, page by page; of the chosen one the cause, the clauses, every flow."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

import polars as pl
import streamlit as st

from audit import (
    MOST_IN_A_WORKBOOK,
    MOST_PLAIN,
    Desk,
    Filter,
    Form,
    Listing,
    Order,
    Page,
    Quotable,
    Refusal,
    Role,
    Turn,
    quotable,
    sentence,
    too_many,
)
from dashboards import session
from dashboards.parts import (
    decided,
    deciding,
    deciding_about,
    filters,
    finding,
    page,
    people,
    tables,
    text,
    times,
    wordings,
)

FINDING = "finding"
_ORDER = "violations-order"
_FINDINGS_A_PAGE = 12  # all of them in sight, the chosen one among them
_COUNTS = ("flows", people.SUBJECTS, "records")
_ENDS = ("sender", "recipient")
_WIDTHS: Mapping[str, Literal["large"] | int] = {"cause": "large", "state": 170}
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
    deciding.settle()
    asked = filters.drawn(desk, cited)
    first = desk.page(asked, Turn(size=1))
    found = first.total
    order = _heading(desk, asked, found)
    table = _table(desk, asked, order, cited)
    if session.may(Role.officer) and not decided.unreadable(desk, first.frame):
        _set_aside(desk, asked)
    if not found:
        st.info(text.say("violations-nothing-found"), icon=":material/search_off:")
    _settle_page(desk, asked, order, table)
    around = _around(desk, asked, table, found)
    detail = partial(finding.detail, desk, cited, around)
    tables.paged(table, detail if session.may(Role.officer) else None)
    if session.may(Role.officer) and tables.chosen_in(table) is None:
        st.caption(text.say("violations-choose"))


def _set_aside(desk: Desk, asked: Filter) -> None:
    """How many findings of the filter are set aside; they are never hidden without a word."""
    aside, hidden = decided.set_aside(desk, asked), bool(asked.stand and not asked.stand.aside)
    if not aside and not hidden:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        key = "decided-hidden" if hidden else "decided-shown"
        st.text(text.phrase_here(key, findings=f"{aside:,}"), width="content")
        filters.hiding(asked)


def _around(desk: Desk, asked: Filter, table: tables.Paged, found: int) -> deciding_about.Around:
    """What can be decided together with the chosen finding."""

    def every() -> tuple[str, ...]:
        return tuple(desk.page(asked, Turn(size=deciding_about.MOST)).frame["fingerprint"])

    return deciding_about.Around(partial(tables.ids_here, table), every, found)


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
        if found > MOST_IN_A_WORKBOOK:
            st.caption(text.plain(sentence(too_many(found), session.language())))
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
        disabled=not found or (form is Form.XLSX and found > MOST_IN_A_WORKBOOK),
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
    states = ("state",) if session.may(Role.officer) else ()
    said = ("severity", "verdict", *states, *layers)
    words = (*said, "clause", "cause", "sender", "recipient", "purpose")
    columns: dict[str, Any] = {
        name: st.column_config.TextColumn(
            text.phrase_here(f"violations-{name}"), width=_WIDTHS.get(name)
        )
        for name in words
    }
    for name in _COUNTS:
        heading = text.phrase_here(f"violations-{name}")
        columns[name] = (
            people.column(heading)
            if name == people.SUBJECTS
            else st.column_config.NumberColumn(heading, format="localized")
        )
    return columns | {"last_seen": text.phrase_here("violations-last_seen")}


def dressed(frame: pl.DataFrame, desk: Desk, cited: Quotable) -> pl.DataFrame:
    """A page of findings in words of the tab's language."""
    rows = frame.rows(named=True)
    names = desk.names_of({row[end] for row in rows for end in _ENDS if row[end]})
    told = {
        "severity": [wordings.severity(row["severity"]) for row in rows],
        "verdict": [wordings.said(row) for row in rows],
        "state": decided.column(desk, frame) if session.may(Role.officer) else [None] * len(rows),
        "layer": [wordings.layer(row["layer"]) for row in rows],
        "clause": [wordings.clause(row["clause"], row["layer"], cited) for row in rows],
        "cause": [text.visible(row[f"cause_{session.language()}"]) for row in rows],
        **{end: [wordings.party(row[end] or "", names) for row in rows] for end in _ENDS},
        "purpose": [finding.listed(Listing.purposes, row["purpose"]) for row in rows],
        "last_seen": [times.day(row["last_seen"], desk.run) for row in rows],
    }
    words = (pl.Series(name, cells, pl.String()) for name, cells in told.items())
    return frame.with_columns(people.cells(frame), *words)


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


page.run_page("violations", draw)
