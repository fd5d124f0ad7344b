"""What a clause pack is: values only, which know nothing of how they are read or judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audit.clauses.approver import Approver
    from audit.clauses.duty import Duty
    from audit.clauses.export import ExportRule
    from audit.vocabulary import EvidenceKind
    from audit.wording import Bilingual

NO_GROUND = "no-ground"
CONSENTED = "consented"
AFTER = " after "  # between two kinds of evidence: the first began no earlier than the second
SPELT_WITH_ARGUMENT = ("evidence", "evidence_after", "occurs_from", "occurs_before")
SUPPLEMENT = " (supplement)"  # after the id of a clause that a signed supplement carries


class Layer(StrEnum):
    """The document a pack encodes: the customer agreement or the statute."""

    CONTRACT = "contract"
    STATUTE = "statute"


class Source(StrEnum):
    """How far the words that a clause encodes were checked."""

    VERIFIED = "verified"
    PARTLY = "partly"
    UNVERIFIED = "unverified"


class Effect(StrEnum):
    """What a clause in force does: grants, excuses without granting, or forbids."""

    PERMIT = "permit"
    EXCEPT = "except"
    FORBID = "forbid"


class Verdict(StrEnum):
    """What a layer says of a flow, in rising gravity."""

    PERMITTED = "permitted"
    EXCEPTED = "excepted"
    INDETERMINATE = "indeterminate"
    VIOLATION = "violation"

    @property
    def gravity(self) -> int:
        """0 for permitted up to 3 for a violation."""
        return _GRAVITY[self]


_GRAVITY = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True)
class Condition:
    """One line of a clause's `when`: a word of the language and what it asks for."""

    word: str
    argument: tuple[str, ...] = ()

    @property
    def spelling(self) -> str:
        """How findings and verdicts name it: the word, and the kinds of evidence or the date."""
        told = "|".join(self.argument) if self.word in SPELT_WITH_ARGUMENT else ""
        return f"{self.word} {told}" if told else self.word

    @property
    def proofs(self) -> tuple[str, ...]:
        """The proofs asked for, any of which will do: kinds of evidence, or one after another."""
        match self.word:
            case "evidence":
                return self.argument
            case "evidence_after":
                return (AFTER.join(self.argument),)
            case _:
                return ()


@dataclass(frozen=True)
class Clause:
    """One clause: it holds where every condition does; `exception_to` lists what it attacks."""

    id: str
    cite: str
    effect: Effect
    when: tuple[Condition, ...]
    gist: Bilingual
    exception_to: tuple[str, ...] = ()
    note: Bilingual | None = None
    supplement_cite: str | None = None
    draft: bool = False
    source: Source | None = None  # of a statute's clause

    @property
    def may_be_supplement(self) -> bool:
        """Whether it is reported apart where a signed supplement carries the consent it asks."""
        asks = any(line.word == CONSENTED for line in self.when)
        return asks and self.supplement_cite is not None

    @property
    def supplement_id(self) -> str:
        """The name under which it is reported when a signed supplement carries it."""
        return f"{self.id}{SUPPLEMENT}"


@dataclass(frozen=True)
class Pack:
    """A document's clauses in the order of the document, and the evidence kinds it adds."""

    id: str
    version: str
    layer: Layer
    title: Bilingual
    clauses: tuple[Clause, ...]
    evidence_kinds: Mapping[str, EvidenceKind]
    digest: str
    duties: tuple[Duty, ...] = ()
    exports: ExportRule | None = None
    approver: Approver | None = None

    @cached_property
    def by_id(self) -> Mapping[str, Clause]:
        """The clauses under their ids."""
        return {clause.id: clause for clause in self.clauses}

    @cached_property
    def judging(self) -> tuple[Clause, ...]:
        """The clauses that judge: a draft is shown but decides nothing."""
        return tuple(clause for clause in self.clauses if not clause.draft)

    @property
    def drafts(self) -> tuple[Clause, ...]:
        """The clauses that are only shown, with what each would change."""
        return tuple(clause for clause in self.clauses if clause.draft)

    def with_draft(self, draft: Clause) -> Pack:
        """The pack as it would be if this one draft judged."""
        judging = replace(draft, draft=False)
        clauses = (judging if clause.id == draft.id else clause for clause in self.clauses)
        return replace(self, clauses=tuple(clauses))
