"""Which findings: chosen from what the run has, kept by this tab, and written into the address.

The address holds codes: `?severity=high,critical&clause=3-2-9.1&since=2025-03-01`. Where it names
any of them it wins; where it names none, what the tab asked last still holds.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote, unquote

import streamlit as st

from audit import (
    Desk,
    Filter,
    KeptRun,
    Layer,
    Listing,
    Quotable,
    Verdict,
    load_vocabulary,
    zone_of,
)
from dashboards import session
from dashboards.parts import links, text, wordings

MOST_CHOICES = 300  # of parties there may be a hundred thousand; the search finds the others
_KEPT, _STRANGE = "findings-filter", "findings-filter-strange"
_DAYS = ("since", "until")
_SEARCH = "text"
_SEPARATOR = ","
_A_ROW = 4
_SEVERITIES = frozenset(wordings.SEVERITY_SIGNS)
_VERDICTS = frozenset({*map(str, Verdict), wordings.NONE})
_LAYERS = frozenset({*map(str, Layer), wordings.NONE})
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class Known:
    """What codes are called by: the clauses of the run, and the names of its parties."""

    cited: Quotable
    names: Mapping[str, str]


@dataclass(frozen=True)
class Choice:
    """One field of the filter: its name there and in the address, and what its codes are called.

    Where `known` is not empty no other code can be asked; of the others `exists` tells whether the
    run has them or could have.
    """

    field: str
    code: str
    called: Callable[[str, Known], str]
    known: frozenset[str] = frozenset()
    exists: Callable[[str, Desk, Quotable], bool] = lambda *_: True


def _coded(listing: Listing) -> Callable[[str, Known], str]:
    return lambda code, _: wordings.coded(listing, code)


def _among(listing: Listing) -> Callable[[str, Desk, Quotable], bool]:
    """Whether a code is one of the vocabulary, or none, or of a finding of the run."""
    field = _FIELDS[listing]
    return lambda code, desk, _: (
        code in load_vocabulary().entries[listing]
        or code == wordings.NONE
        or code in desk.facets()[field]["code"]
    )


_FIELDS = {
    Listing.roles: "roles",
    Listing.purposes: "purposes",
    Listing.categories: "categories",
}


def _is_clause(code: str, desk: Desk, cited: Quotable) -> bool:
    held = any(cited.clause(layer.value, code) for layer in Layer)
    return held or code in desk.facets()["clauses"]["code"]


def _is_party(code: str, desk: Desk, _: Quotable) -> bool:
    return code in desk.parties()["party_id"]


def _clause(code: str, known: Known) -> str:
    return wordings.clause_of_any_layer(code, known.cited)


def _party(code: str, known: Known) -> str:
    return wordings.party(code, known.names)


CHOICES = (
    Choice("severities", "severity", lambda code, _: wordings.severity(code), _SEVERITIES),
    Choice("verdicts", "verdict", lambda code, _: wordings.verdict(code), _VERDICTS),
    Choice("clauses", "clause", _clause, exists=_is_clause),
    Choice("layers", "layer", lambda code, _: wordings.layer(code), _LAYERS),
    Choice("parties", "party", _party, exists=_is_party),
    Choice("roles", "role", lambda code, _: wordings.role(code), exists=_among(Listing.roles)),
    Choice("purposes", "purpose", _coded(Listing.purposes), exists=_among(Listing.purposes)),
    Choice("categories", "category", _coded(Listing.categories), exists=_among(Listing.categories)),
)
CODES = (*(choice.code for choice in CHOICES), *_DAYS)


def drawn(desk: Desk, quotable: Quotable) -> Filter:
    """The filter's widgets, and what they ask now."""
    asked = _asked()
    filter_ = as_filter(asked, desk.run)
    links.not_applied(session.kept(_STRANGE, ()))
    links.not_in_run(_absent(asked, desk, quotable))
    facets = desk.facets(filter_)
    offered = {field: facets[field]["code"].to_list()[:MOST_CHOICES] for field in facets}
    known = Known(quotable, desk.names_of([*offered["parties"], *asked["parties"]]))
    with st.expander(text.say("filter-title"), expanded=True, icon=":material/filter_alt:"):
        for row in _rows(CHOICES):
            for column, choice in zip(st.columns(_A_ROW), row, strict=True):
                with column:
                    _choose(choice, asked, offered[choice.field], known)
        _days_and_search(asked)
    return filter_


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


