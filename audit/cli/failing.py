"""The exit code of a run: what was found, what decisions set aside, what a baseline knows."""

from typing import TYPE_CHECKING

from audit.cli.baselines import rejected_rows
from audit.cli.decisions import all_set_aside, without_set_aside
from audit.settings import FailOn

if TYPE_CHECKING:
    from audit import Audit

_CLEAN, _VIOLATIONS, _REFUSED = 0, 1, 3


def exit_code(found: "Audit", fail_on: FailOn) -> int:
    """0 clean, 1 violations, 3 where nothing was judged; `fail_on` says what counts."""
    if not found.rows["flows"].judged:
        return _REFUSED
    violations, doubts = _failing(found)
    match fail_on:
        case FailOn.never:
            return _CLEAN
        case FailOn.indeterminate:
            return _VIOLATIONS if violations or doubts else _CLEAN
        case FailOn.violation:
            return _VIOLATIONS if violations else _CLEAN


def _failing(found: "Audit") -> tuple[bool, bool]:
    """Whether there are violations, and doubts; with a baseline such as it does not know.

    What decisions set aside does not count where their store was named. Nobody can know what was
    rejected or lost, so neither a baseline nor a decision clears that.
    """
    from audit import Verdict

    if found.held:
        held = without_set_aside(found.held, found.triaged)
        doubts = held.reports(Verdict.INDETERMINATE) or bool(held.lost)
        return held.reports(Verdict.VIOLATION), doubts or rejected_rows(found) > 0
    violations, doubts = (
        any(each[verdict] for each in found.counts.values()) and not all_set_aside(found, verdict)
        for verdict in (Verdict.VIOLATION, Verdict.INDETERMINATE)
    )
    return violations, doubts or found.rows["flows"].rejected > 0
