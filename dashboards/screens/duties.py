"""The duties of the run: how many are in which state, and, for officers, each single one."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, unquote

import polars as pl
import streamlit as st

from audit import Desk, DutyBook, DutyFilter, Page, Role
from dashboards import session
from dashboards.parts import duties, links, page, tables, text, times, wordings

CASE = "case"
_FILTERS = ("duty", "state", "party")
_SEPARATOR = ","
_A_ROW = 3  # of the six states


def draw(desk: Desk) -> None:
    """The states in all, duty by duty, and below the single cases."""
    book = desk.dutybook()
    if not book.imposed:
        packs = text.phrase_here("cli-list").join(each["id"] for each in desk.run.manifest["packs"])
        st.info(text.say("duties-none", packs=packs))
        st.text(text.phrase_here("duties-what"))
        return
    _as_of(book, desk)
    text.told(book.problems)
    _states(book)
    if book.counts.is_empty():
        st.info(text.say("duties-none-arose"))
        return
    _per_duty(book)
    if session.may(Role.officer):
        _cases(desk, book)
    else:
        st.info(text.say("duties-viewer"), icon=":material/visibility_off:")


def _as_of(book: DutyBook, desk: Desk) -> None:
    """Until when was looked, and what the calendar lacked for it."""
    if book.as_of is None:
        st.caption(text.say("duties-as-of-none"))
        return
    st.caption(text.say("duties-as-of", as_of=times.minute(book.as_of, desk.run)))
    if book.calendar_lacking:
        years = text.phrase_here("cli-list").join(map(str, book.calendar_lacking))
        st.warning(text.say("duties-calendar-lacking", years=years))


def _states(book: DutyBook) -> None:
    """How many duties are in each state, the gravest first."""
    columns = [*st.columns(_A_ROW), *st.columns(_A_ROW)]
    for column, (state, count) in zip(
        columns, book.states.select("state", "duties").rows(), strict=True
    ):
        column.metric(text.plain(duties.state(state)), text.count(count), border=True)


def _per_duty(book: DutyBook) -> None:
    """A row per duty, a column per state that any is in; what is withheld is a dash."""
    st.subheader(text.say("duties-per-duty"), anchor=False)
    found = set(book.counts["state"])
    states = [state for state in book.states["state"] if state in found]
    keys = book.counts.select("layer", "duty").unique(maintain_order=True).rows()
    counted = {tuple(key): count for *key, count in book.counts.select(*_KEY, "duties").rows()}
    told = {
        "duty": [duties.named(layer, duty, book) for layer, duty in keys],
        **{state: [counted.get((*key, state), 0) for key in keys] for state in states},
        "gist": [_gist(layer, duty, book) for layer, duty in keys],
    }
    schema = {"duty": pl.String(), **dict.fromkeys(states, pl.Int64()), "gist": pl.String()}
    columns: dict[str, Any] = {
        "duty": _duty_column(),
        **{
            state: st.column_config.NumberColumn(duties.state(state), format="localized")
            for state in states
        },
        "gist": text.say("duties-column-gist"),
    }
    st.dataframe(
        text.visible_frame(pl.DataFrame(told, schema=schema)),
        column_config=columns,
        hide_index=True,
        placeholder=text.ABSENT,
        alt=text.phrase_here("duties-per-duty-alt"),
        key="duties-per-duty",
    )


def _duty_column() -> Any:  # noqa: ANN401 (Streamlit's own)
    return st.column_config.TextColumn(text.say("duties-column-duty"), width=duties.WIDE)


_KEY = ("layer", "duty", "state")


def _gist(layer: str, duty: str, book: DutyBook) -> str:
    told = book.told(layer, duty, session.language())
    return told.gist if told else ""


# ---- the single ones


def _cases(desk: Desk, book: DutyBook) -> None:
    st.subheader(text.say("duties-list"), anchor=False)
    asked = _asked(desk, book)
    table = _table(desk, asked)
    if not desk.duties(asked, size=1).total:
        st.info(text.say("duties-nothing-found"), icon=":material/search_off:")
    tables.paged(table, lambda identity: duties.detail(desk, identity))
    if tables.chosen_in(table) is None:
        st.caption(text.say("duties-choose"))


def _asked(desk: Desk, book: DutyBook) -> DutyFilter:
    """What the address asks, by the widgets that show it."""
    parties = desk.parties_of_duties()
    names = desk.names_of(parties)
    layers = {duty: layer for layer, duty, _ in book.counts.select(_KEY).rows()}
    offered: dict[str, tuple[Iterable[str], Callable[[str], str]]] = {
        "duty": (layers, lambda duty: duties.named(layers.get(duty, ""), duty, book)),
        "state": (book.states["state"], _state),
        "party": (parties, lambda party: wordings.party(party, names)),
    }
    chosen = {}
    for column, name in zip(st.columns(len(_FILTERS)), _FILTERS, strict=True):
        with column:
            chosen[name] = _choose(name, *offered[name])
    return DutyFilter(chosen["duty"], chosen["state"], chosen["party"])


def _state(code: str) -> str:
    return duties.state(code) if code in duties.LOOKS else code


def _choose(name: str, offered: Iterable[str], called: Callable[[str], str]) -> tuple[str, ...]:
    """The codes that the address names; those that the run does not have are said to be none."""
    known = list(offered)
    asked = [unquote(code) for code in (session.code(name) or "").split(_SEPARATOR) if code]
    links.not_in_run(code for code in asked if code not in known)
    key = f"duties-{name}"
    if session.kept(key) != asked:
        session.keep(key, asked)
    st.multiselect(
        text.say(f"duties-filter-{name}"),
        list(dict.fromkeys([*known, *asked])),
        format_func=called,
        key=key,
        placeholder=text.phrase_here("filter-all"),
        on_change=_remember,
    )
    return tuple(asked)


def _remember() -> None:
    """What the widgets say now, into the address."""
    said = {name: session.kept(f"duties-{name}", ()) for name in _FILTERS}
    spelled = {
        name: _SEPARATOR.join(quote(code, safe="") for code in codes) or None
        for name, codes in said.items()
    }
    session.put_codes(**spelled)


def _table(desk: Desk, asked: DutyFilter) -> tables.Paged:
    def rows(number: int, size: int) -> Page:
        return desk.duties(asked, number, size)

    return tables.Paged(
        name="duties",
        rows=rows,
        of=(desk.run.run_id, desk.reader.role.value, asked, session.language().value),
        columns={
            name: text.say(f"duties-column-{name}") if name != "duty" else _duty_column()
            for name in duties.COLUMNS
        },
        identity="id",
        code=CASE,
        alt=text.phrase_here("duties-list-alt"),
        dress=lambda frame: duties.dressed(frame, desk),
    )


page.run_page("duties", draw)
