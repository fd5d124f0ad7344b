"""An explanation in sentences, the same on a terminal and on a screen."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from audit.clauses.conditions import WORDS
from audit.clauses.sentences import cite_told, coded, spelled_out
from audit.vocabulary import WHOLE_BASE, Listing, Truth, load_vocabulary
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from audit.evaluation.explaining import (
        Asked,
        CategorySaid,
        ClauseSaid,
        DraftSaid,
        Explanation,
        LayerSaid,
    )

WITHHELD = "…"
_PROOFS = Listing.evidence_kinds
_KIND = re.compile(r"(?<= )\S+(?= \[)")  # of a row of evidence, before the time that it holds
_OF_FLOW = {
    "operation": Listing.operations,
    "purpose": Listing.purposes,
    "channel": Listing.channels,
    "data": Listing.categories,
}
_OF_PARTY = {
    "sender_role": Listing.roles,
    "recipient_role": Listing.roles,
    "recipient_country": Listing.countries,
    "sender_legal_role": Listing.legal_roles,
    "recipient_legal_role": Listing.legal_roles,
    "within_recipient_scope": Listing.purposes,
    "necessary_data": Listing.categories,
}
TRUTHS = {Truth.TRUE: "truth-true", Truth.UNKNOWN: "truth-unknown", Truth.FALSE: "truth-false"}


def had_a_say(said: CategorySaid, clause: ClauseSaid) -> bool:
    """Whether the clause had a say in the verdict, or came nearest to having one."""
    return clause.met is not Truth.FALSE or clause.clause.id == said.nearest


def reasons(said: CategorySaid, language: Language) -> Iterator[str]:
    """What decided the category, and what came nearest to allowing it."""
    if said.decided_by:
        clauses = phrase("clause-list", language).join(said.decided_by)
        yield phrase("explain-decided", language, clauses=clauses)
    if said.nearest and said.lacking:
        facts = {"clause": said.nearest, "lacking": spelled_out(said.lacking, language)}
        yield phrase("explain-nearest", language, **facts)
    elif said.nearest:
        yield phrase("explain-beaten", language, clause=said.nearest)


def open_question(said: CategorySaid, language: Language) -> str | None:
    """What is unknown of a category, and what it may become; None where nothing is open."""
    if not said.may_become:
        return None
    outcomes = [phrase(f"verdict-{verdict}", language) for verdict in said.may_become]
    facts = {
        "unknown": spelled_out(said.unknown, language),
        "clauses": phrase("clause-list", language).join(said.possible),
        "verdicts": phrase("explain-or", language).join(outcomes),
    }
    return phrase("explain-open", language, **facts)


def clause_told(said: ClauseSaid, language: Language) -> str:
    """Whether the clause's conditions hold, and whether it is in force."""
    return phrase("explain-clause", language, **_facts(said, language))


def overridden(said: ClauseSaid, language: Language) -> str | None:
    """The exceptions that take the clause out of force; None where there are none."""
    if not said.beaten_by:
        return None
    clauses = phrase("clause-list", language).join(said.beaten_by)
    return phrase("explain-beaten-by", language, clauses=clauses)


def set_aside(said: ClauseSaid, language: Language) -> str:
    """A clause that had no say, and the conditions for which it had none."""
    wrong = (each.condition.spelling for each in said.asked if each.truth is Truth.FALSE)
    facts = {**_facts(said, language), "lacking": spelled_out(wrong, language)}
    return phrase("explain-not-met", language, **facts)


def draft_told(draft: DraftSaid, said: CategorySaid, language: Language) -> str:
    """What a draft would make of the category, which it does not decide."""
    verdicts = {
        name: phrase(f"verdict-{verdict}", language)
        for name, verdict in (("now", said.verdict), ("would_be", draft.verdict))
    }
    same = draft.verdict is said.verdict
    key = "explain-draft-same" if same else "explain-draft"
    return phrase(key, language, **_facts(draft.said, language), **verdicts)


def moves_told(changes: Sequence[Mapping[str, Any]], language: Language) -> str:
    """From which verdict to which a draft would move how many flows."""
    told = (
        phrase(
            "drafts-move",
            language,
            now=phrase(f"verdict-{each['now']}", language),
            would_be=phrase(f"verdict-{each['would_be']}", language),
            flows=f"{each['flows']:,}",
        )
        for each in changes
    )
    return phrase("clause-list", language).join(told)


def _facts(said: ClauseSaid, language: Language) -> dict[str, str]:
    return {
        "clause": said.clause.id,
        "cite": cite_told(said.clause.cite, language),
        "effect": phrase(f"effect-{said.clause.effect}", language),
        "met": phrase(TRUTHS[said.met], language),
        "force": phrase(TRUTHS[said.in_force], language),
    }


def found_told(asked: Asked, language: Language) -> str:
    """What was found, its codes with what people call them."""
    fact = WORDS[asked.condition.word].fact
    if listing := _OF_FLOW.get(fact):
        return called(listing, asked.found, language)
    if listing := _OF_PARTY.get(fact):
        party, colon, codes = asked.found.rpartition(": ")
        told = (called(listing, code, language) for code in codes.split("; "))
        return f"{party}{colon}{'; '.join(told)}"
    if fact == "evidence":
        return _KIND.sub(lambda kind: called(_PROOFS, kind[0], language), asked.found)
    return asked.found


def called(listing: Listing, code: str, language: Language) -> str:
    """A code with what people call it; one that the vocabulary does not map as it stands."""
    known = code in load_vocabulary().entries[listing]
    return coded(listing, code, language) if known else code


def without_subject(explanation: Explanation) -> Explanation:
    """The explanation without the id of the person; the whole customer base is nobody's id."""
    subject = str(explanation.flow["subject_id"])
    if subject == WHOLE_BASE:
        return explanation
    flow = {**explanation.flow, "subject_id": WITHHELD}
    return replace(
        explanation,
        flow=flow,
        layers=tuple(_layer_without(subject, each) for each in explanation.layers),
    )


def _layer_without(subject: str, layer: LayerSaid) -> LayerSaid:
    categories = (
        replace(
            each,
            clauses=tuple(_clause_without(subject, clause) for clause in each.clauses),
            drafts=tuple(
                replace(draft, said=_clause_without(subject, draft.said)) for draft in each.drafts
            ),
        )
        for each in layer.categories
    )
    return replace(layer, categories=tuple(categories))


def _clause_without(subject: str, said: ClauseSaid) -> ClauseSaid:
    asked = (
        replace(each, found=WITHHELD) if each.found == subject else each for each in said.asked
    )
    return replace(said, asked=tuple(asked))
