"""The cause and the remedy of a finding as sentences, in both languages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from audit.clauses.clause import NO_GROUND, Layer, Verdict
from audit.clauses.sentences import cite_told
from audit.findings.background import Background
from audit.findings.causes import CONSENTED, FORBIDDEN, UNALLOWED, Cause
from audit.problems import Problem
from audit.vocabulary import Listing
from audit.wording import Language, phrase, sentence, sentences

Group = Mapping[str, Any]


@dataclass(frozen=True)
class Template:
    """The sentences of a cause in one language; what differs from group to group is left open."""

    cause: str
    remedy: str


def teller(background: Background) -> Callable[[Cause, Group], dict[str, str]]:
    """What tells a cause and its group of flows: cause_zh, cause_en, remedy_zh and remedy_en.

    Findings may be a hundred thousand, causes are few: their sentences are put together once.
    """
    scribes = {language: Scribe(background, language) for language in Language}
    template = cache(lambda language, cause, side: scribes[language].template(cause, side))

    def told(cause: Cause, group: Group) -> dict[str, str]:
        sentences: dict[str, str] = {}
        for language, scribe in scribes.items():
            facts = Facts(scribe, group)
            written = template(language, cause, _side(cause, group, background))
            sentences[f"cause_{language}"] = written.cause.format_map(facts)
            sentences[f"remedy_{language}"] = written.remedy.format_map(facts)
        return sentences

    return told


def _side(cause: Cause, group: Group, background: Background) -> str:
    """On which side of an agreement all the flows lie: `-after`, `-before`, or both."""
    if "recipient_authorised" not in cause.reasons or cause.verdict is not Verdict.VIOLATION:
        return ""
    held = background.agreement(group)
    if held.ends is not None and group["first_seen"] >= held.ends:
        return "-after"
    return "-before" if held.begins is not None and group["last_seen"] < held.begins else ""


class Scribe:
    """Puts things into words of one language, each thing once."""

    def __init__(self, background: Background, language: Language) -> None:
        self.background, self.language = background, language
        self.party = cache(lambda party_id: background.party(party_id or "", language))
        self.labels = cache(self._labels)
        self.cited = cache(self._cited)

    def _labels(self, listing: Listing, codes: Iterable[str], separator: str) -> str:
        labels = (self.background.label(listing, code, self.language) for code in codes)
        return self.joined(separator, labels)

    def joined(self, separator: str, parts: Iterable[str]) -> str:
        """Parts of a sentence as one."""
        return phrase(separator, self.language).join(parts)

    def template(self, cause: Cause, side: str) -> Template:
        """The cause's own sentences, every brace in its facts made harmless."""
        facts = _OPEN | {name: _literal(fact) for name, fact in self._facts(cause).items()}
        reasons = self.joined("finding-and", self._phrases("cause", cause, side, facts))
        framed = sentence(Problem(_frame(cause), facts | {"reasons": reasons}), self.language)
        remedy = self.joined("finding-then", self._phrases("remedy", cause, side, facts))
        return Template(framed, remedy)

    def _phrases(
        self, part: str, cause: Cause, side: str, facts: Mapping[str, str]
    ) -> Iterable[str]:
        """One phrase a reason: `cause-lacking-purpose`, `remedy-unknown-evidence` and so on.

        `-barred` where no consent could help: then none is advised.
        """
        barred = part == "remedy" and self.background.beyond_consent(cause.layer, cause.clauses)
        for reason in cause.reasons:
            word, _, kinds = reason.partition(" ")
            after = kinds.split("|") if word == "evidence_after" else [kinds, ""]
            kind, since = (
                self.labels(Listing.evidence_kinds, tuple(each.split("|")), "finding-or")
                for each in after
            )
            key = f"{part}-{_mood(cause, word)}{word}".replace("_", "-")
            turn = "-barred" if barred else side
            turned = f"{key}{turn}" if f"{key}{turn}" in sentences() else key
            told = {"kind": _literal(kind), "since": _literal(since)}
            yield sentence(Problem(turned, {**facts, **told}), self.language)

    def _facts(self, cause: Cause) -> dict[str, str]:
        """What is the same for every group of the cause."""
        if cause.layer is None:
            return {}
        shown = self.background.clauses.get((cause.layer, cause.clause))
        standing = [self.cited(cause.layer, name) for name in cause.standing]
        return {
            "clause": self.cited(cause.layer, cause.nearest or NO_GROUND),
            "clauses": self.joined("finding-list", standing),
            "gist": shown.gist.into(self.language) if shown else "",
        }

    def _cited(self, layer: Layer, name: str) -> str:
        """The clause by its place in the document and its id."""
        known = self.background.clauses.get((layer, name))
        if known is None:
            return name
        cite = cite_told(known.cite, self.language)
        return phrase("finding-clause", self.language, cite=cite, clause=name)


