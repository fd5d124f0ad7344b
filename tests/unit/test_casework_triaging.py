"""Decisions at a desk: from run to run, by the reader's own name, and never without a word."""

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from audit.casework import triaging
from audit.casework.desk import Desk
from audit.casework.findings import Filter
from audit.casework.roles import NotAllowed, Reader, Role
from audit.casework.stood import Stand
from audit.casework.triaging import Ruling, log_at, runs_decided
from audit.casework.workspace import KeptRun, opened
from audit.outcome import InputFile, RowCount
from audit.problems import Problem, UsageRefused
from audit.reports.run_folder import leave
from audit.triage.deciding import Stale
from audit.triage.decision import Kind, Target
from audit.triage.place import STORE_FILE
from audit.triage.state import State
from tests.judged import Flow, audited, carrier, judgement, parties, partner
from tests.kept import OFFICER, VIEWER, kept, several

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def findings(run: KeptRun) -> pl.DataFrame:
    """What verdicts found; what a check of the graph did is no matter here."""
    return Desk(run, OFFICER).page().frame.filter(pl.col("layer").is_not_null())


def found(run: KeptRun) -> list[str]:
    return findings(run)["fingerprint"].to_list()


def states(run: KeptRun, now: datetime = NOW) -> dict[str, int]:
    counted = Desk(run, OFFICER).standings(findings(run), now)["state"].value_counts()
    return dict(counted.iter_rows())


def ruling(run: KeptRun, *names: str, state: State = State.FALSE_POSITIVE) -> Ruling:
    targets = tuple(Target(Kind.FINDING, (name,)) for name in names or found(run)[:1])
    return Ruling(state, targets, "because", author="typed")


def flows(name: str, recipients: Iterable[int], start: int = 0) -> list[Flow]:
    told: list[Flow] = []
    for number in recipients:
        made = several(f"{name}{number}", people=2, start=start, recipient=f"PTR-{number}")
        told += made
    return told


def one_after_another(
    folder: Path, *runs: Iterable[int], lost: bool = False, between: str = "CAR"
) -> list[KeptRun]:
    """A run for each, with a finding for each recipient; `lost` ones rejected a flow.

    between: who sends in the second of them.
    """
    told = []
    for number, recipients in enumerate(runs):
        sender = between if number == 1 else "CAR"
        sent = [*flows(str(number), recipients, number), ANYONE]
        judged = [replace(flow, sender=sender) for flow in sent]
        register = parties(carrier(), *(partner(f"PTR-{each}") for each in (1, 2)))
        audit = audited(judgement(*judged), register)
        if not lost:
            rows = {**audit.rows, "flows": RowCount(len(judged), len(judged), 0)}
            audit = replace(audit, rows=rows, rejected=audit.rejected.clear())
        inputs = (InputFile("flows", "flows.csv", str(number), len(judged)),)
        place = folder / str(number)
        leave(replace(audit, inputs=inputs), place)
        os.utime(place / "manifest.json", ns=(number * 10**9, number * 10**9))
        told.append(opened(place))
    return told


ANYONE = Flow("last", day=300)


def test_the_author_is_who_logged_in_and_else_who_says_so(tmp_path: Path) -> None:
    run = kept(tmp_path / "a", several("f", people=2))
    desk = Desk(run, Reader(Role.officer, "chen"))
    entry = desk.decide(ruling(run), 0, NOW)
    assert entry.decision is not None
    assert entry.decision.author == "chen"
    nobody = Desk(run, OFFICER)
    entry = nobody.decide(ruling(run), 1, NOW)
    assert entry.decision is not None
    assert entry.decision.author == "typed"
    assert runs_decided(triaging.log_of_run(run)) == frozenset({run.run_id})


def test_a_page_says_where_its_findings_stand(tmp_path: Path) -> None:
    run = kept(tmp_path / "a", flows("f", (1, 2, 3)))
    desk = Desk(run, OFFICER)
    page = findings(run)
    desk.decide(ruling(run, page["fingerprint"][1]), 0, NOW)
    told = desk.standings(page, NOW)
    assert told["fingerprint"].equals(page["fingerprint"])
    assert told["state"].to_list() == ["open", "false_positive", "open"]
    assert states(run) == {State.OPEN: 2, State.FALSE_POSITIVE: 1}


