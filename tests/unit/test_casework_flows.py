"""Flows are filtered and paged as the export and the verdicts say, for officers only."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from audit.casework.flows import EVERY, FlowFilter, flows
from audit.casework.journal import journal_of, key_of
from audit.casework.paging import Sheet
from audit.casework.roles import NotAllowed
from audit.casework.workspace import KeptRun
from audit.records.pseudonyms import pseudonym
from tests.example_run import ADMIN, OFFICER, VIEWER, kept_run

Row = Mapping[str, Any]
ALL = Sheet(size=1000)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept_run(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def rows(run: KeptRun) -> list[dict[str, Any]]:
    """Every flow, spelled out; the filters are held to plain Python over these."""
    journal = journal_of(run)
    flows = journal.flows.collect().join(journal.shapes, on="shape").join(journal.said, on="said")
    return flows.sort("occurred_at", "flow_id").to_dicts()


def ids(run: KeptRun, asked: FlowFilter) -> list[str]:
    return flows(run, OFFICER, asked, ALL).frame["flow_id"].to_list()


MIDDLE = datetime(2025, 6, 1, tzinfo=UTC)


def decided_or_may(row: Row, clause: str) -> bool:
    may = row["contract_verdict"] == "indeterminate" and clause in row["contract_possible"]
    return clause in row["contract_decided_by"] or may


CASES: list[tuple[FlowFilter, Callable[[Row], bool]]] = [
    (EVERY, lambda _: True),
    (FlowFilter(senders=("CARRIER",)), lambda row: row["sender"] == "CARRIER"),
    (
        FlowFilter(recipients=("AFF-PAY", "CUSTOMER")),
        lambda row: row["recipient"] in {"AFF-PAY", "CUSTOMER"},
    ),
    (
        FlowFilter(parties=("AFF-PAY",)),
        lambda row: "AFF-PAY" in {row["sender"], row["recipient"]},
    ),
    (FlowFilter(operations=("share",)), lambda row: row["operation"] == "share"),
    (FlowFilter(purposes=("legal.request",)), lambda row: row["purpose"] == "legal.request"),
    (
        FlowFilter(categories=("contact.phone",)),
        lambda row: "contact.phone" in row["data_categories"],
    ),
    (FlowFilter(verdicts=("violation",)), lambda row: row["overall"] == "violation"),
    (
        FlowFilter(layers=("contract",), verdicts=("excepted", "permitted")),
        lambda row: row["contract_verdict"] in {"excepted", "permitted"},
    ),
    (FlowFilter(layers=("statute",)), lambda _: False),
    (FlowFilter(clauses=("3-2-7c",)), lambda row: decided_or_may(row, "3-2-7c")),
    (
        FlowFilter(clauses=("no-ground",), verdicts=("indeterminate",)),
        lambda row: row["overall"] == "indeterminate" and decided_or_may(row, "no-ground"),
    ),
    (
        FlowFilter(layers=("contract",), clauses=("no-ground",), verdicts=("violation",)),
        lambda row: row["overall"] == "violation" and "no-ground" in row["contract_decided_by"],
    ),
    (FlowFilter(since=MIDDLE), lambda row: row["occurred_at"] >= MIDDLE),
    (FlowFilter(until=MIDDLE), lambda row: row["occurred_at"] < MIDDLE),
    (FlowFilter(flow="F-0101"), lambda row: row["flow_id"] == "F-0101"),
    (FlowFilter(senders=("NOBODY",)), lambda _: False),
    (
        FlowFilter(senders=("CARRIER",), verdicts=("violation",), until=MIDDLE),
        lambda row: (
            row["sender"] == "CARRIER"
            and row["overall"] == "violation"
            and row["occurred_at"] < MIDDLE
        ),
    ),
]


@pytest.mark.parametrize(("asked", "holds"), CASES)
def test_a_filter_gives_the_flows_that_plain_python_gives(
    run: KeptRun, rows: list[dict[str, Any]], asked: FlowFilter, holds: Callable[[Row], bool]
) -> None:
    assert ids(run, asked) == [row["flow_id"] for row in rows if holds(row)]


def test_the_cases_are_not_all_empty(rows: list[dict[str, Any]]) -> None:
    assert sum(any(map(holds, rows)) for _, holds in CASES) == len(CASES) - 2


def test_a_person_is_found_by_pseudonym_and_by_id(run: KeptRun) -> None:
    name = pseudonym(key_of(run), "S-0016")
    by_name = flows(run, OFFICER, FlowFilter(subject=name), ALL).frame
    assert by_name.height > 1
    assert set(by_name["subject"]) == {name}
    assert ids(run, FlowFilter(subject="S-0016")) == by_name["flow_id"].to_list()
    assert not ids(run, FlowFilter(subject="S-none"))


def test_the_flows_of_a_finding_are_paged_with_every_other_filter(run: KeptRun) -> None:
    findings = pl.read_parquet(run.file("findings.parquet")).filter(pl.col("flows") > 2)
    for finding in findings.iter_rows(named=True):
        asked = FlowFilter(fingerprint=finding["fingerprint"])
        found = ids(run, asked)
        assert len(found) == finding["flows"]
        one = FlowFilter(fingerprint=finding["fingerprint"], flow=found[1])
        assert ids(run, one) == [found[1]]


def test_pages_hold_every_flow_once_in_order(run: KeptRun, rows: list[dict[str, Any]]) -> None:
    asked = FlowFilter(senders=("CARRIER",))
    first = flows(run, OFFICER, asked, Sheet(1, 20))
    sheets = [flows(run, OFFICER, asked, Sheet(n + 1, 20)) for n in range(first.pages)]
    told = [flow for sheet in sheets for flow in sheet.frame["flow_id"]]
    assert told == [row["flow_id"] for row in rows if row["sender"] == "CARRIER"]
    assert {sheet.total for sheet in sheets} == {len(told)}


@pytest.mark.parametrize(("number", "given"), [(0, 1), (-3, 1), (10_000, 15)])
def test_a_page_that_is_not_there_gives_the_next_that_is(
    run: KeptRun, rows: list[dict[str, Any]], number: int, given: int
) -> None:
    last = -(-len(rows) // 20)
    assert flows(run, OFFICER, EVERY, Sheet(number, 20)).number == min(given, last)


def test_a_page_never_grows_past_its_bound(run: KeptRun) -> None:
    assert flows(run, OFFICER, EVERY, Sheet(1, 0)).frame.height == 1
    assert flows(run, OFFICER, EVERY, Sheet(1, 10**9)).frame.height <= 1000


def test_no_page_tells_numbers_that_are_ours_alone(run: KeptRun) -> None:
    columns = flows(run, ADMIN).frame.columns
    assert not {"person", "shape", "said", "place", "subject_id"} & set(columns)


def test_a_viewer_sees_no_flow(run: KeptRun) -> None:
    with pytest.raises(NotAllowed):
        flows(run, VIEWER)
