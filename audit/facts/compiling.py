"""The registers compiled once: subjects numbered, rows by subject, what was lost remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.facts.agreements import compile_agreements
from audit.facts.base import SUBJECT
from audit.facts.consents import compile_consents
from audit.facts.evidence import compile_evidence
from audit.facts.flows import CategorySets
from audit.facts.gathering import CompiledRegisters
from audit.facts.keys import KeyIndex, indexed, key_index
from audit.facts.numbering import Doubt, Numbering
from audit.facts.parties import compile_parties
from audit.facts.refusals import compile_refusals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audit.clauses.compiling import Program
    from audit.records.checking import Registers
    from audit.vocabulary import Vocabulary


def compile_registers(
    registers: Registers, program: Program, vocabulary: Vocabulary, complete: frozenset[str]
) -> CompiledRegisters:
    """The registers as arrays; `complete` names those that are declared to lack no row."""
    taints = registers.taints
    subjects, consent_rows, proof_rows = _subjects(registers)
    numbering = Numbering(vocabulary, program.domains, program.evidence_kinds, subjects)
    parties = compile_parties(
        registers.parties, _named(registers, vocabulary), taints.parties, numbering
    )
    no_consent = _tainted(subjects, taints.consent_subjects, everyone=taints.all_consent_subjects)
    no_proof = _tainted(subjects, taints.evidence_subjects, everyone=taints.all_evidence_subjects)
    doubt = Doubt(no_consent, complete)
    consents = compile_consents(consent_rows, parties, numbering, doubt)
    consents = consents.blind_but_for(program.tables)
    evidence = compile_evidence(proof_rows, parties, numbering, Doubt(no_proof, complete))
    return CompiledRegisters(
        program=program,
        numbering=numbering,
        evidence_ids=key_index(evidence.ids),
        tainted_evidence=key_index(_strings(taints.evidence_ids)),
        parties=parties,
        agreements=compile_agreements(consent_rows, numbering, doubt),
        consents=consents,
        refusals=compile_refusals(consents),
        evidence=evidence,
        sets=CategorySets({code: i for code, i in numbering.places["data"].items() if code}),
    )


def _named(registers: Registers, vocabulary: Vocabulary) -> set[str]:
    """The parties that consents and evidence name."""
    recipients = set(registers.consents["recipient"].unique().drop_nulls()) - set(vocabulary.roles)
    return recipients | set(registers.evidence["issued_by"].unique().drop_nulls())


def _subjects(registers: Registers) -> tuple[KeyIndex, pl.DataFrame, pl.DataFrame]:
    """Every subject that a register names, lost rows included; both tables with its place."""
    taints = registers.taints
    lost = _strings(taints.consent_subjects | taints.evidence_subjects)
    tables = (registers.consents, registers.evidence)
    told: pl.Series = pl.concat([*(table["subject_id"].rename("") for table in tables), lost])
    index, place = indexed(told)
    ends = np.cumsum([table.height for table in tables])
    consents, evidence = (
        table.with_columns(pl.Series(SUBJECT, part))
        for table, part in zip(tables, np.split(place, ends), strict=False)
    )
    return index, consents, evidence


def _tainted(subjects: KeyIndex, lost: frozenset[str], *, everyone: bool) -> NDArray[np.bool_]:
    """Per subject whether a row of theirs was lost; last, a subject in no register."""
    tainted = np.full(len(subjects) + 1, everyone)
    tainted[subjects.find(_strings(lost))] = True
    return tainted


def _strings(names: frozenset[str]) -> pl.Series:
    return pl.Series("", sorted(names), dtype=pl.String)
