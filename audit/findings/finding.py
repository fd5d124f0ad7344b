"""A finding: what went wrong, how grave it is, why, and what to do about it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

import polars as pl

from audit.evaluation.judgement import CODES, INSTANT


class Severity(StrEnum):
    """How soon somebody should look, in falling urgency."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True)
class Finding:
    """One cause and all the flows it explains.

    layer, verdict, nearest: null where a check of the graph found it and no clause.
    clause: the clause that decided, or that may; the name of the check for a check of the graph.
    purpose, operation: the code, or several joined with `;`.
    flows, subjects, records: exact; records are those of the whole flows.
    cause, remedy: in the language of the run; examples: the three smallest flow ids.
    cause_code: the reasons joined with `+`, the same in every language and run.
    """

    fingerprint: str
    layer: str | None
    verdict: str | None
    clause: str
    clauses: tuple[str, ...]
    sender: str | None
    recipient: str | None
    purpose: str | None
    operation: str | None
    categories: tuple[str, ...]
    severity: Severity
    flows: int
    subjects: int
    records: int
    first_seen: datetime | None
    last_seen: datetime | None
    cause: str
    remedy: str
    examples: tuple[str, ...]
    cause_code: str
    nearest: str | None
    cause_zh: str
    cause_en: str
    remedy_zh: str
    remedy_en: str


_LISTS = {"clauses", "categories", "examples"}
_COUNTS = {"flows", "subjects", "records"}
_INSTANTS = {"first_seen", "last_seen"}


def _dtype(name: str) -> pl.DataType:
    if name in _LISTS:
        return CODES
    if name in _INSTANTS:
        return INSTANT
    return pl.Int64() if name in _COUNTS else pl.String()


FINDINGS = pl.Schema({column.name: _dtype(column.name) for column in fields(Finding)})


def findings_table(findings: Sequence[Finding]) -> pl.DataFrame:
    """The findings, gravest first; the fingerprint settles every tie."""
    ordered = sorted(findings, key=_urgency)
    columns = {
        name: [_cell(getattr(finding, name)) for finding in ordered] for name in FINDINGS.names()
    }
    return pl.DataFrame(columns, schema=FINDINGS)


def _urgency(finding: Finding) -> tuple[int, bool, int, int, str]:
    rank = list(Severity).index(finding.severity)
    return rank, finding.layer is None, -finding.records, -finding.flows, finding.fingerprint


def _cell(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def fingerprint(*codes: str | Sequence[str] | None) -> str:
    """The finding's name across runs: a digest of codes; no count, date or row number is in it."""
    spelled = json.dumps(codes, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).hexdigest()