def test_a_form_that_has_grown_old_is_told(tmp_path: Path) -> None:
    run = kept(tmp_path / "a", flows("f", (1, 2)))
    first, second = (Desk(run, Reader(Role.officer, name)) for name in ("chen", "wang"))
    name, other = found(run)
    seen, entries = first.decisions(name)
    assert (seen, entries) == (0, ())
    first.decide(ruling(run, name), seen, NOW)
    with pytest.raises(Stale) as refusal:
        second.decide(ruling(run, name, state=State.OPEN), seen, NOW)
    assert refusal.value.problems[0].facts["author"] == "chen"
    second.decide(ruling(run, other), seen, NOW)
    seen, (entry,) = second.decisions(name)
    assert (seen, entry.sequence) == (2, 1)


def test_many_are_decided_together_or_not_at_all(tmp_path: Path) -> None:
    run = kept(tmp_path / "a", flows("f", (1, 2, 3)))
    desk = Desk(run, OFFICER)
    with pytest.raises(UsageRefused):
        desk.decide(ruling(run, *found(run), "f" * 64), 0, NOW)
    assert states(run) == {State.OPEN: 3}
    desk.decide(ruling(run, *found(run)), 0, NOW)
    assert states(run) == {State.FALSE_POSITIVE: 3}
    assert [entry.sequence for entry in desk.decisions(found(run)[2])[1]] == [1]


def test_what_is_gone_is_resolved_and_what_comes_back_is_reopened(tmp_path: Path) -> None:
    first, second, third = one_after_another(tmp_path, (1, 2), (2,), (1, 2))
    Desk(first, OFFICER).decide(ruling(first, *found(first)), 0, NOW)
    assert states(first) == {State.FALSE_POSITIVE: 2}
    assert states(second) == {State.FALSE_POSITIVE: 1}
    assert Desk(second, OFFICER).states(NOW)[State.RESOLVED] >= 1
    assert states(third) == {State.FALSE_POSITIVE: 1, State.REOPENED: 1}
    Desk(third, OFFICER).decide(ruling(third, *found(third)), 1, NOW)
    assert states(third) == {State.FALSE_POSITIVE: 2}


def test_a_run_that_lost_flows_neither_resolves_nor_reopens(tmp_path: Path) -> None:
    first, second, third = one_after_another(tmp_path, (1, 2), (2,), (1, 2), lost=True)
    Desk(first, OFFICER).decide(ruling(first, *found(first)), 0, NOW)
    assert Desk(second, OFFICER).states(NOW)[State.RESOLVED] == 0
    assert states(third) == {State.FALSE_POSITIVE: 2}


def test_another_carriers_run_in_the_same_folder_says_nothing_of_what_is_gone(
    tmp_path: Path,
) -> None:
    """Whose run it is, is told by who sends the most."""
    first, _, third = one_after_another(tmp_path, (1, 2), (2,), (1, 2), between="OTHER")
    other = opened(tmp_path / "1")
    Desk(first, OFFICER).decide(ruling(first, *found(first)), 0, NOW)
    assert Desk(other, OFFICER).states(NOW)[State.RESOLVED] == 0
    assert states(third) == {State.FALSE_POSITIVE: 2}


def test_a_decision_ends_with_its_last_day_where_the_run_is(tmp_path: Path) -> None:
    run = kept(tmp_path / "a", several("f", people=2))
    until = date(2026, 3, 2)
    said = Ruling(State.ACCEPTED_RISK, ruling(run).targets, "why", until=until, author="a")
    Desk(run, OFFICER).decide(said, 0, NOW)
    midnight = datetime(2026, 3, 2, 16, tzinfo=UTC)  # in the zone of the run, +08:00
    before = midnight - timedelta(microseconds=1)
    assert states(run, before) == {State.ACCEPTED_RISK: 1}
    assert states(run, midnight) == {State.OPEN: 1}


