"""A run held against a baseline that was made under the same packs, and of no other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from audit.baselines.baseline import packs_said
from audit.findings.known import Held, held
from audit.outcome import FLOWS
from audit.problems import Problem, UsageRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.baselines.baseline import Baseline
    from audit.clauses.clause import Pack
    from audit.outcome import Audit


def refuse_other_packs(baseline: Baseline, packs: Iterable[Pack], *, any_version: bool) -> None:
    """Raises UsageRefused unless the baseline was made under these packs.

    Another layer or another pack is never taken; another version of the same pack where
    `any_version` is asked.
    """
    now = packs_said(packs)
    then = baseline.packs
    if [(each.layer, each.id) for each in now] != [(each.layer, each.id) for each in then]:
        facts = {
            "baseline": baseline.name,
            "then": ", ".join(f"{each.layer}/{each.id}" for each in then),
            "now": ", ".join(f"{each.layer}/{each.id}" for each in now),
        }
        raise UsageRefused(Problem("baseline-other-packs", facts))
    changed = [one.id for one, other in zip(now, then, strict=True) if one != other]
    if changed and not any_version:
        facts = {"baseline": baseline.name, "packs": ", ".join(changed)}
        raise UsageRefused(Problem("baseline-other-version", facts))


def held_against(audit: Audit, baseline: Baseline) -> Audit:
    """The same run, and what became of its findings since the baseline.

    What was not read can be known to nobody: rejected rows and lost registers stay what they are.
    """
    findings, gone = held(audit.findings, baseline.findings)
    now, then = packs_said(audit.packs), baseline.packs
    return replace(
        audit,
        held=Held(
            run_id=baseline.run_id,
            findings=findings,
            gone=gone,
            lost=_lost(audit, baseline),
            repacked=tuple(one.id for one, other in zip(now, then, strict=True) if one != other),
        ),
    )


def _lost(audit: Audit, baseline: Baseline) -> tuple[str, ...]:
    """Registers of which nothing is left that could be used."""
    used = {table: count.judged for table, count in audit.rows.items()}
    return tuple(
        table
        for table, count in sorted(baseline.rows.items())
        if count and not used.get(table, 0) and table != FLOWS
    )
