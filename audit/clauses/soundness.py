"""What no schema can say of a pack: ids, kinds, days and attacks that hang together."""

from __future__ import annotations

from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from audit.clauses.clause import NO_GROUND, Effect, Source
from audit.clauses.conditions import DATES, WORDS
from audit.clauses.duties import duty_faults, kinds_asked
from audit.problems import Problem
from audit.vocabulary import Listing, load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


def language_faults(document: Mapping[str, Any], name: str) -> Iterator[Problem]:
    """Every fault of a pack that its schema finds sound."""
    clauses, duties = document["clause"], document.get("duty", ())
    yield from _repeated([*clauses, *duties], name)
    yield from _misplaced_words(clauses, name)
    yield from _taken_kinds(document, name)
    yield from _unknown_kinds(document, name)
    yield from _no_days(clauses, name)
    yield from _unread([*clauses, *duties], name)
    yield from duty_faults(document, name)
    yield from _wrong_attacks(clauses, name)
    yield from _nothing_to_approve(document, name)


def _nothing_to_approve(document: Mapping[str, Any], name: str) -> Iterator[Problem]:
    """An approver asked for a clause that there is not would be asked for in vain."""
    entries = [*document["clause"], *document.get("duty", ())]
    known = {NO_GROUND, *(entry["id"] for entry in entries)}
    asked = document.get("triage", {}).get("approver", {}).get("clause", ())
    for clause in sorted({*asked} - known):
        yield Problem("pack-approver-unknown", {"pack": name, "clause": clause})


def _repeated(clauses: Sequence[Mapping[str, Any]], name: str) -> Iterator[Problem]:
    seen = {NO_GROUND}
    for entry in clauses:
        if entry["id"] in seen:
            yield Problem("pack-repeated-id", {"pack": name, "clause": entry["id"]})
        seen.add(entry["id"])


def _misplaced_words(clauses: Iterable[Mapping[str, Any]], name: str) -> Iterator[Problem]:
    for entry in clauses:
        for word in entry["when"]:
            if Effect(entry["effect"]) not in WORDS[word].effects:
                allowed = ", ".join(sorted(WORDS[word].effects))
                facts = {"pack": name, "clause": entry["id"], "word": word, "allowed": allowed}
                yield Problem("pack-misplaced-word", facts)


def _taken_kinds(document: Mapping[str, Any], name: str) -> Iterator[Problem]:
    """A pack adds kinds to those that every pack has; it changes none, and declares each once."""
    entries = load_vocabulary().entries[Listing.evidence_kinds]
    taken = {code for code, entry in entries.items() if entry.declared_by is None}
    for entry in document.get("evidence_kind", ()):
        if entry["code"] in taken:
            yield Problem("pack-taken-kind", {"pack": name, "kind": entry["code"]})
        taken.add(entry["code"])


def _unknown_kinds(document: Mapping[str, Any], name: str) -> Iterator[Problem]:
    declared = {entry["code"] for entry in document.get("evidence_kind", ())}
    known = sorted({*load_vocabulary().evidence_kinds, *declared})
    asked = [
        *((entry["id"], kind) for entry in document["clause"] for kind in _asked(entry["when"])),
        *((entry["id"], kind) for entry in document.get("duty", ()) for kind in kinds_asked(entry)),
    ]
    for clause, kind in asked:
        if kind not in known:
            facts = {"pack": name, "clause": clause, "kind": kind, "known": ", ".join(known)}
            yield Problem("pack-unknown-evidence", facts)


def _no_days(clauses: Iterable[Mapping[str, Any]], name: str) -> Iterator[Problem]:
    """A date that the calendar does not have."""
    for entry in clauses:
        for word in DATES:
            day = entry["when"].get(word)
            try:
                date.fromisoformat(day or "2000-01-01")
            except ValueError:
                facts = {"pack": name, "place": f"clause {entry['id']} / when / {word}"}
                yield Problem("pack-wrong-value", {**facts, "detail": day})


def _unread(clauses: Iterable[Mapping[str, Any]], name: str) -> Iterator[Problem]:
    """Words that nobody has read must not decide anything."""
    for entry in clauses:
        if entry.get("source") == Source.UNVERIFIED and not entry.get("draft"):
            yield Problem("pack-unverified", {"pack": name, "clause": entry["id"]})


def _asked(when: Mapping[str, Any]) -> Iterator[str]:
    for word in ("evidence", "evidence_after"):
        asked = when.get(word, ())
        yield from [asked] if isinstance(asked, str) else asked


def _wrong_attacks(clauses: Sequence[Mapping[str, Any]], name: str) -> Iterator[Problem]:
    effects = {entry["id"]: Effect(entry["effect"]) for entry in clauses}
    sound = True
    for entry in clauses:
        for target in entry.get("exception_to", ()):
            facts = {"pack": name, "clause": entry["id"], "target": target}
            if target not in effects:
                sound = False
                yield Problem("pack-unknown-target", facts)
            elif (effects[entry["id"]] is Effect.FORBID) == (effects[target] is Effect.FORBID):
                yield Problem("pack-attack-not-opposed", facts)
    if sound:
        yield from _cycles(clauses, name)


def _cycles(clauses: Iterable[Mapping[str, Any]], name: str) -> Iterator[Problem]:
    attacks = {entry["id"]: entry.get("exception_to", ()) for entry in clauses}
    try:
        TopologicalSorter(attacks).prepare()
    except CycleError as error:
        yield Problem("pack-cycle", {"pack": name, "cycle": " -> ".join(error.args[1])})
