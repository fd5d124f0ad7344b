"""What reports say of decisions: a finding that is set aside stays where it is, marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from audit.triage.state import WORKED_ON, State
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from audit.outcome import Audit

_MARKED = {
    "state": "triage_state",
    "suppressed": "triage_suppressed",
    "why": "triage_why",
    "author": "triage_author",
    "approver": "triage_approver",
    "until": "triage_until",
    "reason": "triage_reason",
}
MARKS = tuple(_MARKED.values())
_UNDER_REVIEW, _ACCEPTED = "underReview", "accepted"


def marked(audit: Audit, findings: pl.DataFrame | None = None) -> pl.DataFrame:
    """The findings, each with its marks where a log of decisions was at hand.

    `findings` are those of the audit in their order, with further columns.
    """
    shown = audit.findings if findings is None else findings
    if audit.triaged is None:
        return shown
    marks = audit.triaged.standings.select(*_MARKED).rename(_MARKED)
    return shown.hstack(marks.with_columns(pl.col("triage_until").cast(pl.String)))


def standings_of(audit: Audit) -> Mapping[str, Mapping[str, Any]]:
    """Fingerprint -> where it stands, of all about which something was decided or is told."""
    if audit.triaged is None:
        return {}
    told = pl.col("entry").is_not_null() | (pl.col("state") != State.OPEN.value)
    rows = audit.triaged.standings.filter(told | pl.col("why").is_not_null())
    return {row["fingerprint"]: row for row in rows.iter_rows(named=True)}


def standing_told(row: Mapping[str, Any], language: Language) -> str:
    """A mark in words: the state, why a decision does not count, what was decided and by whom."""
    parts = [phrase(f"triage-state-{row['state']}", language)]
    if row["why"]:
        parts.append(phrase(f"triage-why-{row['why']}", language))
    if row["author"]:
        parts.append(_decided(row, language))
    return phrase("triage-mark-join", language).join(parts)


def _decided(row: Mapping[str, Any], language: Language) -> str:
    facts = [phrase("triage-mark-author", language, author=row["author"])]
    if row["approver"]:
        facts.append(phrase("triage-mark-approver", language, approver=row["approver"]))
    if row["until"]:
        facts.append(phrase("triage-mark-until", language, until=row["until"].isoformat()))
    if row["evidence"]:
        listed = phrase("cli-list", language).join(row["evidence"])
        facts.append(phrase("triage-mark-evidence", language, evidence=listed))
    who = phrase("cli-list", language).join(facts)
    return phrase("triage-mark-decided", language, reason=row["reason"], who=who)


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A mark as a document keeps it; days and instants as text."""
    told = {name: value for name, value in row.items() if name != "fingerprint"}
    return told | {name: told[name].isoformat() for name in ("until", "at") if told[name]}


def suppressions(audit: Audit, language: Language) -> Mapping[str, list[dict[str, Any]]]:
    """Fingerprint -> its suppressions as SARIF has them (2.1.0, section 3.35)."""
    return dict(_suppressions(audit, language))


def _suppressions(audit: Audit, language: Language) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Set aside: accepted; worked on: under review, which hides nothing."""
    for fingerprint, row in standings_of(audit).items():
        if not row["suppressed"] and row["state"] not in set(WORKED_ON):
            continue
        status = _ACCEPTED if row["suppressed"] else _UNDER_REVIEW
        justification = standing_told(row, language)
        yield fingerprint, [{"kind": "external", "status": status, "justification": justification}]