def test_no_finding_of_that_name_has_no_history(tmp_path: Path) -> None:
    run = kept(tmp_path / "a", several("f", people=2))
    with pytest.raises(UsageRefused):
        Desk(run, OFFICER).decisions("0" * 64)


def test_where_it_is_not_installed_nothing_is_overlooked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = kept(tmp_path / "a", several("f", people=2))
    monkeypatch.setattr(
        triaging, "find_spec", lambda name: None if name == "alembic" else find_spec(name)
    )
    assert states(run) == {State.OPEN: 1}
    with pytest.raises(UsageRefused) as refusal:
        Desk(run, OFFICER).decide(ruling(run), 0, NOW)
    assert refusal.value.problems[0].code == "triage-not-installed"
    (tmp_path / STORE_FILE).touch()
    with pytest.raises(UsageRefused):
        states(run)


def test_runs_of_a_log_that_cannot_be_trusted_are_not_told(tmp_path: Path) -> None:
    assert log_at(tmp_path) is None
    run = kept(tmp_path / "a", several("f", people=2))
    Desk(run, OFFICER).decide(ruling(run), 0, NOW)
    log = log_at(tmp_path)
    assert log is not None
    broken = replace(log, faults=(Problem("triage-head-unreadable"),))
    assert runs_decided(broken) is None
    lost = replace(log, entries=(replace(log.entries[0], decision=None),))
    assert runs_decided(lost) is None


def test_a_filter_by_state_follows_what_is_decided(tmp_path: Path) -> None:
    run = kept(tmp_path / "a", flows("f", (1, 2, 3)))
    desk, day = Desk(run, OFFICER), NOW.date()
    everything, names = desk.page().total, found(run)
    shown, hidden = Filter(stand=Stand(day)), Filter(stand=Stand(day, aside=False))
    false = Filter(stand=Stand(day, (State.FALSE_POSITIVE.value,)))

    def facet(asked: Filter) -> int:
        return int(desk.facets(asked)["severities"]["findings"].sum())

    assert [facet(each) for each in (shown, hidden, false)] == [everything, everything, 0]
    desk.decide(ruling(run, names[1]), 0, NOW)
    assert [facet(each) for each in (shown, hidden, false)] == [everything, everything - 1, 1]
    assert desk.page(shown).total == everything
    assert names[1] not in desk.page(hidden).frame["fingerprint"].to_list()
    assert desk.page(false).frame["fingerprint"].to_list() == [names[1]]
    aside_only = Filter(stand=Stand(day, (State.FALSE_POSITIVE.value,), aside=False))
    assert desk.page(aside_only).total == 0
    with pytest.raises(NotAllowed):
        Desk(run, VIEWER).page(shown)
    with pytest.raises(NotAllowed):
        Desk(run, VIEWER).facets(shown)


def test_a_filter_asks_the_day(tmp_path: Path) -> None:
    run = kept(tmp_path / "a", flows("f", (1, 2)))
    desk, last = Desk(run, OFFICER), NOW.date() + timedelta(days=3)
    desk.decide(replace(ruling(run), state=State.ACCEPTED_RISK, until=last), 0, NOW)
    states = (State.ACCEPTED_RISK.value,)
    told = [
        desk.page(Filter(stand=Stand(day, states))).total
        for day in (last, last + timedelta(days=1))
    ]
    assert told == [1, 0]


@pytest.mark.parametrize("file", ["edges.parquet", "findings.parquet"])
def test_a_run_before_it_that_cannot_be_read_leaves_no_state_to_be_told(
    tmp_path: Path, file: str
) -> None:
    first, second = one_after_another(tmp_path, (1, 2), (1,))
    page = findings(second)
    (first.folder / file).write_bytes(b"spoilt")
    with pytest.raises(UsageRefused) as refusal:
        Desk(second, OFFICER).standings(page, NOW)
    assert refusal.value.problems[0].facts == {"run": "0", "file": file}
