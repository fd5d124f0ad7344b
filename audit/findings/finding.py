"""A finding: what is told of one cause, how grave it can be, and by what it is known again."""

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum

import polars as pl

from audit.evaluation.judgement import CODES, INSTANT


class Severity(StrEnum):
    """How soon somebody should look, in falling urgency."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


# A row per finding, one cause and all the flows that it explains.
#
# layer, verdict, nearest  null where a check of the graph found it and no clause
# clause                   the clause that decided or that may, or the name of the check
# purpose, operation       the code, or several joined with `;`
# flows, subjects, records exact; records are those of the whole flows
# whole_base               whether the whole customer base is concerned, beside the subjects named
# cause, remedy            in the language of the run; examples: the three smallest flow ids
# cause_code               the reasons joined with `+`, the same in every language and run
FINDINGS = pl.Schema(
    {
        "fingerprint": pl.String(),
        "layer": pl.String(),
        "verdict": pl.String(),
        "clause": pl.String(),
        "clauses": CODES,
        "sender": pl.String(),
        "recipient": pl.String(),
        "purpose": pl.String(),
        "operation": pl.String(),
        "categories": CODES,
        "severity": pl.String(),
        "flows": pl.Int64(),
        "subjects": pl.Int64(),
        "whole_base": pl.Boolean(),
        "records": pl.Int64(),
        "first_seen": INSTANT,
        "last_seen": INSTANT,
        "cause": pl.String(),
        "remedy": pl.String(),
        "examples": CODES,
        "cause_code": pl.String(),
        "nearest": pl.String(),
        "cause_zh": pl.String(),
        "cause_en": pl.String(),
        "remedy_zh": pl.String(),
        "remedy_en": pl.String(),
    }
)

# Where each finding stands, beside its verdict: a row per finding, in the same order.
#
# state      a word of triage (triage/decision.py); suppressed: whether it is set aside for it
# why        why a decision does not count, null where it does or there is none
# entry      the number of the decision in the log; the rest is what that says
STANDINGS = pl.Schema(
    {
        "fingerprint": pl.String(),
        "state": pl.String(),
        "suppressed": pl.Boolean(),
        "why": pl.String(),
        "entry": pl.Int64(),
        "author": pl.String(),
        "approver": pl.String(),
        "until": pl.Date(),
        "reason": pl.String(),
        "evidence": CODES,
        "at": INSTANT,
    }
)
_SPELLED = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))
SENTENCES = ("cause_zh", "cause_en", "remedy_zh", "remedy_en")


def fingerprint(*codes: str | Sequence[str] | None) -> str:
    """The finding's name across runs: a digest of codes; no count, date or row number is in it."""
    return hashlib.sha256(_SPELLED.encode(codes).encode()).hexdigest()
