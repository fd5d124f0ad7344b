"""Judging batches: verdicts by flow, tallies by edge, and nothing that a batch leaves behind."""

from typing import Any

import polars as pl
import pytest

from audit.evaluation import judgement as tables
from audit.evaluation.judging import Judging
from tests.asking import World, clause, flow_frame, instant, pack_saying

USE = pack_saying(clause("a", "permit", {"operation": ["use"]}))
STATUTE = pack_saying(clause("s", "permit", {"purpose": ["service"]}), layer="statute")
TABLES = {
    "verdicts": tables.VERDICTS,
    "outcomes": tables.OUTCOMES,
    "units": tables.UNITS,
    "tallies": tables.TALLIES,
}


def tally(*flows: dict[str, Any], rows: int = 2) -> list[dict[str, Any]]:
    """The tallies of these flows."""
    return World().judged([USE], *flows, rows=rows).tallies.to_dicts()


@pytest.mark.parametrize("rows", [1, 2, 10])
def test_flows_of_one_edge_and_outcome_are_one_tally(rows: int) -> None:
    told = tally(
        {"flow_id": "F9", "records": 5, "occurred_at": "2025-03-01"},
        {"flow_id": "F10", "records": None, "occurred_at": "2025-01-01"},  # null counts as one
        {"flow_id": "F2", "records": 0, "occurred_at": "2025-06-01"},
        {"flow_id": "F1", "operation": "use"},
        {"flow_id": "F3", "records": 7, "occurred_at": "2025-02-01"},
        rows=rows,
    )
    share, use = told
    assert (share["operation"], share["flows"], share["records"]) == ("share", 4, 13)
    assert (share["first_seen"], share["last_seen"]) == (
        instant("2025-01-01"),
        instant("2025-06-01"),
    )
    assert share["examples"] == ["F10", "F2", "F3"]  # the three smallest, as text
    assert (use["flows"], use["records"], use["examples"]) == (1, 1, ["F1"])
    assert [each["tally"] for each in told] == [0, 1]


@pytest.mark.parametrize("column", ["sender", "recipient", "operation", "purpose"])
def test_what_tells_edges_apart(column: str) -> None:
    assert len(tally({}, {column: "other"}, {column: "other"})) == 2


def test_what_does_not() -> None:
    cells = [{}, {"subject_id": "S2"}, {"channel": "sms"}, {"occurred_at": "2020-01-01"}]
    assert len(tally(*cells)) == 1


@pytest.mark.parametrize("rows", [1, 3, 10])
def test_subjects_are_counted_once_per_tally_whatever_the_batches(rows: int) -> None:
    flows = [{"subject_id": subject} for subject in ("S1", "S2", "S1", "*", "*", "S2", "S1")]
    told = World().judged([USE], *flows, {"subject_id": "S1", "operation": "use"}, rows=rows)
    counts = dict(told.tally_subjects.group_by("tally").len().iter_rows())
    assert counts == {0: 2, 1: 1}
    assert told.tallies["whole_base"].to_list() == [True, False]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_whole_customer_base_is_marked_and_is_no_subject(rows: int) -> None:
    told = World().judged([USE], {"subject_id": "*"}, {"subject_id": "*"}, {}, rows=rows)
    (tally,) = told.tallies.to_dicts()
    assert (tally["flows"], tally["whole_base"]) == (3, True)
    assert told.tally_subjects.height == 1


def test_verdicts_are_in_order_of_their_flow_ids() -> None:
    flows = [{"flow_id": name} for name in ("b", "a", "B", "ä", "a1", "10", "9")]
    told = World().judged([USE], *flows, rows=3)
    assert told.verdicts["flow_id"].to_list() == ["10", "9", "B", "a", "a1", "b", "ä"]


def test_every_table_has_its_columns_and_types() -> None:
    told = World().judged([USE, STATUTE], {}, {"operation": "use"})
    for name, schema in TABLES.items():
        assert getattr(told, name).schema == schema
    assert told.tally_subjects.columns == list(tables.TALLY_SUBJECTS)


def test_a_run_without_flows_has_empty_tables() -> None:
    empty = Judging(World().compiled(USE))
    empty.add(empty.gathered(flow_frame()))
    for name, schema in TABLES.items():
        table: pl.DataFrame = getattr(empty.finish(), name)
        assert (table.height, table.schema) == (0, schema)


def test_two_layers_are_judged_side_by_side() -> None:
    told = World().judged([USE, STATUTE], {}, {"operation": "use", "purpose": "marketing"})
    rows = told.outcomes.select("outcome", "layer", "verdict").rows()
    assert {layer for _, layer, _ in rows} == {"contract", "statute"}
    by_flow = dict(told.verdicts.select("flow_id", "outcome").iter_rows())
    verdicts = {(number, layer): verdict for number, layer, verdict in rows}
    assert verdicts[by_flow["F1"], "contract"] == "violation"
    assert verdicts[by_flow["F1"], "statute"] == "permitted"
    assert verdicts[by_flow["F2"], "contract"] == "permitted"
    assert verdicts[by_flow["F2"], "statute"] == "violation"


def test_repeated_categories_are_one() -> None:
    twice = ("contact.phone", "contact.phone")
    told = World().judged([USE], {"data_categories": twice}, {})
    assert told.units.height == 1
