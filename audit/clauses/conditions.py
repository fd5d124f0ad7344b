"""The words of the clause language: which fact each asks, and when that fact satisfies it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from audit.clauses.clause import CONSENTED, Condition, Effect
from audit.vocabulary import Truth, covers

if TYPE_CHECKING:
    from audit.vocabulary import Vocabulary

NO_CLAIM = ""  # the basis of a flow that claims nothing
GRANTING = frozenset({Effect.PERMIT, Effect.EXCEPT})
ANYWHERE = frozenset(Effect)

PROOF = "evidence "  # a proof is the fact of this name and the kind of evidence
AGREEMENTS = ("agreement_in_force", "agreement_settling")  # never both
KINDS_OF_CONSENT = ("separately_consented", "consented_in_writing")  # each of them is a consent
CONSENTS = (CONSENTED, *KINDS_OF_CONSENT)


class Argument(StrEnum):
    """What may stand to the right of a condition word in a pack."""

    ROLES = "roles"
    OPERATIONS = "operations"
    PURPOSES = "purposes"
    CATEGORIES = "categories"
    CHANNELS = "channels"
    COUNTRIES = "countries"
    LEGAL_ROLES = "legal_roles"
    EVIDENCE_KINDS = "evidence_kinds"
    DATE = "date"
    TRUE = "true"


@dataclass(frozen=True)
class Word:
    """One condition word: its argument, the fact it asks, and where it may stand."""

    name: str
    argument: Argument
    fact: str
    judge: Callable[[Vocabulary, tuple[str, ...], str | None], Truth] | None
    effects: frozenset[Effect] = ANYWHERE

    @property
    def asks_a_code(self) -> bool:
        """Whether the fact is a code to compare; otherwise it is a truth already."""
        return self.judge is not None


def listed(_: Vocabulary, allowed: tuple[str, ...], found: str | None) -> Truth:
    """One of these codes; null and unmapped are unknown."""
    if found is None:
        return Truth.UNKNOWN
    return Truth.TRUE if found in allowed else Truth.FALSE


def open_list(_: Vocabulary, allowed: tuple[str, ...], found: str | None) -> Truth:
    """One of these codes, or perhaps another of the same kind: never false."""
    return Truth.TRUE if found in allowed else Truth.UNKNOWN


def purpose_covered(vocabulary: Vocabulary, allowed: tuple[str, ...], found: str | None) -> Truth:
    """The purpose is one of these or below one of them; above one of them is unknown."""
    return covers(vocabulary.purposes, found, allowed)


def category_covered(vocabulary: Vocabulary, allowed: tuple[str, ...], found: str | None) -> Truth:
    """The data category is one of these or below one of them; above one of them is unknown."""
    return covers(vocabulary.categories, found, allowed)


def _not(
    judge: Callable[[Vocabulary, tuple[str, ...], str | None], Truth],
) -> Callable[[Vocabulary, tuple[str, ...], str | None], Truth]:
    def negated(vocabulary: Vocabulary, allowed: tuple[str, ...], found: str | None) -> Truth:
        return Truth(Truth.TRUE - judge(vocabulary, allowed, found))

    return negated


def _codes(
    name: str,
    argument: Argument,
    judge: Callable[[Vocabulary, tuple[str, ...], str | None], Truth],
    fact: str | None = None,
) -> tuple[Word, Word]:
    """A word and its opposite `<word>_not`."""
    asked = fact or name
    return Word(name, argument, asked, judge), Word(f"{name}_not", argument, asked, _not(judge))


def _fact(name: str, effects: frozenset[Effect] = ANYWHERE) -> Word:
    return Word(name, Argument.TRUE, name, None, effects)


WORDS: dict[str, Word] = {
    word.name: word
    for word in (
        *_codes("sender_role", Argument.ROLES, listed),
        *_codes("recipient_role", Argument.ROLES, listed),
        *_codes("operation", Argument.OPERATIONS, listed),
        *_codes("purpose", Argument.PURPOSES, purpose_covered),
        *_codes("data", Argument.CATEGORIES, category_covered),
        Word("channel", Argument.CHANNELS, "channel", listed),
        Word("channel_such_as", Argument.CHANNELS, "channel", open_list),
        *_codes("recipient_country", Argument.COUNTRIES, listed),
        *_codes("sender_legal_role", Argument.LEGAL_ROLES, listed),
        *_codes("recipient_legal_role", Argument.LEGAL_ROLES, listed),
        Word("claimed", Argument.TRUE, "basis", listed),
        Word("evidence", Argument.EVIDENCE_KINDS, "evidence", None),
        Word("evidence_after", Argument.EVIDENCE_KINDS, "evidence", None),
        Word("occurs_from", Argument.DATE, "occurs_from", None),
        Word("occurs_before", Argument.DATE, "occurs_before", None),
        _fact("contested"),
        _fact("whole_base"),
        *(_fact(name, GRANTING) for name in AGREEMENTS),
        _fact("within_recipient_scope"),
        _fact("recipient_authorised"),
        _fact("recipient_licensed"),
        _fact("sender_keeps_data"),
        _fact("necessary_data"),
        *(_fact(name, GRANTING) for name in CONSENTS),
        _fact("prohibited_by_customer", frozenset({Effect.FORBID})),
    )
}

DATES = tuple(name for name, word in WORDS.items() if word.argument is Argument.DATE)

# These are asked of each data category of a flow, every other fact of the flow as a whole.
CATEGORY_FACTS = (
    "data",
    "necessary_data",
    *CONSENTS,
    "prohibited_by_customer",
)


def fact_of(condition: Condition) -> str:
    """The fact that the condition asks; each list of evidence, and each date, is one of its own."""
    word = WORDS[condition.word]
    if word.fact == "evidence":
        return any_proof(condition.proofs)
    return condition.spelling if word.argument is Argument.DATE else word.fact


def any_proof(proofs: tuple[str, ...]) -> str:
    """The fact that there is any of these proofs."""
    return PROOF + "|".join(proofs)


def facts_read(condition: Condition) -> tuple[str, ...]:
    """The facts that the condition reads: the proofs any of which will do, or the one fact."""
    return tuple(PROOF + proof for proof in condition.proofs) or (fact_of(condition),)


def judged(vocabulary: Vocabulary, condition: Condition, found: str | None) -> Truth:
    """The condition's value for a fact that is a code (None: null or unmapped)."""
    judge = WORDS[condition.word].judge
    if judge is None:
        raise TypeError(f"{condition.word} asks a truth, not a code")
    return judge(vocabulary, condition.argument, found)
