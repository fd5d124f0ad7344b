"""Why a unit was not cleared: the reasons, named from the conditions it lacks or leaves unknown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from audit.clauses.clause import NO_GROUND, Clause, Layer, Verdict
from audit.clauses.conditions import WORDS
from audit.findings.severity import Weight


class Coordinate(StrEnum):
    """What of an edge a reason can turn on, besides its parties."""

    PURPOSE = "purpose"
    OPERATION = "operation"
    CATEGORY = "data_category"


class Gap(StrEnum):
    """What is not in a register or in the vocabulary, and so leaves conditions unknown."""

    SENDER = "unregistered_sender"
    RECIPIENT = "unregistered_recipient"
    OPERATION = "unmapped_operation"
    PURPOSE = "unmapped_purpose"
    CATEGORY = "unmapped_category"


class Check(StrEnum):
    """What the graph shows beyond single edges; the part before `_` names the check."""

    ONWARD_OUTSIDE = "onward_outside_scope"
    ONWARD_AFTER = "onward_after_violation"
    ONWARD_UNKNOWN = "onward_scope_unknown"
    UNRECEIVED = "unreceived"
    UNREGISTERED = "unregistered"
    UNSEEN = "unseen"


FORBIDDEN = "forbidden"
UNALLOWED = "unallowed"  # no clause allows anything, so none is near
CONSENTED = "consented"

_HOLDER = ("within_recipient_scope", "recipient_authorised", "necessary_data")
_ANY = frozenset(Coordinate)

# What a reason turns on; a reason that is not here turns on the parties alone.
DEPENDS: Mapping[str, frozenset[Coordinate]] = {
    "operation": frozenset({Coordinate.OPERATION}),
    "sender_keeps_data": frozenset({Coordinate.OPERATION}),
    "purpose": frozenset({Coordinate.PURPOSE}),
    "within_recipient_scope": frozenset({Coordinate.PURPOSE}),
    "data": frozenset({Coordinate.CATEGORY}),
    "necessary_data": frozenset({Coordinate.CATEGORY}),
    "consented": _ANY,
    "separately_consented": _ANY,
    "consented_in_writing": _ANY,
    "prohibited_by_customer": frozenset({Coordinate.PURPOSE, Coordinate.CATEGORY}),
    Gap.OPERATION: frozenset({Coordinate.OPERATION}),
    Gap.PURPOSE: frozenset({Coordinate.PURPOSE}),
    Gap.CATEGORY: frozenset({Coordinate.CATEGORY}),
    Check.ONWARD_OUTSIDE: frozenset({Coordinate.PURPOSE}),
    Check.ONWARD_AFTER: frozenset({Coordinate.PURPOSE}),
    Check.ONWARD_UNKNOWN: frozenset({Coordinate.PURPOSE}),
    Check.UNRECEIVED: frozenset({Coordinate.CATEGORY}),
}
_WEIGHTS: Mapping[str, Weight] = {
    Check.ONWARD_OUTSIDE: Weight.UNGROUNDED,
    Check.UNSEEN: Weight.SIGNAL,
}

# The facts that a gap leaves unknown: naming the gap says it all.
EXPLAINS: Mapping[Gap, frozenset[str]] = {
    Gap.SENDER: frozenset({"sender_role", "sender_legal_role", *_HOLDER}),
    Gap.RECIPIENT: frozenset(
        {
            *("recipient_role", "recipient_country", "recipient_legal_role", "recipient_licensed"),
            *("sender_keeps_data", *_HOLDER),
        }
    ),
    Gap.OPERATION: frozenset({"operation", "sender_keeps_data"}),
    Gap.PURPOSE: frozenset({"purpose", "within_recipient_scope"}),
    Gap.CATEGORY: frozenset({"data", "necessary_data"}),
}


@dataclass(frozen=True)
class Cause:
    """One cause, apart from the parties and codes that it befell.

    layer, verdict: null for a check of the graph.
    clauses: those that decided a violation, or those possibly in force, or the name of the check.
    standing: of those the ones that would forbid it even if the nearest clause were met.
    reasons: condition words and gaps, sorted; FORBIDDEN among them where a clause is standing.
    """

    layer: Layer | None
    verdict: Verdict | None
    clauses: tuple[str, ...]
    nearest: str | None
    reasons: tuple[str, ...]
    depends: frozenset[Coordinate]
    standing: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The reasons as one stable word."""
        return "+".join(self.reasons)

    @property
    def clause(self) -> str:
        """The clause to show first: a standing one, else one of the document, else `no-ground`."""
        shown = (*self.standing, *(clause for clause in self.clauses if clause != NO_GROUND))
        return shown[0] if shown else NO_GROUND

    @property
    def weight(self) -> Weight:
        """A clause that forbids weighs more than the want of one that allows."""
        if self.layer is None:
            return _WEIGHTS.get(self.code, Weight.OPEN)
        if self.verdict is not Verdict.VIOLATION:
            return Weight.OPEN
        return Weight.UNGROUNDED if self.clause == NO_GROUND else Weight.FORBIDDEN


def check_cause(check: Check) -> Cause:
    """What a check of the graph found, as a cause."""
    name = check.partition("_")[0]
    return Cause(None, None, (name,), None, (check.value,), DEPENDS.get(check, frozenset()))


def fact(spelled: str) -> str:
    """The fact a condition asks, without its negation: `purpose_not` asks the purpose."""
    word = spelled.partition(" ")[0]
    return word if word == "claimed" else WORDS[word].fact


def standing_clauses(clauses: Iterable[str], nearest: Clause | None) -> tuple[str, ...]:
    """Of the clauses that decided a violation those to which the nearest one is no exception.

    `no-ground` never stands: every clause that allows is an exception to it.
    """
    lifted = {NO_GROUND, *(nearest.exception_to if nearest else ())}
    return tuple(clause for clause in clauses if clause not in lifted)


def lacking_reasons(lacking: Iterable[str], standing: Sequence[str]) -> tuple[str, ...]:
    """The reasons of a violation: what the nearest clause lacks, and that others forbid it."""
    named = {_named(spelled) for spelled in lacking} | ({FORBIDDEN} if standing else set())
    return tuple(sorted(named)) or (UNALLOWED,)


def unknown_reasons(unknown: Iterable[str], gaps: Iterable[Gap]) -> tuple[str, ...]:
    """The reasons of an indeterminate verdict: gaps, and the unknown conditions they leave open."""
    named = {_named(spelled) for spelled in unknown}
    found = {gap for gap in gaps if named & EXPLAINS[gap]}
    explained = frozenset[str]().union(*(EXPLAINS[gap] for gap in found))
    return tuple(sorted((named - explained) | set(found)))


def _named(spelled: str) -> str:
    """The reason of a condition: its fact, and for evidence the kinds as well."""
    word, _, kinds = spelled.partition(" ")
    return f"{word} {kinds}" if kinds else fact(word)


def depends_on(reasons: Iterable[str], standing: Iterable[Clause]) -> frozenset[Coordinate]:
    """What the reasons turn on; a standing clause turns on what it asks."""
    asked = {*reasons, *(fact(line.word) for clause in standing for line in clause.when)}
    return frozenset[Coordinate]().union(*(DEPENDS.get(reason, ()) for reason in asked))
