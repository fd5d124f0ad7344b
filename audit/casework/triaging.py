"""Decisions on the findings of a kept run: where each finding stands, and deciding about some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.casework.preceding import earlier, earlier_than, is_whole, last_moment, marks_of
from audit.casework.remembering import remembered
from audit.casework.workspace import KeptRun, Workspace
from audit.findings.triaged import Triaged
from audit.problems import Problem, UsageRefused
from audit.reports.as_parquet import FINDINGS_IN_A_GROUP
from audit.sources.zones import zone_of
from audit.triage.approving import demanded, demands_of
from audit.triage.covering import ASKED, covers, is_about
from audit.triage.deciding import Occasion, decide, sound
from audit.triage.decision import CODES, GRAPH, Decision, Kind, Target
from audit.triage.heads import head_faults
from audit.triage.history import resolved
from audit.triage.ledger import Log
from audit.triage.place import store_at, store_for
from audit.triage.standing import Background, standings
from audit.triage.state import State

if TYPE_CHECKING:
    from audit.outcome import Audit
    from audit.sources.address import Address
    from audit.triage.ledger import Entry
    from audit.triage.store import Store

_COLUMNS = 4  # of states that are kept, 1 MB for a million findings
_STRETCH = 32 * FINDINGS_IN_A_GROUP  # findings whose states are looked at together
_STATES = pl.Enum([state.value for state in State])
_NEEDED = ("sqlalchemy", "alembic")


@dataclass(frozen=True)
class Ruling:
    """What a person decides about findings, causes or edges of a run.

    author: asked only of somebody who has not logged in.
    """

    state: State
    targets: tuple[Target, ...]
    reason: str
    approver: str | None = None
    until: date | None = None
    evidence: tuple[str, ...] = ()
    author: str = ""


def opened_store(address: Address) -> Store:
    """The store; raises UsageRefused where what it needs is not installed."""
    if not all(map(find_spec, _NEEDED)):
        raise UsageRefused(Problem("triage-not-installed"))
    from audit.triage.store import open_store  # noqa: PLC0415 (a fifth of a second, seldom needed)

    return open_store(address)


def log_at(runs: Path, store: str | None = None) -> Log | None:
    """The log of decisions that goes with a folder of runs, or that was named; None without."""
    address = store_at(runs.absolute(), store)
    return opened_store(address).read() if address else None


def log_of_run(run: KeptRun, store: str | None = None) -> Log:
    """The log that goes with a run; an empty one where nothing was ever decided.

    One that no longer holds what the run knew of it has that for a fault: nothing in it counts.
    """
    log = log_at(run.folder.absolute().parent, store) or Log()
    return replace(log, faults=head_faults(run.manifest.get("triage"), log))


def runs_decided(log: Log) -> frozenset[str] | None:
    """The ids of the runs on which something was decided; None where the log cannot be trusted."""
    if log.faults or any(entry.decision is None for entry in log.entries):
        return None
    return frozenset(entry.decision.run for entry in log.entries if entry.decision)


def standing_of(run: KeptRun, findings: pl.DataFrame, log: Log, day: date) -> pl.DataFrame:
    """Where these findings of the run stand on a day; columns as STANDINGS, a row for each."""
    demands = demands_of(run.manifest["packs"])
    return standings(findings, log, Background(run.run_id, day, demands, earlier(run)))


def everything(run: KeptRun) -> pl.DataFrame:
    """What of all findings of the run states depend on."""
    scan = pl.scan_parquet(run.file("findings.parquet"), glob=False)
    return scan.select(ASKED).collect()


def counts(run: KeptRun, log: Log, day: date) -> dict[State, int]:
    """How many findings are in each state; resolved are those that earlier runs had."""
    found = dict(states_of(run, log, day).value_counts().iter_rows())
    gone = resolved(earlier(run), marks_of(run)).len() if is_whole(run) else 0
    return {state: found.get(state.value, 0) for state in State} | {State.RESOLVED: gone}


def states_of(run: KeptRun, log: Log, day: date) -> pl.Series:
    """The state of each finding of the run, in its order; made once for a log as long as this."""
    return _states(run, log, day, tuple(each.run_id for each in earlier(run)))


@remembered(_COLUMNS)
def _states(run: KeptRun, log: Log, day: date, _before: tuple[str, ...]) -> pl.Series:
    """Stretch by stretch: a million findings at once would take a gigabyte."""
    scan = pl.scan_parquet(run.file("findings.parquet"), glob=False).select(ASKED)
    told = [pl.Series("state", [], dtype=_STATES)]
    for first in range(0, marks_of(run).len(), _STRETCH):
        findings = scan.slice(first, _STRETCH).collect()
        told.append(standing_of(run, findings, log, day)["state"].cast(_STATES))
    return pl.concat(told)


def listed(
    run: KeptRun, log: Log, day: date, states: Sequence[str] = ()
) -> tuple[int, Iterator[dict[str, Any]]]:
    """How many findings of the run are in these states, and each in its order with its names."""
    findings = everything(run)
    told = standing_of(run, findings, log, day)
    if states:
        chosen = told["state"].is_in([*states])
        findings, told = findings.filter(chosen), told.filter(chosen)
    rows = zip(findings.iter_rows(named=True), told.iter_rows(named=True), strict=True)
    return findings.height, (_listed(finding, standing) for finding, standing in rows)


def _listed(finding: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
    """A finding that several purposes share, or none, is on no single edge."""
    kept = {name: finding[name] for name in ("fingerprint", "layer", "verdict", "severity")}
    cause = (finding["layer"] or GRAPH, finding["clause"], finding["cause_code"])
    edge = [finding[name] for name in CODES[Kind.EDGE]]
    single = all(edge) and not any(";" in code for code in edge[2:])
    named = {"cause": "/".join(cause), "edge": ":".join(edge) if single else None}
    return {**kept, **named, **{name: _plain(value) for name, value in standing.items()}}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def head_faults_of(runs: Path, log: Log) -> dict[str | None, tuple[Problem, ...]]:
    """Per run of a folder that knew a log what is wrong with this one for it."""
    told = {run.folder.name: run.manifest.get("triage") for run in Workspace(runs).runs().runs}
    return {name: head_faults(head, log) for name, head in told.items() if head is not None}


def ruled(run: KeptRun, decision: Decision, seen: int | None, now: datetime) -> Occasion:
    """The occasion on which something is decided about findings of the run."""
    scan = pl.scan_parquet(run.file("findings.parquet"), glob=False)
    findings = scan.filter(covers(decision.targets)).select(ASKED).collect()
    demands = demands_of(run.manifest["packs"])
    return Occasion(findings, demands, day_of(run, now), now, seen)


def rule(  # noqa: PLR0913 (the last only on the command line)
    run: KeptRun, ruling: Ruling, seen: int | None, now: datetime, store: str | None = None
) -> Entry:
    """Write a decision about findings of the run into the log; raises as `decide` does."""
    decision = Decision(
        state=ruling.state,
        targets=tuple(sorted(set(ruling.targets))),
        reason=ruling.reason,
        author=ruling.author,
        run=run.run_id,
        approver=ruling.approver or None,
        until=ruling.until,
        evidence=tuple(ruling.evidence),
    )
    occasion = ruled(run, decision, seen, now)
    sound(decision, occasion)  # before a store is made for it
    if "triage" in run.manifest and (faults := log_of_run(run, store).faults):
        raise UsageRefused(*faults)
    address = store_for(run.folder.absolute().parent, store)
    return decide(opened_store(address), decision, occasion)


def history(run: KeptRun, fingerprint: str, log: Log) -> tuple[Entry, ...]:
    """Every decision that was about a finding of the run, the newest first."""
    scan = pl.scan_parquet(run.file("findings.parquet"), glob=False)
    found = scan.filter(pl.col("fingerprint") == fingerprint).select(ASKED).collect()
    if found.is_empty():
        raise UsageRefused(Problem("no-such-finding", {"finding": fingerprint}))
    finding = found.row(0, named=True)
    return tuple(entry for entry in reversed(log.entries) if is_about(entry, finding))


def day_of(run: KeptRun, now: datetime) -> date:
    """Which day it is where the run's days are counted."""
    return now.astimezone(zone_of(run.manifest["options"]["timezone"])).date()


def with_decisions(  # noqa: PLR0913 (the last ones are said by name)
    found: Audit,
    runs: Path,
    store: str | None = None,
    *,
    day: date | None = None,
    known: object = None,
) -> Audit:
    """The audit with where its findings stand, where a log goes with this folder of runs.

    Nothing depends on the clock: a decision must still hold on the day of the last flow, or of the
    last decision where that is later, unless another day is named. `known` is what the manifest of
    a kept run says of the log: none of its decisions counts where it is another one.
    """
    log = log_at(runs, store)
    if log is None:
        return found
    log = replace(log, faults=head_faults(known, log))
    moment = last_moment(found.edges)
    before = earlier_than(found, runs.absolute())
    demands = [demanded(pack.layer.value, pack.approver) for pack in found.packs if pack.approver]
    held_on = (
        day
        or max([moment, *(each.at for each in log.entries if each.at)])
        .astimezone(zone_of(found.options.timezone))
        .date()
    )
    background = Background(found.run_id, held_on, tuple(demands), before)
    told = standings(found.findings, log, background)
    return replace(
        found, triaged=Triaged(told, log.head.digest, log.head.entries, held_on, log.faults)
    )
