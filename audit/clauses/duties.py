"""The duties of a pack: TOML in, values out, and what no schema can say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.clauses.clause import Condition, Source
from audit.clauses.conditions import WORDS, Argument
from audit.clauses.duty import PARTY, Arises, Due, Duty, DutyEvent, End, Fulfilled
from audit.problems import Problem
from audit.wording import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMES_NONE = (DutyEvent.EVIDENCE, DutyEvent.EVIDENCE_ENDS, DutyEvent.WITHDRAWAL)

Entry = Any  # a part of a document, as TOML has it


def duty_of(entry: Entry) -> Duty:
    """The duty that an entry describes, which its schema and `duty_faults` find sound."""
    return Duty(
        id=entry["id"],
        cite=entry["cite"],
        gist=Bilingual(**entry["gist"]),
        arises=_arises(entry["arises"]),
        due=Due(**entry["due"]),
        fulfilled=_fulfilled(entry["fulfilled"]),
        per_relation="per" in entry,
        note=Bilingual(**entry["note"]) if "note" in entry else None,
        missing=Bilingual(**entry["missing"]) if "missing" in entry else None,
        draft=entry.get("draft", False),
        source=Source(entry["source"]) if "source" in entry else None,
    )


def _arises(told: Entry) -> Arises:
    party = told.get("party", {})
    return Arises(
        event=DutyEvent(told["event"]),
        flow=flow_words(told.get("flow", {})),
        evidence=told.get("evidence"),
        role=tuple(party.get("role", ())),
        legal_role=tuple(party.get("legal_role", ())),
        earlier=flow_words(told["earlier"]) if "earlier" in told else None,
    )


def _fulfilled(told: Entry) -> Fulfilled:
    return Fulfilled(
        evidence=_listed(told.get("evidence", ())),
        flow=flow_words(told["flow"]) if "flow" in told else None,
        party=End(told["party"]) if "party" in told else None,
        issued_by=told.get("issued_by"),
        names_party="names_party" in told,
    )


def flow_words(told: Mapping[str, Any]) -> tuple[Condition, ...]:
    """The lines of flow words as conditions."""
    return tuple(
        Condition(word, () if WORDS[word].argument is Argument.TRUE else tuple(asked))
        for word, asked in told.items()
    )


def kinds_asked(entry: Entry) -> Iterator[str]:
    """The kinds of evidence that an entry names, each as often as it does."""
    named = (entry["arises"].get("evidence"), entry["due"].get("since"))
    yield from (kind for kind in named if kind)
    yield from _listed(entry["fulfilled"].get("evidence", ()))


def duty_faults(document: Entry, name: str) -> Iterator[Problem]:
    """What no schema can say of duties; ids and kinds are looked at with those of clauses."""
    for entry in document.get("duty", ()):
        facts = {"pack": name, "duty": entry["id"]}
        arises, fulfilled = entry["arises"], entry["fulfilled"]
        if "per" in entry and (arises["event"] != DutyEvent.FLOW or "earlier" in arises):
            yield Problem("pack-duty-relation", facts)
        by_party = fulfilled.get("issued_by") == PARTY
        if by_party and "names_party" in fulfilled:
            yield Problem("pack-duty-named-twice", facts)
        named = by_party or "names_party" in fulfilled or "party" in fulfilled
        if named and arises["event"] in _NAMES_NONE and "earlier" not in arises:
            yield Problem("pack-duty-no-party", facts)


def _listed(told: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (told,) if isinstance(told, str) else tuple(told)
