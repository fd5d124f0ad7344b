"""What a duty is: what raises it, until when it is due, and what fulfils it; values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.clauses.clause import Condition, Source
    from audit.wording import Bilingual

CARRIER, PARTY = "carrier", "party"  # who must have issued the evidence of an act


class DutyEvent(StrEnum):
    """What raises a duty."""

    FLOW = "flow"
    EVIDENCE = "evidence"
    EVIDENCE_ENDS = "evidence_ends"
    WITHDRAWAL = "withdrawal"
    AGREEMENT_ENDS = "agreement_ends"


class End(StrEnum):
    """The end of an act's flow at which the party of the duty must stand."""

    SENDER = "sender"
    RECIPIENT = "recipient"


@dataclass(frozen=True)
class Arises:
    """What raises it; `earlier` asks that such a flow lies before, one duty per its recipient."""

    event: DutyEvent
    flow: tuple[Condition, ...] = ()
    evidence: str | None = None
    role: tuple[str, ...] = ()
    legal_role: tuple[str, ...] = ()
    earlier: tuple[Condition, ...] | None = None


@dataclass(frozen=True)
class Due:
    """Until when: before the event (and since evidence of a kind began), or days or hours after."""

    before: bool = False
    days: int | None = None
    hours: int | None = None
    since: str | None = None


@dataclass(frozen=True)
class Fulfilled:
    """What fulfils it: evidence of one of these kinds or such a flow; either will do.

    issued_by: `carrier`, or `party` for the duty's party. names_party: the evidence's reference
    must name that party. party: the end of the flow at which it must stand.
    """

    evidence: tuple[str, ...] = ()
    flow: tuple[Condition, ...] | None = None
    party: End | None = None
    issued_by: str | None = None
    names_party: bool = False


@dataclass(frozen=True)
class Duty:
    """One duty of a pack; `missing` says in few words what a breach of it is."""

    id: str
    cite: str
    gist: Bilingual
    arises: Arises
    due: Due
    fulfilled: Fulfilled
    per_relation: bool = False
    note: Bilingual | None = None
    missing: Bilingual | None = None
    draft: bool = False
    source: Source | None = None

    @property
    def of_nobody(self) -> bool:
        """Whether it is owed to nobody by name, whatever raises it."""
        return self.per_relation or self.arises.event is DutyEvent.AGREEMENT_ENDS

    @property
    def patterns(self) -> Iterator[tuple[Condition, ...]]:
        """The flow words of each kind of flow that it looks for."""
        if self.arises.event is DutyEvent.FLOW:
            yield self.arises.flow
        for pattern in (self.arises.earlier, self.fulfilled.flow):
            if pattern is not None:
                yield pattern

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of evidence that it asks for."""
        named = (self.arises.evidence, self.due.since, *self.fulfilled.evidence)
        return tuple(dict.fromkeys(kind for kind in named if kind))
