"""The clause packs of the run as a page to read: each clause, and how often it decided."""

from pathlib import Path
from typing import Literal

import streamlit as st

from audit import (
    Book,
    Decided,
    Desk,
    Entry,
    KeptRun,
    Problem,
    Reader,
    Role,
    cite_told,
    clause_books,
    in_words,
    people_told,
)
from dashboards import session
from dashboards.parts import drafts, explanation, links, page, text, times

CLAUSE, PICKED = "clause", "clauses-picked"
USED, NEVER, DRAFT = "used", "never", "draft"
_EFFECT_COLOURS: dict[str, Literal["blue", "green", "red"]] = {
    "permit": "blue",
    "except": "green",
    "forbid": "red",
}
_EFFECT_ICONS = {
    "permit": ":material/check_circle:",
    "except": ":material/rule:",
    "forbid": ":material/block:",
}


def draw(desk: Desk) -> None:
    """Each pack in turn, or the one clause that the address names."""
    books = _books(str(desk.run.folder), desk.run.run_id, desk.reader.role.value)
    text.told(dict.fromkeys(problem for book in books for problem in book.problems))
    asked = session.code(CLAUSE)
    if any(entry.clause.id == asked for book in books for entry in book.entries):
        st.button(text.say("clauses-show-all"), on_click=_show_all, icon=":material/list:")
    else:
        links.not_applied([(CLAUSE, asked)] if asked else [])
        asked = None
    for book in books:
        if asked is None:
            _summary(book)
        chosen = _chosen(book, asked)
        if not chosen and asked is None:
            st.text(text.phrase_here("clauses-none-picked"))
        for entry in chosen:
            _entry(entry, book, desk.run)


@st.cache_data(max_entries=16, show_spinner=False)
def _books(folder: str, run_id: str, role: str) -> tuple[Book, ...]:
    return clause_books(KeptRun(Path(folder), run_id), Reader(Role(role)))


def _show_all() -> None:
    session.put_codes(clause=None)


# ---- what stands above


def _summary(book: Book) -> None:
    pack = book.pack
    st.subheader(text.plain(pack.title.into(session.language())))
    st.text(
        text.phrase_here(
            "clauses-imprint",
            pack=pack.id,
            version=pack.version,
            layer=text.phrase_here(f"layer-{pack.layer}"),
        )
    )
    used = [entry for entry in book.entries if state_of(entry, book) == USED]
    without = _number(book.without_ground.flows)
    for column, (key, value) in zip(
        st.columns(4),
        {
            "clauses-metric-all": str(len(book.entries)),
            "clauses-metric-used": str(len(used)),
            "clauses-metric-never": str(len(book.never_used)),
            "clauses-metric-without": without,
        }.items(),
        strict=True,
    ):
        column.metric(text.say(key), value, border=True)
    if book.never_used:
        ids = text.phrase_here("cli-list").join(book.never_used)
        st.text(text.phrase_here("clauses-never-used", clauses=ids))


def _chosen(book: Book, asked: str | None) -> tuple[Entry, ...]:
    """The one clause asked for, else those that the choice above leaves."""
    if asked is not None:
        return tuple(entry for entry in book.entries if entry.clause.id == asked)
    picked = st.segmented_control(
        text.say("clauses-pick"),
        [USED, NEVER, DRAFT],
        selection_mode="multi",
        format_func=lambda state: text.say(f"clauses-state-{state}"),
        key=f"{PICKED}-{book.pack.layer}",
    )
    return tuple(entry for entry in book.entries if not picked or state_of(entry, book) in picked)


def state_of(entry: Entry, book: Book) -> str:
    """Whether the clause decided something in this run, never did, or is a draft."""
    if entry.clause.draft:
        return DRAFT
    return NEVER if entry.clause.id in book.never_used else USED


# ---- one clause


def _entry(entry: Entry, book: Book, run: KeptRun) -> None:
    clause = entry.clause
    with st.container(border=True):
        _heading(entry, book)
        _paragraph(entry)
        if entry.quotes:
            st.caption(text.say("clauses-gist"))
        st.text(clause.gist.into(session.language()))
        st.caption(text.say("clauses-holds-where"))
        told = (in_words(line, session.language()) for line in clause.when)
        st.markdown("\n".join(f"- {text.plain(each)}" for each in told))
        if clause.note:
            st.caption(text.say("clauses-note"))
            st.text(clause.note.into(session.language()))
        if clause.supplement_cite:
            cite = cite_told(clause.supplement_cite, session.language())
            st.text(text.phrase_here("pack-supplement", cite=cite))
        _neighbours("clauses-exception-to", clause.exception_to)
        _neighbours("clauses-exceptions", entry.exceptions)
        _counts(entry, book, run)


def _heading(entry: Entry, book: Book) -> None:
    clause = entry.clause
    title, badges = st.columns([3, 2], vertical_alignment="center")
    cite = cite_told(clause.cite, session.language())
    title.subheader(text.plain(f"{cite} · {clause.id}"), anchor=False)
    with badges, st.container(horizontal=True, horizontal_alignment="right"):
        state = state_of(entry, book)
        if state != USED:
            st.badge(text.say(f"clauses-state-{state}"), color="gray")
        st.badge(
            text.say(f"effect-{clause.effect}"),
            color=_EFFECT_COLOURS[clause.effect],
            icon=_EFFECT_ICONS[clause.effect],
        )


def _paragraph(entry: Entry) -> None:
    """The clause's own text, where the run was told of the agreement's."""
    for quote in entry.quotes:
        explanation.standing(quote)
        if isinstance(quote.found, Problem):
            text.told([quote.found])
            continue
        st.caption(text.say("clauses-own-text", cite=quote.cite))
        st.text("\n".join([*quote.found.above, quote.found.text]))


def _neighbours(key: str, clauses: tuple[str, ...]) -> None:
    if not clauses:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(text.say(key), width="content")
        for clause in clauses:
            page.link_to("clauses", text.plain(clause), clause=clause)


def _counts(entry: Entry, book: Book, run: KeptRun) -> None:
    """How often it decided, in words; a count that the reader may not see says so."""
    st.divider()
    if entry.clause.draft:
        drafts.told(entry.would_change)
    else:
        st.text(_decided(entry.decided, run))
    if entry.by_supplement is not None and not entry.by_supplement.never:
        st.text(text.phrase_here("clauses-by-supplement", told=_decided(entry.by_supplement, run)))
    if entry.nearest:
        st.text(text.phrase_here("clauses-nearest", findings=entry.nearest))
    if entry.findings:
        label = text.say("clauses-findings", findings=entry.findings)
        page.link_to("violations", label, layer=book.pack.layer.value, clause=entry.clause.id)


def _decided(decided: Decided, run: KeptRun) -> str:
    if decided.never:
        return text.phrase_here("clauses-decided-never")
    if decided.flows is None:
        return text.phrase_here("clauses-decided-few")
    return text.phrase_here(
        "clauses-decided",
        flows=f"{decided.flows:,}",
        people=people_told(decided.subjects or 0, bool(decided.whole_base), session.language()),
        first=times.day(decided.first_seen, run),
        last=times.day(decided.last_seen, run),
    )


def _number(count: int | None) -> str:
    return text.phrase_here("clauses-few") if count is None else f"{count:,}"


page.run_page("clauses", draw)
