"""Counts over time, between roles and between parties are exact, and hide few people."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from audit.casework.journal import journal_of
from audit.casework.measuring import By, edges_between, sankey, span, timeline
from audit.casework.roles import NotAllowed
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Layer
from tests.example_run import OFFICER, VIEWER, kept_run

CHINA = timedelta(hours=8)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept_run(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def rows(run: KeptRun) -> list[dict[str, Any]]:
    journal = journal_of(run)
    flows = journal.flows.collect().join(journal.shapes, on="shape").join(journal.said, on="said")
    return flows.to_dicts()


@pytest.mark.parametrize("by", By)
def test_a_timeline_counts_every_flow_on_its_own_day(
    run: KeptRun, rows: list[dict[str, Any]], by: By
) -> None:
    told = timeline(run, OFFICER, by)
    days = [(row["occurred_at"] + CHINA).date() for row in rows]
    steps = [day if by is By.day else day.replace(day=1) for day in days]
    counted = Counter(zip(steps, (row["overall"] for row in rows), strict=True))
    assert dict(zip(told.select("at", "verdict").rows(), told["flows"], strict=True)) == counted
    assert told["at"].is_sorted()


def test_a_night_belongs_to_the_day_that_its_clocks_showed(run: KeptRun) -> None:
    told = timeline(run, OFFICER)
    assert date(2025, 1, 6) in told["at"]
    assert date(2025, 1, 5) not in told["at"]


def test_a_layer_has_a_timeline_of_its_own(run: KeptRun) -> None:
    assert timeline(run, OFFICER, By.day, Layer.CONTRACT).equals(timeline(run, OFFICER))
    assert timeline(run, OFFICER, By.day, Layer.STATUTE).is_empty()


def test_a_sankey_counts_roles_and_purposes(run: KeptRun, rows: list[dict[str, Any]]) -> None:
    parties = pl.read_parquet(run.file("parties.parquet"))
    roles = dict(parties.select("party_id", "role").iter_rows())
    counted = Counter(
        (roles[row["sender"]], roles[row["recipient"]], row["purpose"], row["overall"])
        for row in rows
    )
    told = sankey(run, OFFICER)
    keys = told.select("sender_role", "recipient_role", "purpose", "verdict").rows()
    assert dict(zip(keys, told["flows"], strict=True)) == counted


def test_edges_of_a_period_are_exact(run: KeptRun, rows: list[dict[str, Any]]) -> None:
    since, until = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)
    told = {row[:3]: row[3:6] for row in edges_between(run, OFFICER, since, until).iter_rows()}
    expected: dict[tuple[str, str, str], list[Any]] = {}
    for row in rows:
        if since <= row["occurred_at"] < until:
            key = (row["sender"], row["recipient"], row["overall"])
            expected.setdefault(key, []).append(row["subject"])
    assert told == {
        key: (len(who), len({*who} - {"*"}), "*" in who) for key, who in expected.items()
    }
    assert any("*" in who for who in expected.values())


def test_without_a_period_every_flow_is_counted(run: KeptRun, rows: list[dict[str, Any]]) -> None:
    assert edges_between(run, OFFICER)["flows"].sum() == len(rows)


def test_periods_that_meet_add_up(run: KeptRun, rows: list[dict[str, Any]]) -> None:
    for row in rows[::25]:
        at = row["occurred_at"]
        parts = [edges_between(run, OFFICER, None, at), edges_between(run, OFFICER, at, None)]
        assert sum(int(part["flows"].sum()) for part in parts) == len(rows)


def test_the_span_is_from_the_first_to_the_last_flow(
    run: KeptRun, rows: list[dict[str, Any]]
) -> None:
    times = [row["occurred_at"] for row in rows]
    assert span(run) == (min(times), max(times))


def test_a_viewer_is_not_told_of_few_people(run: KeptRun) -> None:
    for told in (timeline(run, VIEWER), timeline(run, VIEWER, By.month), sankey(run, VIEWER)):
        hidden = told.filter("suppressed")
        assert hidden["flows"].null_count() == hidden.height > 0
        shown = told.filter(~pl.col("suppressed"))
        assert ((shown["subjects"] >= 5) | (shown["subjects"] == 0) & shown["whole_base"]).all()


def test_a_viewer_may_not_choose_periods(run: KeptRun) -> None:
    with pytest.raises(NotAllowed):
        edges_between(run, VIEWER)
