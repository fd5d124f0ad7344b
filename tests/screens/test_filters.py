"""A filter goes into the address as codes and comes out of it as it was."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from audit import KeptRun, Stand, State, Workspace
from dashboards.parts.filter_codes import (
    ALL_CHOICES,
    CODES,
    as_filter,
    aside_of,
    from_codes,
    to_codes,
)

NOTHING: dict[str, object] = {**dict.fromkeys((each.field for each in ALL_CHOICES), ())}
NOTHING |= {"since": None, "until": None, "hidden": False}


@pytest.fixture
def run(workspace: Path) -> KeptRun:
    return Workspace(workspace).runs().runs[0]


def test_what_asks_nothing_is_not_in_the_address() -> None:
    assert set(to_codes(NOTHING).values()) == {None}
    assert from_codes({}) == NOTHING


@pytest.mark.parametrize(
    "asked",
    [
        {"severities": ("critical", "high")},
        {"clauses": ("3-2-9.1", "no-ground"), "layers": ("contract", "none")},
        {"parties": ("A,B", "C&D=%2C", "甲 公司", "../x?y#z")},
        {"since": date(2025, 3, 1), "until": date(2025, 3, 31)},
        {"states": ("open", "reopened"), "hidden": True},
    ],
)
def test_what_is_asked_comes_back(asked: dict[str, object]) -> None:
    codes = {name: code for name, code in to_codes(NOTHING | asked).items() if code}
    assert set(codes) <= set(CODES)
    assert from_codes(codes) == NOTHING | asked


@pytest.mark.parametrize(
    "said",
    [
        {"severity": "gravest"},
        {"verdict": "guilty", "layer": "moral"},
        {"since": "yesterday", "until": "0001-01-01"},
        {"until": "9999-12-31"},
        {"clause": ",,"},
        {"state": "resolved", "aside": "shown"},
    ],
)
def test_what_is_no_code_and_no_day_asks_nothing(said: dict[str, str]) -> None:
    assert from_codes(said) == NOTHING


def test_days_are_those_of_the_zone_of_the_run_and_both_are_meant(run: KeptRun) -> None:
    asked = NOTHING | {"since": date(2025, 3, 1), "until": date(2025, 3, 1), "text": " x "}
    question = as_filter(asked, run)
    assert run.manifest["options"]["timezone"] == "+08:00"
    assert question.since == datetime(2025, 2, 28, 16, tzinfo=UTC)
    assert question.until == datetime(2025, 3, 1, 16, tzinfo=UTC)
    assert question.text == "x"


def test_states_are_asked_of_today_where_the_run_counts_its_days(run: KeptRun) -> None:
    today = datetime.now(timezone(timedelta(hours=8))).date()
    assert as_filter(NOTHING | {"text": ""}, run).stand is None
    question = as_filter(NOTHING | {"text": "", "states": ("open",), "hidden": True}, run)
    assert question.stand == Stand(today, ("open",), aside=False)
    aside = aside_of(question, run)
    assert aside is None, "what is open is not set aside"
    every = as_filter(NOTHING | {"text": "", "hidden": True}, run)
    aside = aside_of(every, run)
    assert aside is not None
    assert aside.stand is not None
    assert all(State(each).suppresses for each in aside.stand.states)
    assert aside.stand.aside
