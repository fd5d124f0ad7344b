"""A world as tables: the flow, the parties, consents and evidence that make its facts so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING

from audit.analysing.bonds import OCCURS, SHARED, Value
from audit.clauses.clause import AFTER
from audit.clauses.conditions import PROOF
from audit.records.tables import CONSENTS, EVIDENCE, FLOWS, PARTIES
from audit.vocabulary import (
    CUSTOMER,
    OPERATION_CONTACT,
    ROLE_CARRIER,
    ROLE_SUBJECT,
    WHOLE_BASE,
    Truth,
    covers,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audit.analysing.space import Space, World
    from audit.vocabulary import Vocabulary

Row = dict[str, str]

_CHINA = timezone(timedelta(hours=8))
_DAY = datetime(2025, 6, 16, 8, tzinfo=_CHINA)  # where no clause asks when, any day will do
_APART, _SPELL = timedelta(seconds=20), timedelta(seconds=5)  # flows must not meet others' rows
_LONG, _LATELY = timedelta(days=400), timedelta(days=2)
_STEP, _BLINK = timedelta(days=1), timedelta(milliseconds=1)

# The facts that rows can make so; a world with another fact cannot be written down.
_CODES = ("sender_role", "recipient_role", "operation", "purpose", "data", "channel", "basis")
_OF_SENDER = {"sender_legal_role": "legal_role"}
_OF_RECIPIENT = {"recipient_country": "country", "recipient_legal_role": "legal_role"}
_HELD = ("within_recipient_scope", "recipient_authorised", "necessary_data")
_TRUTHS = (
    *_HELD,
    "agreement_in_force",
    "agreement_settling",
    "consented",
    "consented_in_writing",
    "contested",
    "prohibited_by_customer",
    "recipient_licensed",
    "sender_keeps_data",
    "separately_consented",
    "whole_base",
)
_WRITABLE = frozenset({*_CODES, *_OF_SENDER, *_OF_RECIPIENT, *_TRUTHS, OCCURS})


def unwritable(space: Space) -> tuple[str, ...]:
    """The facts of a space that no row here can make so."""
    names = (variable.name for variable in space.variables)
    return tuple(name for name in names if name not in _WRITABLE and not name.startswith(PROOF))


@dataclass(frozen=True)
class Draft:
    """One world being written down; `number` sets it apart from the others beside it."""

    space: Space
    world: World
    number: int
    vocabulary: Vocabulary
    tables: dict[str, list[Row]] = field(
        default_factory=lambda: {name: [] for name in (FLOWS, PARTIES, CONSENTS, EVIDENCE)}
    )

    @property
    def name(self) -> str:
        """The id of the flow."""
        return f"W{self.number:04}"

    @cached_property
    def values(self) -> Mapping[str, Value]:
        """One value of every fact; who sends to itself has one role."""
        told = self.space.values(self.world)
        if told.get("sender_keeps_data") == Truth.TRUE and not self._contacts(told):
            for one, other in SHARED:
                if one in told and other in told:
                    told[one] = told[other] = self._shared(one, other)
        return told

    def _shared(self, *facts: str) -> Value:
        """A value that both facts may have in this world."""
        places = (self.space.place[fact] for fact in facts)
        one, other = (self.space.variables[each].classes[self.world[each]] for each in places)
        return next(value for value in one if value in other)

    def code(self, fact: str) -> str:
        """The code of a fact; where none is asked, the first of its list."""
        return str(self.values.get(fact, self.space.program.domains[fact][1]))

    def true(self, fact: str, *, unasked: bool = False) -> bool:
        """Whether a fact is true in this world."""
        asked = self.values.get(fact)
        return unasked if asked is None else asked == Truth.TRUE

    @property
    def subject(self) -> str:
        """Whose data flows."""
        return WHOLE_BASE if self.true("whole_base") else f"{self.name}-C"

    @cached_property
    def moment(self) -> datetime:
        """When it occurs: on a day of its own interval, apart from the other flows."""
        days, interval = self.space.days, int(self.values.get(OCCURS, 0))
        day = _DAY
        if days:
            named = datetime.fromisoformat(f"{days[max(interval - 1, 0)]}T08:00:00+08:00")
            day = named if interval else named - _STEP
        return day + self.number * _APART

    def _contacts(self, values: Mapping[str, Value]) -> bool:
        return values.get("operation") == OPERATION_CONTACT

    @property
    def sender_holds(self) -> bool:
        """Who contacts the subject is the one that must be allowed to hold the data."""
        reaches = self.code("recipient_role") == ROLE_SUBJECT
        return reaches and self.code("operation") == OPERATION_CONTACT

    @property
    def keeps(self) -> bool:
        """Whether sender and recipient are one party."""
        return self.true("sender_keeps_data") and not self._contacts(self.values)

    @property
    def sender(self) -> str:
        """Who sends."""
        if self.keeps:
            return self.recipient
        asked = {*_OF_SENDER, *(_HELD if self.sender_holds else ())}
        plain = self.code("sender_role") == ROLE_SUBJECT and not asked & self.values.keys()
        return CUSTOMER if plain else f"{self.name}-S"

    @property
    def recipient(self) -> str:
        """Who receives: the customer as such where nothing is asked that only a register tells."""
        asked = {*_OF_RECIPIENT, "recipient_licensed", *(() if self.sender_holds else _HELD)}
        plain = self.code("recipient_role") == ROLE_SUBJECT and not asked & self.values.keys()
        return CUSTOMER if plain and not self.keeps else f"{self.name}-R"

    def written(self) -> dict[str, list[Row]]:
        """The rows of the four tables."""
        self._flow()
        self._parties()
        if self.subject != WHOLE_BASE:
            self._agreement()
            self._consents()
        self._evidence()
        return self.tables

    def _flow(self) -> None:
        row = {
            "flow_id": self.name,
            "occurred_at": self.moment.isoformat(),
            "subject_id": self.subject,
            "sender": self.sender,
            "recipient": self.recipient,
            "data_categories": self.code("data"),
            "purpose": self.code("purpose"),
            "operation": self.code("operation"),
        }
        told = {
            fact: str(self.values[fact]) for fact in ("basis", "channel") if fact in self.values
        }
        self.tables[FLOWS].append(row | told)

    def _parties(self) -> None:
        if self.sender not in (CUSTOMER, self.recipient):
            self._party(self.sender, self.code("sender_role"), holds=self.sender_holds)
        if self.recipient != CUSTOMER:
            self._party(self.recipient, self.code("recipient_role"), holds=not self.sender_holds)

    def _party(self, party: str, role: str, *, holds: bool) -> None:
        """A party; as the holder it has what the facts say of the holder."""
        told = {fact: not holds or self.true(fact, unasked=True) for fact in _HELD}
        purpose, category = self.code("purpose"), self.code("data")
        since = self.moment + (-_LONG if told["recipient_authorised"] else _STEP)
        row = {
            "party_id": party,
            "name": party,
            "role": role,
            "purposes": purpose
            if told["within_recipient_scope"]
            else _unrelated(self.vocabulary.purposes, purpose),
            "data_categories": category
            if told["necessary_data"]
            else _unrelated(self.vocabulary.categories, category),
            "agreement_from": since.isoformat(),
        }
        told_of = {
            **(_OF_SENDER if party == self.sender else {}),
            **(_OF_RECIPIENT if party == self.recipient else {}),
        }
        row |= {
            column: str(self.values[fact])
            for fact, column in told_of.items()
            if fact in self.values
        }
        if party == self.recipient:
            row |= {"licence": f"{party}-L"} if self.true("recipient_licensed") else {}
        self.tables[PARTIES].append(row)

    def _agreement(self) -> None:
        """The base agreement: in force, over and being settled, or long over."""
        ended = {} if self.true("agreement_in_force", unasked=True) else self._ended()
        self._consent("A", {"kind": "agreement"}, self.moment - 2 * _LONG, ended)

    def _ended(self) -> Row:
        over = _LATELY if self.true("agreement_settling") else _LONG
        return {"withdrawn_at": (self.moment - over).isoformat()}

    def _consents(self) -> None:
        """The customer's consent of the kind that the facts say, then the refusal."""
        scope = {"purposes": self.code("purpose"), "data_categories": self.code("data")}
        apart, written = self.true("separately_consented"), self.true("consented_in_writing")
        if self.true("consented") or apart or written:
            kind = "written" if written else "separate" if apart else "agreement"
            holder = self.sender if self.sender_holds else self.recipient
            # A written consent that is not to be a separate one names no recipient.
            named = {"recipient": holder} if apart or not written else {}
            self._consent("P", {"kind": kind, **scope, **named}, self.moment - _SPELL, {})
        if self.true("prohibited_by_customer"):
            ends = {"expires_at": (self.moment + _SPELL).isoformat()}
            row = {"kind": "written", "effect": "forbid", **scope}
            self._consent("N", row, self.moment - _SPELL / 2, ends)

    def _consent(self, mark: str, cells: Row, given: datetime, ends: Row) -> None:
        row = {
            "consent_id": f"{self.name}-{mark}",
            "subject_id": self.subject,
            "document": f"{self.name}-{mark}",
            "given_at": given.isoformat(),
        }
        self.tables[CONSENTS].append(row | cells | ends)

    def _evidence(self) -> None:
        kinds = [
            name.removeprefix(PROOF)
            for name, value in self.values.items()
            if name.startswith(PROOF) and AFTER not in name and value == Truth.TRUE
        ]
        rank, whole = self._ranks(kinds), self.subject == WHOLE_BASE
        # Other flows of the whole base have its evidence too, but for the time.
        first, step = (self.moment - _SPELL, _BLINK) if whole else (self.moment - _LONG, _STEP)
        ends = {"valid_until": (self.moment + _SPELL).isoformat()} if whole else {}
        for place, kind in enumerate(kinds):
            since = {"valid_from": (first + rank[kind] * step).isoformat()}
            self._proof(f"{self.name}-E{place}", kind, since | ends)

    def _ranks(self, kinds: list[str]) -> dict[str, int]:
        """In which order evidence began: what comes after is no earlier, what does not is."""
        rank = dict.fromkeys(kinds, 0)
        for _ in kinds:
            for name in (name for name in self.values if AFTER in name):
                later, earlier = name.removeprefix(PROOF).split(AFTER)
                if later in rank and earlier in rank:
                    if self.true(name):
                        rank[later] = max(rank[later], rank[earlier])
                    else:
                        rank[earlier] = max(rank[earlier], rank[later] + 1)
        return rank

    def _proof(self, name: str, kind: str, valid: Row) -> None:
        """A row that matches in whatever its kind demands."""
        declared = self.space.program.evidence_kinds[kind]
        row = {"evidence_id": name, "kind": kind, "subject_id": self.subject, **valid}
        if declared.amount:
            row["amount"] = "1"
        if declared.names_recipient:
            row["reference"] = self.recipient
        if declared.issued_by_recipient:
            row["issued_by"] = self.recipient
        elif declared.independent:
            row["issued_by"] = f"{self.name}-I"
            self._issuer(row["issued_by"])
        self.tables[EVIDENCE].append(row)

    def _issuer(self, party: str) -> None:
        if all(row["party_id"] != party for row in self.tables[PARTIES]):
            role = next(role for role in self.vocabulary.roles if role != ROLE_CARRIER)
            self.tables[PARTIES].append({"party_id": party, "name": party, "role": role})


def _unrelated(tree: Mapping[str, str | None], code: str) -> str:
    """A code that does not cover this one."""
    return next(other for other in tree if covers(tree, code, [other]) is Truth.FALSE)
