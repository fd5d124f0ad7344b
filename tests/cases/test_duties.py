"""Every duty of the packs that come with the tool has cases, met by engine and reference alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from audit.clauses.duty import DutyEvent
from audit.evaluation.duties import DutyState
from audit.running import audit
from tests import reference_duties
from tests.cases.by_reference import VOCABULARY
from tests.cases.dutycase import NONE, DutyCase, all_cases, duties, pack_of
from tests.exporting import Export, exported
from tests.reference_duties import Row

MOMENT = timedelta(microseconds=1)
DUTIES = sorted(duties())


def by_reference(case: DutyCase) -> list[Row]:
    """What the reference says."""
    return reference_duties.duties_of(
        case.tables,
        [pack_of(case.duty_id)],
        VOCABULARY,
        as_of=case.run["as_of"],
        complete=frozenset(case.run["complete"]),
        timezone=case.run.get("timezone", "+08:00"),
    )


def by_engine(case: DutyCase) -> list[Row]:
    """What the engine says."""
    how = Export(
        complete=frozenset(case.run["complete"]), timezone=case.run.get("timezone", "+08:00")
    )
    with exported(case.tables, [pack_of(case.duty_id)], how) as (_, request):
        found = audit(replace(request, as_of=case.run["as_of"]))
    return [Row(*row) for row in found.duties.iter_rows()]


@cache
def row_of(case: DutyCase) -> Row | None:
    """The one row of a case; None where no duty arose."""
    rows = by_reference(case)
    assert len(rows) <= 1, [*map(str, rows)]
    return rows[0] if rows else None


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_a_case_is_as_it_says(case: DutyCase) -> None:
    row = row_of(case)
    assert by_engine(case) == ([row] if row else [])
    assert (row.state if row else NONE) == case.expected["state"]
    for word in set(case.expected) - {"state", "due"}:
        assert getattr(row, word) == case.expected[word]
    if row and "due" in case.expected:
        assert row.due == datetime.fromisoformat(case.expected["due"])


def cases_of(duty_id: str) -> Iterator[tuple[DutyCase, Row | None]]:
    return ((case, row_of(case)) for case in all_cases() if case.duty_id == duty_id)


def rows_of(duty_id: str) -> list[tuple[DutyCase, Row]]:
    return [(case, row) for case, row in cases_of(duty_id) if row]


def test_every_duty_has_a_file_and_every_file_a_duty() -> None:
    assert sorted({case.duty_id for case in all_cases()}) == DUTIES


@pytest.mark.parametrize("duty_id", DUTIES)
def test_every_state_that_a_duty_can_have_is_met(duty_id: str) -> None:
    duty: Any = duties()[duty_id][1]
    able = set(DutyState) - ({DutyState.PENDING} if "before" in duty["due"] else set())
    assert {row.state for _, row in rows_of(duty_id)} == able
    assert any(row is None for _, row in cases_of(duty_id))


@pytest.mark.parametrize("duty_id", DUTIES)
def test_acts_meet_both_ends_of_the_period_to_the_instant(duty_id: str) -> None:
    duty: Any = duties()[duty_id][1]
    states = {
        (row.done_at - row.due): row.state for _, row in rows_of(duty_id) if row.done_at is not None
    }
    assert states[-MOMENT] == DutyState.FULFILLED
    assert states[timedelta()] == DutyState.BREACHED
    begun = [row for _, row in rows_of(duty_id) if row.done_at == row.arisen_at]
    assert "before" in duty["due"] or any(row.state == DutyState.FULFILLED for row in begun)


@pytest.mark.parametrize("duty_id", DUTIES)
def test_the_as_of_instant_meets_the_end_of_the_period(duty_id: str) -> None:
    duty: Any = duties()[duty_id][1]
    apart = {
        (datetime.fromisoformat(case.run["as_of"]) - row.due): row.state
        for case, row in rows_of(duty_id)
        if len(case.run["as_of"]) > len("2025-01-01")
    }
    early = DutyState.NOT_DUE if "before" in duty["due"] else DutyState.PENDING
    assert apart[-MOMENT] == early
    assert apart[timedelta()] == DutyState.BREACHED


@pytest.mark.parametrize("duty_id", DUTIES)
def test_an_end_on_a_day_of_rest_is_rolled(duty_id: str) -> None:
    duty: Any = duties()[duty_id][1]
    if "days" not in duty["due"]:
        return
    spans = {(row.due - row.arisen_at).days for _, row in rows_of(duty_id)}
    assert max(spans) > duty["due"]["days"] + 1


def test_every_event_has_a_duty() -> None:
    events = {duty["arises"]["event"] for _, duty in duties().values()}
    assert events == set(DutyEvent)