_FRAMES: Mapping[tuple[str, ...], str] = {
    (FORBIDDEN,): "finding-forbidden",
    (UNALLOWED,): "finding-reason",
    (CONSENTED,): "finding-no-consent",
}


def _literal(fact: str) -> str:
    return fact.replace("{", "{{").replace("}", "}}")


def _frame(cause: Cause) -> str:
    """The sentence around the reasons."""
    if cause.layer is None:
        return "finding-reason"
    if cause.verdict is not Verdict.VIOLATION:
        return "finding-undecided"
    return _FRAMES.get(cause.reasons, "finding-nearly")


def _mood(cause: Cause, word: str) -> str:
    """Conditions are lacking or unknown; a check and a clause that forbids are what they are."""
    if cause.layer is None or word in {FORBIDDEN, UNALLOWED}:
        return ""
    return "lacking-" if cause.verdict is Verdict.VIOLATION else "unknown-"


class Facts(dict[str, str]):
    """What differs from group to group, each fact made when a sentence first names it."""

    def __init__(self, scribe: Scribe, group: Group) -> None:
        super().__init__()
        self._scribe, self._group = scribe, group

    def __missing__(self, name: str) -> str:
        self[name] = OF_GROUP[name](self._scribe, self._group)
        return self[name]


def _codes(listing: Listing, column: str) -> Callable[[Scribe, Group], str]:
    return lambda scribe, group: scribe.labels(listing, tuple(group[column]), "finding-list")


def _scope(scribe: Scribe, group: Group) -> str:
    scope = group["scope"]
    if scope is None:
        return phrase("finding-unknown-scope", scribe.language)
    if not scope:
        return phrase("finding-no-scope", scribe.language)
    return scribe.labels(Listing.purposes, tuple(scope.split(";")), "finding-list")


def _parties(scribe: Scribe, sender: str | None, recipient: str | None) -> str:
    """Who sent to whom; a party that keeps to itself is named once."""
    ends = dict.fromkeys((sender, recipient))
    return " → ".join(scribe.party(party) for party in ends)


def _date(end: str) -> Callable[[Scribe, Group], str]:
    return lambda scribe, group: scribe.background.instant(
        getattr(scribe.background.agreement(group), end)
    )


OF_GROUP: Mapping[str, Callable[[Scribe, Group], str]] = {
    "parties": lambda scribe, group: _parties(scribe, group["sender"], group["recipient"]),
    "sender": lambda scribe, group: scribe.party(group["sender"]),
    "recipient": lambda scribe, group: scribe.party(group["recipient"]),
    "holder": lambda scribe, group: scribe.party(scribe.background.agreement(group).holder),
    "purpose": _codes(Listing.purposes, "purpose"),
    "operation": _codes(Listing.operations, "operation"),
    "categories": _codes(Listing.categories, "data_category"),
    "begins": _date("begins"),
    "ends": _date("ends"),
    "path": lambda _, group: group["path"] or "",
    "scope": _scope,
}
_OPEN = {name: f"{{{name}}}" for name in OF_GROUP}