def _days_and_search(asked: Mapping[str, Any]) -> None:
    since, until, search, clear = st.columns(_A_ROW, vertical_alignment="bottom")
    for column, name in ((since, _DAYS[0]), (until, _DAYS[1])):
        _hold(name, asked[name])
        column.date_input(
            text.say(f"filter-{name}"),
            None,
            min_value=_FIRST_DAY,
            max_value=_LAST_DAY,
            key=_key(name),
            format="YYYY-MM-DD",
            on_change=_remember,
        )
    _hold(_SEARCH, asked[_SEARCH])
    search.text_input(
        text.say("filter-text"),
        key=_key(_SEARCH),
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
        session.keep(_KEPT, told | {_SEARCH: kept.get(_SEARCH, "")})
    asked: dict[str, Any] = session.kept(_KEPT, from_codes({}) | {_SEARCH: ""})
    session.put_codes(**to_codes(asked))
    return asked


def from_codes(said: Mapping[str, str]) -> dict[str, Any]:
    """The fields as the address spells them; what is no date or no code asks nothing."""
    asked: dict[str, Any] = {
        choice.field: tuple(_spelled(said.get(choice.code, ""), choice)) for choice in CHOICES
    }
    return asked | {name: _date(said.get(name, "")) for name in _DAYS}


def _spelled(codes: str, choice: Choice) -> Iterable[str]:
    given = dict.fromkeys(unquote(code) for code in codes.split(_SEPARATOR) if code)
    return (code for code in given if not choice.known or code in choice.known)


def strangers(said: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The names and values of the address that are no code and no date."""
    codes = (
        (choice.code, code)
        for choice in CHOICES
        if choice.known
        for code in map(unquote, said.get(choice.code, "").split(_SEPARATOR))
        if code and code not in choice.known
    )
    days = ((name, said[name]) for name in _DAYS if said.get(name) and _date(said[name]) is None)
    return (*codes, *days)


def to_codes(asked: Mapping[str, Any]) -> dict[str, str | None]:
    """How the address spells the fields; None for what asks nothing."""
    told: dict[str, str | None] = {
        choice.code: _SEPARATOR.join(quote(code, safe="") for code in asked[choice.field]) or None
        for choice in CHOICES
    }
    return told | {name: asked[name].isoformat() if asked[name] else None for name in _DAYS}


def as_filter(asked: Mapping[str, Any], run: KeptRun) -> Filter:
    """The fields as a question to the findings; days are those of the run's zone, both included."""
    since, until = asked["since"], asked["until"]
    return Filter(
        **{choice.field: tuple(asked[choice.field]) for choice in CHOICES},
        since=_midnight(since, run) if since else None,
        until=_midnight(until + timedelta(days=1), run) if until else None,
        text=asked[_SEARCH].strip() or None,
    )


def _midnight(day: date, run: KeptRun) -> datetime:
    return datetime.combine(day, time(), zone_of(run.manifest["options"]["timezone"]))


def _date(spelled: str) -> date | None:
    try:
        day = date.fromisoformat(spelled)
    except ValueError:
        return None
    return day if _FIRST_DAY <= day <= _LAST_DAY else None


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
        choice.field: tuple(session.kept(_key(choice.field), ())) for choice in CHOICES
    }
    asked |= {name: session.kept(_key(name)) for name in _DAYS}
    asked[_SEARCH] = session.kept(_key(_SEARCH)) or ""
    session.keep(_STRANGE, ())
    session.keep(_KEPT, asked)
    session.put_codes(**to_codes(asked))


def _clear() -> None:
    asked = from_codes({}) | {_SEARCH: ""}
    session.keep(_STRANGE, ())
    session.keep(_KEPT, asked)
    session.put_codes(**to_codes(asked))
