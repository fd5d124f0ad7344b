"""Where findings stand: what counts, what gives a finding back, and how runs follow one another."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.findings.finding import STANDINGS, Severity
from audit.triage.approving import Demand, demands_of
from audit.triage.covering import bounds_of, covers, decided, is_about, spelled, spelling
from audit.triage.decision import Bounds, Decision, Kind, Target
from audit.triage.history import Earlier, marks, resolved
from audit.triage.ledger import Log, log_of
from audit.triage.standing import Background, Why, standings
from audit.triage.state import ATTESTED, DECIDED, SUPPRESSING, State
from tests.triaged import (
    BOUNDS,
    CAUSE,
    EDGE,
    TODAY,
    decision,
    ended,
    findings,
    log,
    name,
    on,
    rows_of,
)

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
NOW = Background("run", TODAY)


def ran(run_id: str, *letters: str, whole: bool = True) -> Earlier:
    """An earlier run that found these."""
    named = pl.Series([name(letter) for letter in letters], dtype=pl.String)
    return Earlier(run_id, marks(named), whole)


def stands(told: Log, background: Background = NOW, **other: object) -> tuple[str, str | None]:
    """State and why of finding `a`."""
    row = standings(findings("a", **other), told, background).row(0, named=True)
    assert row["suppressed"] == (row["state"] in set(SUPPRESSING))
    return row["state"], row["why"]


@pytest.mark.parametrize("state", [state for state in DECIDED if state not in ATTESTED])
def test_what_was_decided_is_where_it_stands(state: State) -> None:
    assert stands(log(decision(state))) == (state, None)


@pytest.mark.parametrize("state", ATTESTED)
def test_only_what_is_indeterminate_can_be_attested(state: State) -> None:
    told = log(decision(state))
    assert stands(told, verdict="indeterminate") == (state, None)
    assert stands(told) == (State.OPEN, Why.NOT_INDETERMINATE)
    assert stands(told, verdict=None) == (State.OPEN, Why.NOT_INDETERMINATE)


def test_what_nobody_decided_is_open() -> None:
    told = standings(findings("a", "b"), log(decision()), NOW)
    assert told.schema == STANDINGS
    assert told["state"].to_list() == [State.FALSE_POSITIVE, State.OPEN]
    assert told["author"].to_list() == ["李", None]
    assert stands(Log()) == (State.OPEN, None)


def test_a_decision_counts_through_its_last_day() -> None:
    for until, expected in ((TODAY, None), (TOMORROW, None), (YESTERDAY, Why.EXPIRED)):
        told = log(decision(State.ACCEPTED_RISK, until=until))
        assert stands(told) == (State.OPEN if expected else State.ACCEPTED_RISK, expected)


def test_the_latest_decision_counts_even_where_it_has_expired() -> None:
    first, second = decision(), decision(State.ACCEPTED_RISK, until=YESTERDAY)
    assert stands(log(second, first)) == (State.FALSE_POSITIVE, None)
    assert stands(log(first, second)) == (State.OPEN, Why.EXPIRED)
    assert stands(log(first, decision(State.OPEN))) == (State.OPEN, None)


MALFORMED: dict[str, tuple[dict[str, Any], bool]] = {
    "another state": ({"state": "forgiven"}, False),
    "no reason": ({"reason": ""}, False),
    "its own approver": ({"approver": "李"}, False),
    "no day": ({"until": "never"}, False),
    "targets nobody can read": ({"targets": "all of them"}, True),
    "no targets": ({"targets": []}, True),
}


@pytest.mark.parametrize(("change", "of_all"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_decision_gives_its_findings_back(
    change: dict[str, Any], *, of_all: bool
) -> None:
    """Where nobody can read what it is about it may be about every finding."""
    log_before = log(decision(), decision(State.FALSE_POSITIVE, *on("b")))
    third = log(decision()).entries[0]
    broken = replace(third, sequence=3, told={**third.told, **change}, decision=None, lacking="x")
    told = replace(log_before, entries=(*log_before.entries, broken))
    rows = standings(findings("a", "b"), told, NOW)
    assert rows["why"].to_list() == [Why.MALFORMED, Why.MALFORMED if of_all else None]
    assert rows["state"].to_list() == [State.OPEN, State.OPEN if of_all else State.FALSE_POSITIVE]


def test_a_malformed_decision_on_a_cause_gives_back_all_that_it_names() -> None:
    entry = log(decision(State.FALSE_POSITIVE, CAUSE)).entries[0]
    broken = replace(entry, sequence=2, decision=None, lacking="bounds")
    told = log(decision())
    assert stands(replace(told, entries=(*told.entries, broken))) == (State.OPEN, Why.MALFORMED)


def test_no_decision_of_a_broken_log_counts() -> None:
    rows = rows_of(decision(), decision(State.OPEN, *on("b")))
    assert stands(log_of(rows[:1], ended(rows))) == (State.OPEN, Why.LOG_BROKEN)
    assert stands(log_of([], ended(rows))) == (State.OPEN, Why.LOG_BROKEN)


def test_an_approver_is_asked_where_a_pack_of_the_layer_wants_one() -> None:
    wanted = [
        Demand("contract", severity=("high",)),
        Demand("contract", clause=("3-2-7c",)),
        Demand(None, everything=True),
    ]
    free = [Demand("contract", severity=("low",)), Demand("statute", ("high",), ("3-2-7c",))]
    for demand in wanted:
        asked = replace(NOW, demands=(demand,))
        assert stands(log(decision()), asked) == (State.OPEN, Why.NO_APPROVER)
        assert stands(log(decision(approver="王")), asked) == (State.FALSE_POSITIVE, None)
        assert stands(log(decision(State.UNDER_REVIEW)), asked) == (State.UNDER_REVIEW, None)
    assert stands(log(decision()), replace(NOW, demands=(*free,))) == (State.FALSE_POSITIVE, None)
    for demand in (Demand("statute", ("high",)), Demand("contract", ("high",))):
        graph: dict[str, Any] = {"layer": None, "verdict": None, "clause": "onward", "clauses": []}
        found = stands(log(decision()), replace(NOW, demands=(demand,)), **graph)
        assert found == (State.OPEN, Why.NO_APPROVER)


@pytest.mark.parametrize(
    "told", [None, 7, [], {"severity": ["high"]}, {"severity": "high", "clause": []}]
)
def test_a_demand_that_cannot_be_read_asks_for_everything(told: object) -> None:
    (demand,) = demands_of([{"id": "p", "layer": "contract", "approver": told}, {"id": "q"}])
    assert demand.everything


BEYOND: dict[str, dict[str, Any]] = {
    "graver": {"severity": "critical"},
    "other data": {"categories": ["contact.phone", "location.trace"]},
    "another verdict": {"verdict": None},
}
WIDE = Bounds(("contact.phone", "location.trace"), Severity.CRITICAL, ("", "violation"))
WITHIN: dict[str, dict[str, Any]] = {
    "the same": {},
    "less grave": {"severity": "low"},
    "no data": {"categories": []},
}


@pytest.mark.parametrize("target", [CAUSE, EDGE], ids=["cause", "edge"])
@pytest.mark.parametrize("other", BEYOND.values(), ids=BEYOND.keys())
def test_a_decision_on_a_cause_or_an_edge_does_not_reach_what_is_graver_or_other(
    target: Target, other: dict[str, Any]
) -> None:
    told = log(decision(State.FALSE_POSITIVE, target))
    assert stands(told, **other) == (State.OPEN, Why.BEYOND)
    both = log(decision(State.REMEDIATING, bounds=(WIDE,)), decision(State.FALSE_POSITIVE, target))
    assert stands(both, **other) == (State.REMEDIATING, None)


@pytest.mark.parametrize("other", BEYOND.values(), ids=BEYOND.keys())
def test_a_finding_that_outgrew_what_was_decided_about_it_is_open_again(
    other: dict[str, Any],
) -> None:
    """And nothing that was decided before comes to life again for it."""
    wide = decision(State.FALSE_POSITIVE, CAUSE, bounds=(WIDE,))
    assert stands(log(decision()), **other) == (State.OPEN, Why.BEYOND)
    assert stands(log(wide, decision()), **other) == (State.OPEN, Why.BEYOND)
    assert stands(log(decision(), wide), **other) == (State.FALSE_POSITIVE, None)
    both = decision(State.FALSE_POSITIVE, *on("a"), CAUSE, bounds=(BOUNDS, WIDE))
    assert stands(log(both), **other) == (State.FALSE_POSITIVE, None)


@pytest.mark.parametrize("target", [CAUSE, EDGE], ids=["cause", "edge"])
@pytest.mark.parametrize("other", WITHIN.values(), ids=WITHIN.keys())
def test_a_decision_on_a_cause_or_an_edge_reaches_what_is_like_it(
    target: Target, other: dict[str, Any]
) -> None:
    assert stands(log(decision(State.FALSE_POSITIVE, target)), **other)[0] == State.FALSE_POSITIVE


@pytest.mark.parametrize(
    "other",
    [
        {"clause": "3-2-9.1"},
        {"layer": "statute"},
        {"cause_code": "purpose+data"},
        {"layer": None, "verdict": None},
    ],
)
def test_another_cause_is_not_reached(other: dict[str, Any]) -> None:
    assert stands(log(decision(State.FALSE_POSITIVE, CAUSE)), **other) == (State.OPEN, None)


@pytest.mark.parametrize(
    "other",
    [{"recipient": "PTR-2"}, {"purpose": "service;x"}, {"operation": "use"}, {"purpose": None}],
)
def test_an_edge_is_reached_only_whole(other: dict[str, Any]) -> None:
    assert stands(log(decision(State.FALSE_POSITIVE, EDGE)), **other) == (State.OPEN, None)


def test_a_cause_of_the_graph_is_of_no_layer() -> None:
    target = spelled("graph/onward/onward_outside_scope", Kind.CAUSE)
    row = {"layer": None, "clause": "onward", "cause_code": "onward_outside_scope"}
    assert findings("a", **row).select(covers([target])).item()


@pytest.mark.parametrize("target", [*on("a"), CAUSE, EDGE])
def test_a_target_is_read_as_it_is_spelled(target: Target) -> None:
    assert spelled(spelling(target), target.kind) == target


def test_what_came_back_after_it_was_gone_is_looked_at_anew() -> None:
    told = log(decision(run="1"))
    back = replace(NOW, earlier=(ran("1", "a"), ran("2")))
    assert stands(told, back) == (State.REOPENED, Why.CAME_BACK)
    assert stands(Log(), back) == (State.REOPENED, None)
    assert stands(log(decision(run="run")), back) == (State.FALSE_POSITIVE, None)
    assert stands(log(decision(run="unknown")), back) == (State.REOPENED, Why.CAME_BACK)
    unbroken = replace(NOW, earlier=(ran("1", "a"), ran("2", "a", "b")))
    assert stands(log(decision(run="unknown")), unbroken) == (State.FALSE_POSITIVE, None)


def test_a_run_that_lost_flows_tells_nobody_that_a_finding_is_gone() -> None:
    unsure = replace(NOW, earlier=(ran("1", "a"), ran("2", whole=False)))
    assert stands(log(decision(run="1")), unsure) == (State.FALSE_POSITIVE, None)


def test_what_earlier_runs_found_and_this_one_does_not_is_resolved() -> None:
    earlier = (ran("1", "a", "b"), ran("2", "c"))
    now = marks(findings("b")["fingerprint"])
    assert set(resolved(earlier, now)) == set(marks(pl.Series([name("a"), name("c")])))
    assert resolved((), now).is_empty()


LETTERS = "abcd"
DECISIONS = st.lists(
    st.tuples(
        st.sampled_from(LETTERS),
        st.sampled_from(DECIDED),
        st.integers(0, 4),  # the run
        st.sampled_from([None, YESTERDAY, TODAY, TOMORROW]),
        st.booleans(),  # approved
    ),
    max_size=8,
)
RUNS = st.lists(st.tuples(st.frozensets(st.sampled_from(LETTERS)), st.booleans()), max_size=4)


@given(runs=RUNS, told=DECISIONS, wanted=st.booleans(), undecided=st.booleans())
def test_states_follow_from_runs_and_decisions_as_said(
    runs: list[tuple[frozenset[str], bool]],
    told: list[tuple[str, State, int, date | None, bool]],
    *,
    wanted: bool,
    undecided: bool,
) -> None:
    """Against the rules in plain Python, one finding and one run at a time."""
    made = [decided_as(*each) for each in told]
    found = findings(*LETTERS, verdict="indeterminate" if undecided else "violation")
    earlier = [ran(str(n), *there, whole=whole) for n, (there, whole) in enumerate(runs)]
    demands = (Demand("contract", ("high",)),) if wanted else ()
    background = Background(str(len(runs)), TODAY, demands, tuple(earlier))
    states = standings(found, log(*made), background)["state"].to_list()
    for letter, state in zip(LETTERS, states, strict=True):
        about = [each for each in made if on(letter)[0] in each.targets]
        last = about[-1] if about else None
        gone = gone_in([(letter in there, whole) for there, whole in runs])
        assert state == expected(last, gone, wanted=wanted, undecided=undecided), letter


def decided_as(letter: str, state: State, run: int, until: date | None, *rest: bool) -> Decision:
    lasting = until or (TOMORROW if state is State.ACCEPTED_RISK else None)
    approver = "王" if rest[0] else None
    return decision(state, *on(letter), run=str(run), until=lasting, approver=approver)


def gone_in(runs: list[tuple[bool, bool]]) -> int:
    """The number of the last run in which it was gone after it had been there; -1 for none."""
    seen, gone = False, -1
    for number, (there, whole) in enumerate(runs):
        if seen and not there and whole:
            gone = number
        seen = seen or there
    return gone


def expected(last: Decision | None, gone: int, *, wanted: bool, undecided: bool) -> State:
    """The rules, one after another, for a finding that this run has."""
    otherwise = State.REOPENED if gone >= 0 else State.OPEN
    if last is None:
        return otherwise
    if last.until is not None and last.until < TODAY:
        return State.OPEN
    if last.state in SUPPRESSING and wanted and last.approver is None:
        return State.OPEN
    if last.state in ATTESTED and not undecided:
        return State.OPEN
    if gone > int(last.run):
        return State.REOPENED
    return last.state


VARIED = st.fixed_dictionaries(
    {
        "severity": st.sampled_from(["critical", "high", "low"]),
        "verdict": st.sampled_from([None, "violation", "indeterminate"]),
        "categories": st.lists(st.sampled_from(["contact.phone", "health"]), unique=True),
        "cause_code": st.sampled_from(["purpose", "data"]),
        "purpose": st.sampled_from([None, "service", "service;x"]),
        "layer": st.sampled_from([None, "contract"]),
    }
)
ABOUT = st.lists(st.sampled_from([CAUSE, EDGE, *on("a"), *on("b")]), min_size=1, unique=True)


@given(looked_at=VARIED, targets=st.lists(ABOUT, max_size=4), finding=VARIED)
def test_what_a_decision_is_about_is_the_same_for_one_finding_and_for_many(
    looked_at: dict[str, Any], targets: list[list[Target]], finding: dict[str, Any]
) -> None:
    (bounds,) = bounds_of(findings("x", **looked_at), on("x"))
    assert bounds is not None
    made = [decision(State.OPEN, *each, bounds=(bounds,) * len(each)) for each in targets]
    found = findings("a", **finding)
    entries = log(*made).entries
    about = [entry.sequence for entry in entries if is_about(entry, found.row(0, named=True))]
    assert decided(found, entries)["entry"].item() == max(about, default=None)
    alone = [decided(found, [entry])["entry"].item() for entry in entries]
    assert [each for each in alone if each is not None] == about
