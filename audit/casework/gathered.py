"""What a run has about several people at once, read in one pass; each row says whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from audit.casework import holding
from audit.casework.dutybook import duties_of_people
from audit.casework.flows import rows_at
from audit.casework.journal import inquiry_of, journal_of, key_of
from audit.casework.naming import person_of
from audit.casework.partybook import last_flow
from audit.clauses.clause import Verdict
from audit.findings.finding import FINDINGS
from audit.reports.duties import mark_of
from audit.vocabulary import WHOLE_BASE

if TYPE_CHECKING:
    from pathlib import Path

    from audit.casework.journal import Journal
    from audit.casework.workspace import KeptRun
    from audit.inquiring import Inquiry
    from audit.running import Tell

WHOSE = "subject"  # the column of every frame that says, by pseudonym, whom a row is about
_OPEN = (Verdict.VIOLATION.value, Verdict.INDETERMINATE.value)


@dataclass(frozen=True)
class Source:
    """A run with its journal and its export, opened; both say the same of every flow."""

    run: KeptRun
    key: bytes
    journal: Journal
    inquiry: Inquiry


@dataclass(frozen=True)
class Gathered:
    """The frames of dossiers, with `subject` in each, the pseudonym of whom the row is about.

    people: subject_id and subject, one row each: the one frame that has ids. The rest as in a
    Dossier.
    """

    people: pl.DataFrame
    flows: pl.DataFrame
    parties: pl.DataFrame
    consents: pl.DataFrame
    history: pl.DataFrame
    evidence: pl.DataFrame
    findings: pl.DataFrame
    holders: pl.DataFrame
    duties: pl.DataFrame | None


def source_of(run: KeptRun, export: Path | None = None, tell: Tell = lambda _: None) -> Source:
    """The run opened; `export` is where its export lies now. Raises as `journal_of` does."""
    journal = journal_of(run, tell, export)
    return Source(run, key_of(run), journal, inquiry_of(run, export))


def gathered(source: Source, people: pl.DataFrame) -> Gathered:
    """All that the run has about these people (subject_id, subject)."""
    run, inquiry = source.run, source.inquiry
    flows = flows_of_people(source, people[WHOSE])
    consents = consents_of_people(source, people, flows)
    parties = pl.read_parquet(run.file("parties.parquet"), glob=False)
    received = holding.received(flows, parties)
    return Gathered(
        people=people,
        flows=flows,
        parties=holding.by_party(received),
        consents=consents,
        history=holding.history(consents),
        evidence=_evidence(inquiry, people, flows),
        findings=_findings(run, inquiry, flows),
        holders=holding.holders(received, consents, flows),
        duties=owed_to(source, people[WHOSE]),
    )


def flows_of_people(source: Source, subjects: pl.Series) -> pl.DataFrame:
    """The flows about these people, in the order of time, as a page of flows has them."""
    numbers = pl.Series([person_of(each) for each in subjects], dtype=pl.UInt64)
    rows = source.journal.flows.with_row_index("place")
    asked = rows.filter(pl.col("person").is_in(numbers.implode()))
    return rows_at(source.journal, asked.select("place").collect().to_series())


def consents_of_people(source: Source, people: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """Their consents as they stand at the last flow of the run."""
    rows = source.inquiry.consents_of(people["subject_id"])
    whose = rows.join(people, on="subject_id", validate="m:1", maintain_order="left")
    return holding.stated(whose, flows, last_flow(source.run))


def owed_to(source: Source, subjects: pl.Series) -> pl.DataFrame | None:
    """The duties to these people; None where the run's pseudonyms have another key."""
    return duties_of_people(source.run, subjects) if same_key(source) else None


def same_key(source: Source) -> bool:
    """Whether the run's duties have the pseudonyms that people have here."""
    mark = (source.run.manifest.get("duties") or {}).get("key")
    return mark in {None, mark_of(source.key)}


def _evidence(inquiry: Inquiry, people: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """The people's own rows, and those that their flows cite or rest on."""
    cited = _times(flows, "evidence_id", "cited")
    inferred = _times(flows, "inferred", "inferred")
    rested = pl.concat([cited["evidence_id"], inferred["evidence_id"]]).unique()
    rows = inquiry.evidence_of(people["subject_id"], rested)
    key = (WHOSE, "evidence_id")
    own = rows.join(people, on="subject_id", validate="m:1").select(key)
    named = pl.concat([own, cited.select(key), inferred.select(key)]).unique()
    told = (
        named.join(rows, on="evidence_id", validate="m:1")
        .join(people.rename({"subject_id": "self"}), on=WHOSE, validate="m:1")
        .join(cited, on=key, how="left", validate="1:1")
        .join(inferred, on=key, how="left", validate="1:1")
        .with_columns(_whose().alias("of"), pl.col("cited", "inferred").fill_null(0))
    )
    plain = pl.when(pl.col("of") != "other")
    return told.select(
        *(WHOSE, "evidence_id", "kind", "of"),
        plain.then("issued_by"),
        *("valid_from", "valid_until"),
        plain.then("amount"),
        plain.then("reference"),
        *("cited", "inferred"),
    ).sort("evidence_id", WHOSE)


def _whose() -> pl.Expr:
    """Whom evidence names: the person, nobody (or everybody), or another person."""
    named = pl.col("subject_id")
    return (
        pl.when(named == pl.col("self"))
        .then(pl.lit("self"))
        .when(named.is_null() | (named == WHOLE_BASE))
        .then(pl.lit("nobody"))
        .otherwise(pl.lit("other"))
    )


def _times(flows: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """How many flows of each person name each piece of evidence in this column."""
    told = flows.select(WHOSE, evidence_id=column).drop_nulls("evidence_id")
    return told.group_by(WHOSE, "evidence_id").agg(pl.len().cast(pl.Int64).alias(name))


def _findings(run: KeptRun, inquiry: Inquiry, flows: pl.DataFrame) -> pl.DataFrame:
    """The findings of clauses that explain a flow of theirs, as the run sorts them."""
    doubtful = flows.filter(pl.col("overall").is_in(_OPEN))
    near = (
        pl.scan_parquet(run.file("findings.parquet"), glob=False)
        .filter(pl.col("layer").is_not_null())
        .join(doubtful.lazy(), on=("sender", "recipient"), how="semi", maintain_order="left")
        .collect()
    )
    if near.is_empty():
        none = {"own_flows": pl.lit(0, pl.Int64), WHOSE: pl.lit(None, pl.String)}
        return near.with_columns(**none)
    members = inquiry.members(near, doubtful["flow_id"], pl.DataFrame())
    whose = members.join(doubtful.select("flow_id", WHOSE), on="flow_id", validate="m:1")
    own = whose.group_by("fingerprint", WHOSE).agg(own_flows=pl.len().cast(pl.Int64))
    ranked = near.select(FINDINGS.names()).with_row_index("rank")
    told = ranked.join(own, on="fingerprint", validate="1:m")
    return told.sort("rank", WHOSE).drop("rank")
