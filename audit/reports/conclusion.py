"""The answer of a run in one sentence: what was found, and what could not be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.clauses.clause import Verdict
from audit.evaluation.judgement import overall_counts
from audit.outcome import FLOWS
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.outcome import Audit


def conclusion(audit: Audit, language: Language) -> tuple[str, Verdict]:
    """The sentence, and the verdict that says how it is meant; nothing judged is a violation."""
    overall, flows = overall_counts(audit.judgement), audit.rows[FLOWS]
    facts = {
        "judged": flows.judged,
        "rejected": flows.rejected,
        "violation": overall[Verdict.VIOLATION],
        "indeterminate": overall[Verdict.INDETERMINATE],
    }
    if not facts["judged"]:
        return phrase("run-nothing-judged", language, **facts), Verdict.VIOLATION
    if facts["violation"]:
        return phrase("run-violations", language, **facts), Verdict.VIOLATION
    if facts["indeterminate"] or facts["rejected"]:
        return phrase("run-doubtful", language, **facts), Verdict.INDETERMINATE
    return phrase("run-clean", language, **facts), Verdict.PERMITTED
