"""The filter of findings as codes: what can be asked, and how an address spells it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote, unquote

from audit import (
    Desk,
    Filter,
    KeptRun,
    Layer,
    Listing,
    Quotable,
    Stand,
    State,
    Verdict,
    load_vocabulary,
    zone_of,
)
from dashboards.parts import times, wordings

DAYS = ("since", "until")
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
SEARCH = "text"
STATES, HIDDEN = "states", "hidden"
ASIDE = "aside"  # in the address: `aside=hidden`
_SEPARATOR = ","
_SEVERITIES = frozenset(wordings.SEVERITY_SIGNS)
_VERDICTS = frozenset({*map(str, Verdict), wordings.NONE})
_LAYERS = frozenset({*map(str, Layer), wordings.NONE})
_STANDS = tuple(str(state) for state in State if state is not State.RESOLVED)  # those of a finding


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
# Where findings stand is told to officers only; see as_filter.
STATE = Choice(STATES, "state", lambda code, _: wordings.state(code), frozenset(_STANDS))
ALL_CHOICES = (*CHOICES, STATE)
CODES = (*(choice.code for choice in ALL_CHOICES), ASIDE, *DAYS)


def from_codes(said: Mapping[str, str]) -> dict[str, Any]:
    """The fields as the address spells them; what is no date or no code asks nothing."""
    asked: dict[str, Any] = {
        choice.field: tuple(_spelled(said.get(choice.code, ""), choice)) for choice in ALL_CHOICES
    }
    days = {name: _date(said.get(name, "")) for name in DAYS}
    return asked | days | {HIDDEN: said.get(ASIDE) == HIDDEN}


def _spelled(codes: str, choice: Choice) -> Iterable[str]:
    given = dict.fromkeys(unquote(code) for code in codes.split(_SEPARATOR) if code)
    return (code for code in given if not choice.known or code in choice.known)


def strangers(said: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The names and values of the address that are no code and no date."""
    codes = (
        (choice.code, code)
        for choice in ALL_CHOICES
        if choice.known
        for code in map(unquote, said.get(choice.code, "").split(_SEPARATOR))
        if code and code not in choice.known
    )
    days = ((name, said[name]) for name in DAYS if said.get(name) and _date(said[name]) is None)
    aside = [(ASIDE, said[ASIDE])] if said.get(ASIDE) not in {None, "", HIDDEN} else []
    return (*codes, *days, *aside)


def to_codes(asked: Mapping[str, Any]) -> dict[str, str | None]:
    """How the address spells the fields; None for what asks nothing."""
    told: dict[str, str | None] = {
        choice.code: _SEPARATOR.join(quote(code, safe="") for code in asked[choice.field]) or None
        for choice in ALL_CHOICES
    }
    days = {name: asked[name].isoformat() if asked[name] else None for name in DAYS}
    return told | days | {ASIDE: HIDDEN if asked[HIDDEN] else None}


def as_filter(asked: Mapping[str, Any], run: KeptRun) -> Filter:
    """The fields as a question to the findings; days are those of the run's zone, both included."""
    since, until = asked["since"], asked["until"]
    return Filter(
        **{choice.field: tuple(asked[choice.field]) for choice in CHOICES},
        since=_midnight(since, run) if since else None,
        until=_midnight(until + timedelta(days=1), run) if until else None,
        text=asked[SEARCH].strip() or None,
        stand=_stand(asked, run),
    )


def _stand(asked: Mapping[str, Any], run: KeptRun) -> Stand | None:
    """Where findings must stand today, in the zone of the run."""
    if not asked[STATES] and not asked[HIDDEN]:
        return None
    return Stand(times.today(run), tuple(asked[STATES]), aside=not asked[HIDDEN])


def aside_of(asked: Filter, run: KeptRun) -> Filter | None:
    """The same filter, but only for what is set aside; None where it asks for other states."""
    states = asked.stand.states if asked.stand else ()
    wanted = [state for state in State if state.suppresses and (not states or state in states)]
    if not wanted:
        return None
    return replace(asked, stand=Stand(times.today(run), tuple(map(str, wanted))))


def _midnight(day: date, run: KeptRun) -> datetime:
    return datetime.combine(day, time(), zone_of(run.manifest["options"]["timezone"]))


def _date(spelled: str) -> date | None:
    try:
        day = date.fromisoformat(spelled)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None
