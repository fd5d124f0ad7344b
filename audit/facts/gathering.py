"""All the facts of a batch of flows, from the registers compiled once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.conditions import NO_CLAIM, any_proof
from audit.facts.agreements import Agreements
from audit.facts.consents import Consents, Said
from audit.facts.evidence import Evidence, Proof
from audit.facts.flows import CategorySets, Flows
from audit.facts.keys import ABSENT, KeyIndex, coded
from audit.facts.numbering import UNKNOWN_CODE, Numbering
from audit.facts.pairs import agreed
from audit.facts.parties import Parties
from audit.facts.refusals import Refusals
from audit.vocabulary import (
    OPERATION_CONTACT,
    ROLE_CARRIER,
    ROLE_SUBJECT,
    WHOLE_BASE,
    Truth,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from audit.clauses.clause import Condition
    from audit.clauses.compiling import PackProgram, Program
    from audit.facts.pairs import Places, Truths


@dataclass(frozen=True)
class Facts:
    """What clauses ask of a batch: codes and truths per flow, truths per unit where rows speak."""

    flows: Flows
    truths: Mapping[str, Truths]  # facts that are truths, `evidence …` among them
    necessary: Places  # per flow, row of `covered_categories`
    other_necessary: Places  # the same for the flow's other holder
    covered_categories: Truths
    proofs: Mapping[str, Proof]
    consented: Truths  # per flow, where no row speaks
    prohibited: Truths
    said: Said
    refused_by_somebody: tuple[Places, Places]  # whole-base flows: flow and position
    own_holder: NDArray[np.bool_]  # the holder is the carrier or the subject


@dataclass(frozen=True)
class CompiledRegisters:
    """The registers as arrays, and how the codes of a flow are numbered."""

    program: Program
    numbering: Numbering
    evidence_ids: KeyIndex
    tainted_evidence: KeyIndex
    parties: Parties
    agreements: Agreements
    consents: Consents
    refusals: Refusals
    evidence: Evidence
    sets: CategorySets

    def facts(self, batch: pl.DataFrame) -> Facts:
        """The facts of a batch of valid flows, as of each flow's occurred_at."""
        return self.facts_of(self.flows(batch))

    def facts_of(self, flows: Flows) -> Facts:
        """The facts of flows as numbers."""
        consented, prohibited = self.consents.defaults(flows)
        proofs = self.evidence.proofs(flows, self.program.evidence_asked)
        return Facts(
            flows=flows,
            truths=self._truths(flows, proofs),
            necessary=self.parties.necessary[flows.holder],
            other_necessary=self.parties.necessary[flows.other_holder],
            covered_categories=self.parties.covered_categories,
            proofs=proofs,
            consented=consented,
            prohibited=prohibited,
            said=self._said(flows),
            refused_by_somebody=self._refused(flows),
            own_holder=self._own(flows.holder) & self._own(flows.other_holder),
        )

    def claimed(self, pack: PackProgram) -> Places:
        """Per value of the basis domain the place of the clause that it names here, or -1."""
        place = {clause_id: i for i, clause_id in enumerate(pack.ids)}
        domain = self.program.domains["basis"]
        return np.array([place.get(name or "", ABSENT) for name in domain], dtype=np.int64)

    def _said(self, flows: Flows) -> Said:
        """What consents say; where either of two parties may be the holder, of both."""
        said = self.consents.of_subjects(flows)
        doubtful = flows.ambiguous
        if not len(doubtful):
            return said
        other = flows.asked_of(doubtful, holder=flows.other_holder[doubtful])
        return said.reconciled(doubtful, self.consents.of_subjects(other))

    def _refused(self, flows: Flows) -> tuple[Places, Places]:
        flow, position = self.refusals.units(flows)
        doubtful = flows.ambiguous
        other = flows.asked_of(doubtful, holder=flows.other_holder[doubtful])
        more, places = self.refusals.units(other)
        return np.concatenate([flow, doubtful[more]]), np.concatenate([position, places])

    def _own(self, holder: Places) -> NDArray[np.bool_]:
        """Whether the data stays with the two who signed the agreement."""
        roles = self.numbering.places["recipient_role"]
        own = np.isin(self.parties.role, [roles[ROLE_CARRIER], roles[ROLE_SUBJECT]])
        told: NDArray[np.bool_] = own[holder]
        return told

    def _truths(self, flows: Flows, proofs: Mapping[str, Proof]) -> dict[str, Truths]:
        in_force, settling = self.agreements.facts(flows.subject, flows.at)
        return {
            "whole_base": (2 * flows.whole_base).astype(np.int8),
            "agreement_in_force": in_force,
            "agreement_settling": settling,
            "within_recipient_scope": self._in_scope(flows),
            "recipient_authorised": self._authorised(flows),
            "sender_keeps_data": self._keeps(flows),
            "recipient_licensed": self.parties.licensed[flows.recipient],
            "contested": np.full(len(flows), Truth.UNKNOWN, dtype=np.int8),
            **{line.spelling: _occurred(line, flows.at) for line in self.program.dates},
            **{any_proof(kinds): _any(kinds, proofs) for kinds in self.program.asked_evidence},
        }

    def _in_scope(self, flows: Flows) -> Truths:
        purpose, told = flows.codes["purpose"], self.parties.within_scope
        doubtful = flows.ambiguous
        other = told(flows.other_holder[doubtful], purpose[doubtful])
        return _reconciled(told(flows.holder, purpose), doubtful, other)

    def _authorised(self, flows: Flows) -> Truths:
        told, doubtful = self.parties.authorised, flows.ambiguous
        other = told(flows.other_holder[doubtful], flows.at[doubtful])
        return _reconciled(told(flows.holder, flows.at), doubtful, other)

    def _keeps(self, flows: Flows) -> Truths:
        """sender_keeps_data: a contact with the subject, or else a flow from a party to itself."""
        role, operation = flows.codes["recipient_role"], flows.codes["operation"]
        subject = self.numbering.places["recipient_role"][ROLE_SUBJECT]
        reached = np.where(role == UNKNOWN_CODE, Truth.UNKNOWN, 2 * (role == subject))
        same = (2 * flows.same_party).astype(np.int8)
        kept = np.where(flows.contact, reached, same).astype(np.int8)
        either = agreed(reached.astype(np.int8), same)
        return np.where(operation == UNKNOWN_CODE, either, kept)

    def flows(self, batch: pl.DataFrame, sets: Places | None = None) -> Flows:
        """The batch as numbers; `sets` are those of its sets of categories, where known."""
        sender, recipient = (self._party(batch[side]) for side in ("sender", "recipient"))
        codes = self._codes(batch, sender, recipient)
        reaches, may_reach = self._reaches_subject(codes)
        sets = self.sets.of(batch["data_categories"]) if sets is None else sets
        return Flows(
            at=batch["occurred_at"].cast(pl.Int64).to_numpy(),
            subject=self.numbering.subjects.find(batch["subject_id"]),
            whole_base=(batch["subject_id"] == WHOLE_BASE).to_numpy(),
            sender=sender,
            recipient=recipient,
            same_party=(batch["sender"] == batch["recipient"]).to_numpy(),
            contact=codes["operation"] == self.numbering.places["operation"][OPERATION_CONTACT],
            codes=codes,
            holder=np.where(reaches, sender, recipient),
            other_holder=np.where(reaches | may_reach, sender, recipient),
            category_sets=self.sets,
            sets=sets,
            width=int(self.sets.sizes.max(initial=1)),  # the sets may grow, and these flows stay
            cited=self.evidence_ids.find(batch["evidence_id"]),
            cites=batch["evidence_id"].is_not_null().to_numpy(),
            cites_tainted=self.tainted_evidence.find(batch["evidence_id"]) != ABSENT,
        )

    def held(self, flows: Flows) -> Flows:
        """The same flows, the roles of their parties and who holds the data read once more."""
        roles = {
            "sender_role": self.parties.role[flows.sender],
            "recipient_role": self.parties.role[flows.recipient],
        }
        codes = {**flows.codes, **roles}
        reaches, may_reach = self._reaches_subject(codes)
        return replace(
            flows,
            codes=codes,
            holder=np.where(reaches, flows.sender, flows.recipient),
            other_holder=np.where(reaches | may_reach, flows.sender, flows.recipient),
        )

    def _codes(self, batch: pl.DataFrame, sender: Places, recipient: Places) -> dict[str, Places]:
        coded_ = self.numbering.coded
        return {
            **{fact: coded_(batch[fact], fact) for fact in ("operation", "purpose", "channel")},
            "basis": self._claims(batch["basis"]),
            "sender_role": self.parties.role[sender],
            "recipient_role": self.parties.role[recipient],
            "recipient_country": self.parties.country[recipient],
            "sender_legal_role": self.parties.legal_role[sender],
            "recipient_legal_role": self.parties.legal_role[recipient],
        }

    def _claims(self, basis: pl.Series) -> Places:
        """What each flow claims; a basis that is no clause claims as little as an empty one."""
        codes, values = coded(basis)
        places = self.numbering.places["basis"]
        nothing = places[NO_CLAIM]
        return np.array(
            [places.get(value or NO_CLAIM, nothing) for value in values], dtype=np.int64
        )[codes]

    def _reaches_subject(
        self, codes: Mapping[str, Places]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether the sender contacts the subject, and whether it may (a code being unknown)."""
        role, operation = codes["recipient_role"], codes["operation"]
        subject = role == self.numbering.places["recipient_role"][ROLE_SUBJECT]
        contact = operation == self.numbering.places["operation"][OPERATION_CONTACT]
        may = (subject | (role == UNKNOWN_CODE)) & (contact | (operation == UNKNOWN_CODE))
        return subject & contact, may

    def _party(self, column: pl.Series) -> Places:
        codes, names = coded(column)
        return self.parties.number(names)[codes]


def _reconciled(truths: Truths, doubtful: Places, other: Truths) -> Truths:
    """The truths, unknown where the other possible holder of a flow has another one."""
    truths[doubtful] = agreed(truths[doubtful], other)
    return truths


def _occurred(line: Condition, at: Places) -> Truths:
    """Whether flows occur from a day on, or before it; the day begins at 00:00 in China."""
    since = at >= round(datetime.fromisoformat(f"{line.argument[0]}T00:00+08:00").timestamp() * 1e6)
    return (2 * (since if line.word == "occurs_from" else ~since)).astype(np.int8)


def _any(kinds: tuple[str, ...], proofs: Mapping[str, Proof]) -> Truths:
    best: Truths = np.maximum.reduce([proofs[kind].truth for kind in kinds])
    return best
