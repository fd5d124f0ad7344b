"""Everything a run has about one person, for a data subject's request; other people stay masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from audit.casework import holding
from audit.casework.dutybook import duties_of_person
from audit.casework.flows import FlowFilter, matching, rows_at
from audit.casework.journal import Journal, inquiry_of, journal_of, key_of
from audit.casework.naming import named, pseudonyms_of
from audit.casework.partybook import last_flow
from audit.casework.roles import Role
from audit.clauses.clause import Verdict
from audit.findings.finding import FINDINGS
from audit.problems import Problem, UsageRefused
from audit.records.pseudonyms import pseudonym
from audit.reports.duties import mark_of
from audit.vocabulary import WHOLE_BASE

if TYPE_CHECKING:
    from audit.casework.roles import Reader
    from audit.casework.workspace import KeptRun
    from audit.inquiring import Inquiry

_OPEN = (Verdict.VIOLATION.value, Verdict.INDETERMINATE.value)


@dataclass(frozen=True)
class Dossier:
    """One person under their pseudonym; every frame is about them alone.

    flows: in the order of time, as a page of flows.
    parties: who got the data: party, name, role, flows, categories, purposes, first_received,
        last_received and a column per verdict.
    consents: consent_id, document, version, recipient, purposes, data_categories, kind, effect,
        given_at, withdrawn_at, expires_at, state (coming, given, withdrawn, expired) at the last
        flow of the run, carried (how many flows rested on it).
    history: what became of the consents, in the order of time: at, event (given, withdrawn,
        expired), consent_id.
    evidence: evidence_id, kind, of (self, nobody, other), issued_by, valid_from, valid_until,
        amount, reference, cited (by how many flows), inferred (for how many flows). What another
        person's row says beyond its kind and dates is null.
    findings: the open questions about these flows, gravest first: rows of the run's findings with
        own_flows, how many of them are this person's.
    holders: who still holds data after the consent that let it in had ended: party, name, role,
        consent_id, ended_at, how (withdrawn, expired), categories, last_received (before the end),
        flows (before the end), flows_after. Who told to have deleted it since is not among them.
    duties: what is owed to this person, as a page of duties; None where the run gave pseudonyms
        under another key than lies beside it now, so that nobody knows which are theirs.
    """

    subject: str
    flows: pl.DataFrame
    parties: pl.DataFrame
    consents: pl.DataFrame
    history: pl.DataFrame
    evidence: pl.DataFrame
    findings: pl.DataFrame
    holders: pl.DataFrame
    duties: pl.DataFrame | None


def dossier(run: KeptRun, reader: Reader, subject: str) -> Dossier:
    """The dossier of the person with this id or pseudonym.

    Raises NotAllowed for a viewer, UsageRefused where the run knows no such person, and what
    `journal_of` raises where the export is gone or changed.
    """
    reader.needs(Role.officer)
    if subject == WHOLE_BASE:
        raise UsageRefused(Problem("subject-everybody"))
    journal, inquiry, key = journal_of(run), inquiry_of(run), key_of(run)
    flows = _flows(run, journal, subject)
    person = _person(key, subject, flows["flow_id"], inquiry)
    parties = pl.read_parquet(run.file("parties.parquet"), glob=False)
    consents = holding.stated(inquiry.consents_of(person), flows, last_flow(run))
    received = holding.received(flows, parties)
    return Dossier(
        subject=pseudonym(key, person),
        flows=flows,
        parties=holding.by_party(received),
        consents=consents,
        history=holding.history(consents),
        evidence=_evidence(inquiry, person, flows),
        findings=_findings(run, inquiry, flows),
        holders=holding.holders(received, consents, flows),
        duties=_duties(run, key, pseudonym(key, person)),
    )


def _duties(run: KeptRun, key: bytes, name: str) -> pl.DataFrame | None:
    mark = (run.manifest.get("duties") or {}).get("key")
    return duties_of_person(run, name) if mark in {None, mark_of(key)} else None


def _flows(run: KeptRun, journal: Journal, subject: str) -> pl.DataFrame:
    asked = matching(run, journal, FlowFilter(subject=subject))
    places = journal.flows.with_row_index("place").filter(asked).select("place").collect()
    return rows_at(journal, places.to_series())


def _person(key: bytes, subject: str, flow_ids: pl.Series, inquiry: Inquiry) -> str:
    """The person's id, which leaves this module in no frame."""
    if not flow_ids.is_empty():
        return str(inquiry.flows(flow_ids.head(1))["subject_id"][0])
    names = pseudonyms_of(key, subject)
    by_id = inquiry.named(lambda ids: ids == subject)
    person = by_id or inquiry.named(lambda ids: named(key, ids)[0].is_in(names))
    if person is None:
        raise UsageRefused(Problem("subject-unknown"))
    return person


def _evidence(inquiry: Inquiry, person: str, flows: pl.DataFrame) -> pl.DataFrame:
    """The person's own rows, and those that their flows cite or rest on."""
    rested = pl.concat([flows["evidence_id"], flows["inferred"].rename("evidence_id")])
    of = pl.col("subject_id")
    owner = (
        pl.when(of == person)
        .then(pl.lit("self"))
        .when(of.is_null() | (of == WHOLE_BASE))
        .then(pl.lit("nobody"))
        .otherwise(pl.lit("other"))
    )
    told = inquiry.evidence_of(person, rested.drop_nulls().unique()).with_columns(owner.alias("of"))
    plain = pl.when(pl.col("of") != "other")
    return told.select(
        *("evidence_id", "kind", "of"),
        plain.then("issued_by"),
        *("valid_from", "valid_until"),
        plain.then("amount"),
        plain.then("reference"),
        cited=_times("evidence_id", flows["evidence_id"]),
        inferred=_times("evidence_id", flows["inferred"]),
    )


def _times(column: str, named_by: pl.Series) -> pl.Expr:
    """How often each row is named."""
    counts = dict(named_by.drop_nulls().value_counts().iter_rows())
    return pl.col(column).replace_strict(counts, default=0, return_dtype=pl.Int64)


def _findings(run: KeptRun, inquiry: Inquiry, flows: pl.DataFrame) -> pl.DataFrame:
    """The findings of clauses that explain a flow of this person, as the run sorts them."""
    doubtful = flows.filter(pl.col("overall").is_in(_OPEN))
    near = (
        pl.scan_parquet(run.file("findings.parquet"), glob=False)
        .filter(pl.col("layer").is_not_null())
        .join(doubtful.lazy(), on=("sender", "recipient"), how="semi", maintain_order="left")
        .collect()
    )
    if near.is_empty():
        return near.with_columns(own_flows=pl.lit(0, pl.Int64))
    members = inquiry.members(near, doubtful["flow_id"], pl.DataFrame())
    own = members.group_by("fingerprint").agg(own_flows=pl.len().cast(pl.Int64))
    ranked = near.select(FINDINGS.names()).with_row_index("rank")
    return ranked.join(own, on="fingerprint", validate="1:1").sort("rank").drop("rank")
