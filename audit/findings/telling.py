"""The cause and the remedy of a finding as sentences, in both languages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.clauses.clause import NO_GROUND, Verdict
from audit.findings.background import Background
from audit.findings.causes import CONSENTED, FORBIDDEN, Cause
from audit.vocabulary import Listing
from audit.wording import Language, phrase

_LABELLED = {
    "purpose": Listing.purposes,
    "operation": Listing.operations,
    "data_category": Listing.categories,
}


@dataclass(frozen=True)
class Telling:
    """What is told: a cause, the group of flows that it explains, and the facts behind them."""

    cause: Cause
    group: Mapping[str, Any]
    background: Background


def told(telling: Telling) -> dict[str, str]:
    """cause_zh, cause_en, remedy_zh and remedy_en."""
    sentences: dict[str, str] = {}
    for language in Language:
        facts = _facts(telling, language)
        sentences[f"cause_{language}"] = _cause(telling, language, facts)
        sentences[f"remedy_{language}"] = _remedy(telling, language, facts)
    return sentences


def _cause(telling: Telling, language: Language, facts: Mapping[str, str]) -> str:
    key = _frame(telling.cause)
    reasons = _joined("finding-and", _phrases("cause", telling, language, facts), language)
    return phrase(key, language, **facts, reasons=reasons)


def _remedy(telling: Telling, language: Language, facts: Mapping[str, str]) -> str:
    return _joined("finding-then", _phrases("remedy", telling, language, facts), language)


def _frame(cause: Cause) -> str:
    """The sentence around the reasons."""
    if cause.layer is None:
        return "finding-check"
    if cause.verdict is not Verdict.VIOLATION:
        return "finding-undecided"
    if cause.reasons == (FORBIDDEN,):
        return "finding-forbidden"
    return "finding-no-consent" if cause.reasons == (CONSENTED,) else "finding-nearly"


def _phrases(
    part: str, telling: Telling, language: Language, facts: Mapping[str, str]
) -> Iterator[str]:
    """One phrase a reason: `cause-lacking-purpose`, `remedy-unknown-evidence` and so on."""
    for reason in telling.cause.reasons:
        word, _, kinds = reason.partition(" ")
        labels = [
            telling.background.label(Listing.evidence_kinds, kind, language)
            for kind in kinds.split("|")
        ]
        kind = _joined("finding-or", labels, language)
        key = _variant(f"{part}-{_mood(telling.cause)}{word}".replace("_", "-"), telling)
        yield phrase(key, language, **facts, kind=kind)


def _mood(cause: Cause) -> str:
    """Conditions are lacking or unknown; a check and a clause that forbids are what they are."""
    word = cause.reasons[0].partition(" ")[0]
    if cause.layer is None or word == FORBIDDEN:
        return ""
    return "lacking-" if cause.verdict is Verdict.VIOLATION else "unknown-"


def _variant(key: str, telling: Telling) -> str:
    """An agreement that ended or has not begun is told apart, if all flows lie to one side."""
    if key != "cause-lacking-recipient-authorised":
        return key
    party = telling.background.registered.get(_holder(telling), {})
    begins, ends = party.get("agreement_from"), party.get("agreement_until")
    if ends is not None and telling.group["first_seen"] >= ends:
        return f"{key}-after"
    if begins is not None and telling.group["last_seen"] < begins:
        return f"{key}-before"
    return key


def _holder(telling: Telling) -> str:
    group = telling.group
    return telling.background.holder(group["sender"] or "", group["recipient"] or "")


def _facts(telling: Telling, language: Language) -> dict[str, str]:
    """What every phrase may name."""
    background, group, cause = telling.background, telling.group, telling.cause
    holder = _holder(telling)
    dates = background.registered.get(holder, {})
    codes = {name: _labels(telling, name, group[name], language) for name in _LABELLED}
    return {
        "sender": background.party(group["sender"] or "", language),
        "recipient": background.party(group["recipient"] or "", language),
        "holder": background.party(holder, language),
        "purpose": codes["purpose"],
        "operation": codes["operation"],
        "categories": codes["data_category"],
        "begins": background.instant(dates.get("agreement_from")),
        "ends": background.instant(dates.get("agreement_until")),
        "clause": _cite(telling, cause.nearest),
        "clauses": _joined("finding-list", _forbidding(telling), language),
        "gist": _gist(telling, language),
        "path": group["path"] or "",
        "scope": _scope(telling, language),
    }


def _scope(telling: Telling, language: Language) -> str:
    scope = telling.group["scope"]
    if scope is None:
        return phrase("finding-unknown-scope", language)
    if not scope:
        return phrase("finding-no-scope", language)
    return _labels(telling, "purpose", scope.split(";"), language)


def _labels(telling: Telling, name: str, codes: Sequence[str], language: Language) -> str:
    listing = _LABELLED[name]
    labels = [telling.background.label(listing, code, language) for code in codes]
    return _joined("finding-list", labels, language)


def _joined(key: str, parts: Iterator[str] | Sequence[str], language: Language) -> str:
    return phrase(key, language).join(parts)


def _cite(telling: Telling, clause: str | None) -> str:
    layer = telling.cause.layer
    return telling.background.cite(layer, clause) if layer and clause else ""


def _forbidding(telling: Telling) -> list[str]:
    """The clauses of the cause where the document has them."""
    return [_cite(telling, name) for name in telling.cause.clauses if name != NO_GROUND]


def _gist(telling: Telling, language: Language) -> str:
    layer, name = telling.cause.layer, telling.cause.clause
    clause = telling.background.clauses.get((layer, name)) if layer else None
    return clause.gist.into(language) if clause else ""
