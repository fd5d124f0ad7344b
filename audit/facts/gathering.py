"""All the facts of a batch of flows, from the registers compiled once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.conditions import NO_CLAIM
from audit.facts.agreements import Agreements, compile_agreements
from audit.facts.consents import Consents, Said, compile_consents
from audit.facts.coverage import listings
from audit.facts.evidence import Evidence, Proof, compile_evidence
from audit.facts.flows import CategorySets, Flows
from audit.facts.keys import KeyIndex, coded, key_index
from audit.facts.pairs import agreed
from audit.facts.parties import Parties, compile_parties
from audit.facts.refusals import Refusals, compile_refusals
from audit.vocabulary import (
    OPERATION_CONTACT,
    ROLE_CARRIER,
    ROLE_SUBJECT,
    WHOLE_BASE,
    Truth,
    Vocabulary,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from audit.clauses.compiling import PackProgram, Program
    from audit.facts.pairs import Places, Truths
    from audit.records.checking import Registers, Taints


@dataclass(frozen=True)
class Facts:
    """What the clauses ask of a batch: codes and truths per flow, truths per unit where rows speak."""

    flows: Flows
    codes: Mapping[str, Places]  # code facts
    truths: Mapping[str, Truths]  # facts that are truths, `evidence …` among them
    necessary: Places  # per flow, row of the parties' covered_categories
    other_necessary: Places  # the same for the flow's other holder
    proofs: Mapping[str, Proof]
    consented: Truths  # per flow, where no row speaks
    prohibited: Truths
    said: Said
    refused_by_somebody: tuple[Places, Places]  # whole-base flows: flow and position
    own_holder: NDArray[np.bool_]  # the holder is the carrier or the subject
    places: Mapping[str, Mapping[str | None, int]]
    domains: Mapping[str, Sequence[str | None]]


@dataclass(frozen=True)
class CompiledRegisters:
    """The registers as arrays, and how the codes of a flow are numbered."""

    program: Program
    subjects: KeyIndex
    evidence_ids: KeyIndex
    tainted_evidence: KeyIndex
    parties: Parties
    agreements: Agreements
    consents: Consents
    refusals: Refusals
    evidence: Evidence
    sets: CategorySets
    places: Mapping[str, Mapping[str | None, int]]

    def facts(self, batch: pl.DataFrame) -> Facts:
        """The facts of a batch of valid flows, as of each flow's occurred_at."""
        flows = self._flows(batch)
        consented, prohibited = self.consents.defaults(flows)
        proofs = self.evidence.proofs(flows, self._kinds())
        return Facts(
            flows=flows,
            codes=flows.codes,
            truths=self._truths(flows, proofs),
            necessary=self.parties.necessary[flows.holder],
            other_necessary=self.parties.necessary[flows.other_holder],
            proofs=proofs,
            consented=consented,
            prohibited=prohibited,
            said=self._said(flows),
            refused_by_somebody=self._refused(flows),
            own_holder=self._own(flows.holder) | self._own(flows.other_holder),
            places=self.places,
            domains=self.program.domains,
        )

    def claimed(self, pack: PackProgram) -> Places:
        """Per value of the basis domain the place of the clause that it names in the pack, or -1."""
        place = {clause_id: i for i, clause_id in enumerate(pack.ids)}
        return np.array([place.get(name or "", -1) for name in self.program.domains["basis"]])

    def _said(self, flows: Flows) -> Said:
        """What consents say; where either of two parties may be the holder, what is said of both."""
        said = self.consents.of_subjects(flows, self.sets, self.parties)
        doubtful = flows.ambiguous
        if not len(doubtful):
            return said
        other = flows.asked_of(doubtful, holder=flows.other_holder[doubtful])
        return said.reconciled(doubtful, self.consents.of_subjects(other, self.sets, self.parties))

    def _refused(self, flows: Flows) -> tuple[Places, Places]:
        flow, position = self.refusals.units(flows, self.sets, self.consents, self.parties)
        doubtful = flows.ambiguous
        other = flows.asked_of(doubtful, holder=flows.other_holder[doubtful])
        more, places = self.refusals.units(other, self.sets, self.consents, self.parties)
        return np.concatenate([flow, doubtful[more]]), np.concatenate([position, places])

    def _kinds(self) -> tuple[str, ...]:
        asked = self.program.asked_evidence
        return tuple(dict.fromkeys(kind for kinds in asked for kind in kinds))

    def _own(self, holder: Places) -> NDArray[np.bool_]:
        """Whether the data stays with the two who signed the agreement."""
        roles = self.places["recipient_role"]
        return np.isin(self.parties.role[holder], [roles[ROLE_CARRIER], roles[ROLE_SUBJECT]])

    def _truths(self, flows: Flows, proofs: Mapping[str, Proof]) -> dict[str, Truths]:
        in_force, settling = self.agreements.facts(flows.subject, flows.at)
        purpose = flows.codes["purpose"]
        return {
            "whole_base": (2 * flows.whole_base).astype(np.int8),
            "agreement_in_force": in_force,
            "agreement_settling": settling,
            "within_recipient_scope": agreed(
                self.parties.within_scope(flows.holder, purpose),
                self.parties.within_scope(flows.other_holder, purpose),
            ),
            "recipient_authorised": agreed(
                self.parties.authorised(flows.holder, flows.at),
                self.parties.authorised(flows.other_holder, flows.at),
            ),
            "sender_keeps_data": self._keeps(flows),
            **{f"evidence {'|'.join(kinds)}": _any(kinds, proofs) for kinds in self.program.asked_evidence},
        }

    def _keeps(self, flows: Flows) -> Truths:
        """sender_keeps_data: a contact with the subject, or else a flow from a party to itself."""
        role, operation = flows.codes["recipient_role"], flows.codes["operation"]
        subject = self.places["recipient_role"][ROLE_SUBJECT]
        reached = np.where(role == 0, Truth.UNKNOWN, 2 * (role == subject))
        kept = np.where(flows.contact, reached, 2 * flows.same_party)
        return np.where(operation == 0, Truth.UNKNOWN, kept).astype(np.int8)

    def _flows(self, batch: pl.DataFrame) -> Flows:
        sender, recipient = (self._party(batch[side]) for side in ("sender", "recipient"))
        codes = {fact: self._coded(batch[fact], fact) for fact in ("operation", "purpose", "channel")}
        codes["basis"] = self._coded(batch["basis"].fill_null(NO_CLAIM), "basis")
        codes["sender_role"] = self.parties.role[sender]
        codes["recipient_role"] = self.parties.role[recipient]
        codes["recipient_country"] = self.parties.country[recipient]
        contact = codes["operation"] == self.places["operation"][OPERATION_CONTACT]
        reaches, may_reach = self._reaches_subject(codes)
        numbers, lists = listings(batch["data_categories"])
        return Flows(
            at=batch["occurred_at"].cast(pl.Int64).to_numpy(),
            subject=self.subjects.find(batch["subject_id"]),
            whole_base=(batch["subject_id"] == WHOLE_BASE).to_numpy(),
            sender=sender,
            recipient=recipient,
            same_party=(batch["sender"] == batch["recipient"]).to_numpy(),
            contact=contact,
            codes=codes,
            holder=np.where(reaches, sender, recipient),
            other_holder=np.where(reaches | may_reach, sender, recipient),
            sets=self.sets.number([listed or () for listed in lists])[numbers],
            cited=self.evidence_ids.find(batch["evidence_id"]),
            cites=batch["evidence_id"].is_not_null().to_numpy(),
            cites_tainted=self.tainted_evidence.find(batch["evidence_id"]) >= 0,
        )

    def _reaches_subject(
        self, codes: Mapping[str, Places]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether the sender contacts the subject, and whether it may (a code being unknown)."""
        role, operation = codes["recipient_role"], codes["operation"]
        subject = role == self.places["recipient_role"][ROLE_SUBJECT]
        contact = operation == self.places["operation"][OPERATION_CONTACT]
        may = (subject | (role == 0)) & (contact | (operation == 0))
        return subject & contact, may

    def _party(self, column: pl.Series) -> Places:
        codes, names = coded(column)
        return self.parties.number(names)[codes]

    def _coded(self, column: pl.Series, fact: str) -> Places:
        codes, values = coded(column)
        places = self.places[fact]
        return np.array([places.get(value, 0) for value in values], dtype=np.int64)[codes]


def compile_registers(
    registers: Registers, program: Program, vocabulary: Vocabulary, complete: frozenset[str]
) -> CompiledRegisters:
    """The registers as arrays. A tainted party counts as unregistered."""
    taints = registers.taints
    places = {fact: _numbered(domain) for fact, domain in program.domains.items()}
    named = _named(registers, program.domains["recipient_role"])
    parties = compile_parties(registers.parties, named, taints.parties, program.domains, vocabulary)
    subjects = key_index(_subjects(registers))
    doubted = _tainted(subjects, taints.consent_subjects, everyone=taints.all_consent_subjects)
    consents = compile_consents(
        registers.consents,
        subjects,
        parties,
        program.domains,
        vocabulary,
        doubted,
        complete="consents" in complete,
    )
    evidence = compile_evidence(
        registers.evidence,
        subjects,
        parties,
        program.evidence_kinds,
        _tainted(subjects, taints.evidence_subjects, everyone=taints.all_evidence_subjects),
        places["recipient_role"][ROLE_CARRIER],
        frozenset(name.removeprefix("evidence.") for name in complete),
    )
    return CompiledRegisters(
        program=program,
        subjects=subjects,
        evidence_ids=key_index(evidence.ids),
        tainted_evidence=key_index(_strings(taints.evidence_ids)),
        parties=parties,
        agreements=compile_agreements(registers.consents, subjects, doubted),
        consents=consents,
        refusals=compile_refusals(consents),
        evidence=evidence,
        sets=CategorySets({code: i for code, i in places["data"].items() if code}),
        places=places,
    )


def _numbered(domain: Sequence[str | None]) -> dict[str | None, int]:
    return {code: i for i, code in enumerate(domain)}


def _named(registers: Registers, roles: Sequence[str | None]) -> set[str]:
    """The parties that consents and evidence name."""
    mentioned = (registers.consents["recipient"], registers.evidence["issued_by"])
    return {name for column in mentioned for name in column.unique() if name} - set(roles)


def _subjects(registers: Registers) -> pl.Series:
    """Every subject that a register row, kept or lost, names."""
    taints = registers.taints
    lost = _strings(taints.consent_subjects | taints.evidence_subjects)
    told = [registers.consents["subject_id"], registers.evidence["subject_id"].drop_nulls(), lost]
    return pl.concat([column.rename("") for column in told]).unique(maintain_order=True)


def _tainted(subjects: KeyIndex, lost: frozenset[str], *, everyone: bool) -> NDArray[np.bool_]:
    """Per subject whether a row of theirs was lost; the last entry is for a subject in no register."""
    tainted = np.full(len(subjects) + 1, everyone)
    tainted[subjects.find(_strings(lost))] = True
    return tainted


def _strings(names: frozenset[str]) -> pl.Series:
    return pl.Series("", sorted(names), dtype=pl.String)


def _any(kinds: tuple[str, ...], proofs: Mapping[str, Proof]) -> Truths:
    return np.maximum.reduce([proofs[kind].truth for kind in kinds])
