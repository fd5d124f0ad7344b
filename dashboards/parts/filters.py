"""Which findings: chosen from what the run has, kept by this tab, and written into the address.

The address holds codes: `?severity=high,critical&clause=3-2-9.1&since=2025-03-01`. Where it names
any of them it wins; where it names none, what the tab asked last still holds.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from audit import Desk, Filter, Quotable, Role, State
from dashboards import session
from dashboards.parts import links, text
from dashboards.parts.filter_codes import (
    ASIDE,
    CHOICES,
    CODES,
    DAYS,
    FIRST_DAY,
    HIDDEN,
    LAST_DAY,
    SEARCH,
    STATE,
    STATES,
    Choice,
    Known,
    as_filter,
    from_codes,
    strangers,
    to_codes,
)

MOST_CHOICES = 300  # of parties there may be a hundred thousand; the search finds the others
_KEPT, _STRANGE = "findings-filter", "findings-filter-strange"
_A_ROW = 4


def drawn(desk: Desk, quotable: Quotable) -> Filter:
    """The filter's widgets, and what they ask now."""
    asked = _asked()
    links.not_applied(session.kept(_STRANGE, ()))
    asked = asked if session.may(Role.officer) else _without_states(asked)
    filter_ = as_filter(asked, desk.run)
    links.not_in_run(_absent(asked, desk, quotable))
    facets = desk.facets(filter_)
    offered = {field: facets[field]["code"].to_list()[:MOST_CHOICES] for field in facets}
    known = Known(quotable, desk.names_of([*offered["parties"], *asked["parties"]]))
    with st.expander(text.say("filter-title"), expanded=True, icon=":material/filter_alt:"):
        for row in _rows(CHOICES):
            for column, choice in zip(st.columns(_A_ROW), row, strict=True):
                with column:
                    _choose(choice, asked, offered[choice.field], known)
        _last_row(asked, known)
    return filter_


def _without_states(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What a viewer may ask; that the rest of a link asks nothing is said."""
    nothing = from_codes({})
    withheld = {name: nothing[name] for name in (STATES, HIDDEN)}
    said = to_codes({**nothing, **{name: asked[name] for name in withheld}})
    links.not_applied((name, code) for name in (STATE.code, ASIDE) if (code := said[name]))
    return {**asked, **withheld}


def hiding(asked: Filter) -> None:
    """The switch that leaves out what is set aside; the sentence beside it says how many."""
    _hold(HIDDEN, asked.stand is not None and not asked.stand.aside)
    st.toggle(text.say("decided-hide"), key=_key(HIDDEN), on_change=_remember)


def _absent(asked: Mapping[str, Any], desk: Desk, cited: Quotable) -> list[str]:
    """The codes asked for that the run does not have: why nothing is found by them."""
    return [
        code
        for choice in CHOICES
        for code in asked[choice.field]
        if not choice.exists(code, desk, cited)
    ]


def _rows(choices: tuple[Choice, ...]) -> Iterable[tuple[Choice, ...]]:
    return (choices[start : start + _A_ROW] for start in range(0, len(choices), _A_ROW))


def _choose(choice: Choice, asked: Mapping[str, Any], offered: list[str], known: Known) -> None:
    """The codes that would find something, the most frequent first; those chosen stay on offer."""
    chosen = list(asked[choice.field])
    _hold(choice.field, chosen)
    st.multiselect(
        text.say(f"filter-{choice.code}"),
        list(dict.fromkeys([*offered, *chosen])),
        format_func=lambda code: choice.called(code, known),
        key=_key(choice.field),
        placeholder=text.phrase_here("filter-all"),
        on_change=_remember,
    )


def _last_row(asked: Mapping[str, Any], known: Known) -> None:
    """States for officers, days, words, and the way back to everything."""
    officer = session.may(Role.officer)
    columns = st.columns(_A_ROW + officer, vertical_alignment="bottom")
    if officer:
        with columns[0]:
            _choose(STATE, asked, [str(each) for each in State if each in STATE.known], known)
    since, until, search, clear = columns[officer:]
    for column, name in ((since, DAYS[0]), (until, DAYS[1])):
        _hold(name, asked[name])
        column.date_input(
            text.say(f"filter-{name}"),
            None,
            min_value=FIRST_DAY,
            max_value=LAST_DAY,
            key=_key(name),
            format="YYYY-MM-DD",
            on_change=_remember,
        )
    _hold(SEARCH, asked[SEARCH])
    search.text_input(
        text.say("filter-text"),
        key=_key(SEARCH),
        placeholder=text.phrase_here("filter-text-hint"),
        on_change=_remember,
    )
    clear.button(
        text.say("filter-clear"),
        icon=":material/filter_alt_off:",
        on_click=_clear,
        disabled=not any(asked.values()),
        width="stretch",
    )


# ---- what is asked


def _asked() -> dict[str, Any]:
    """Per field what is asked: codes of the address, else what this tab asked last."""
    if any(session.code(code) for code in CODES):
        said = {code: session.code(code) or "" for code in CODES}
        told, kept = from_codes(said), session.kept(_KEPT, {})
        if strange := strangers(said):  # what was not applied is taken out of the address
            session.keep(_STRANGE, strange)
        session.keep(_KEPT, told | {SEARCH: kept.get(SEARCH, "")})
    asked: dict[str, Any] = session.kept(_KEPT, from_codes({}) | {SEARCH: ""})
    session.put_codes(**to_codes(asked))
    return asked


# ---- what this tab keeps


def _key(name: str) -> str:
    return f"filter-{name}"


def _hold(name: str, value: object) -> None:
    """Let the widget show what is asked; it is left alone where it does already."""
    if session.kept(_key(name)) != value:
        session.keep(_key(name), value)


def _remember() -> None:
    """What the widgets say now, into this tab and into the address."""
    asked: dict[str, Any] = {
        choice.field: tuple(session.kept(_key(choice.field), ())) for choice in (*CHOICES, STATE)
    }
    asked |= {name: session.kept(_key(name)) for name in DAYS}
    asked[HIDDEN] = bool(session.kept(_key(HIDDEN)))
    asked[SEARCH] = session.kept(_key(SEARCH)) or ""
    session.keep(_STRANGE, ())
    session.keep(_KEPT, asked)
    session.put_codes(**to_codes(asked))


def _clear() -> None:
    asked = from_codes({}) | {SEARCH: ""}
    session.keep(_STRANGE, ())
    session.keep(_KEPT, asked)
    session.put_codes(**to_codes(asked))
