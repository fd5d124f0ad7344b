"""The graph carries what the flows are: exact counts on every edge, every party a node."""

import random
from collections import defaultdict
from dataclasses import replace
from typing import Any

import networkx as nx
import polars as pl
import pytest

from audit.clauses.clause import Verdict
from audit.evaluation.judgement import (
    TALLY_SUBJECTS,
    count_subjects,
    verdict_counts,
    verdict_table,
)
from audit.evaluation.meeting import Met
from audit.flowgraph.building import EDGE, as_multidigraph, build, count_edges
from tests.judged import NO_GROUND, PERMITTED, Flow, Unit, carrier, judgement, parties, partner

CATEGORIES = ("contact.phone", "identity.name", "billing.arrears", "comm.content")
EXCEPTED = Unit(Verdict.EXCEPTED, ("3-2-9.1",))
OPEN = Unit(Verdict.INDETERMINATE, possible=("3-2-7b", "no-ground"), unknown=("consented",))


def random_flows(seed: int, many: int = 300) -> list[Flow]:
    drawn = random.Random(seed)
    return [
        Flow(
            flow_id=f"F{number:04}",
            sender=drawn.choice(("CAR", "PTR-1")),
            recipient=drawn.choice(("PTR-1", "PTR-2", "BUR-1")),
            operation=drawn.choice(("share", "entrust")),
            purpose=drawn.choice(("service.repair", "collection")),
            units={
                category: drawn.choice((PERMITTED, EXCEPTED, OPEN, NO_GROUND))
                for category in drawn.sample(CATEGORIES, drawn.randint(1, 3))
            },
            day=drawn.randint(0, 40),
            subject=drawn.randint(0, 12) or None,
            records=drawn.randint(1, 9),
        )
        for number in range(many)
    ]


def edges_by_hand(flows: list[Flow]) -> dict[tuple[str, ...], dict[str, Any]]:
    met = defaultdict(list)
    for flow in flows:
        for category in flow.units:
            key = (flow.sender, flow.recipient, flow.operation, flow.purpose, category)
            met[key].append(flow)
    return {
        key: {
            "flows": len(same),
            "subjects": len({flow.subject for flow in same} - {None}),
            "whole_base": any(flow.subject is None for flow in same),
            "records": sum(flow.records for flow in same),
            "first_seen": min(flow.when() for flow in same),
            "last_seen": max(flow.when() for flow in same),
            "contract_decided_by": sorted(
                {clause for flow in same for clause in flow.units[key[4]].decided_by}
            ),
            **{
                f"contract_{verdict}": sum(flow.units[key[4]].verdict == verdict for flow in same)
                for verdict in Verdict
            },
        }
        for key, same in met.items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_every_edge_counts_what_a_loop_over_the_flows_counts(seed: int) -> None:
    flows = random_flows(seed)
    expected = edges_by_hand(flows)
    edges = count_edges(judgement(*flows))
    assert edges.select(EDGE).rows() == sorted(expected)
    for row in edges.iter_rows(named=True):
        counted = expected[tuple(row[name] for name in EDGE)]
        assert {name: row[name] for name in counted} == counted


def test_the_verdicts_of_an_edge_add_up_to_its_flows() -> None:
    edges = count_edges(judgement(*random_flows(7)))
    verdicts = pl.sum_horizontal(f"contract_{verdict}" for verdict in Verdict)
    assert edges.filter(verdicts != pl.col("flows")).is_empty()


def test_a_layer_that_was_not_judged_is_null_and_not_zero() -> None:
    edges = count_edges(judgement(Flow("F1")))
    assert edges["statute_violation"].to_list() == [None]
    assert edges["statute_decided_by"].to_list() == [None]


def test_each_layer_has_its_own_counts() -> None:
    edges = count_edges(judgement(Flow("F1", statute={"contact.phone": NO_GROUND})))
    row = edges.row(0, named=True)
    assert (row["contract_permitted"], row["statute_violation"]) == (1, 1)
    assert (row["contract_decided_by"], row["statute_decided_by"]) == (["3-2-7b"], ["no-ground"])


def test_a_subject_met_in_two_tallies_is_one_subject() -> None:
    late = {"contact.phone": NO_GROUND}
    edges = count_edges(judgement(Flow("F1", subject=5), Flow("F2", subject=5, units=late)))
    assert edges.select("flows", "subjects").row(0) == (2, 1)


def test_an_empty_run_has_no_edges() -> None:
    judged = judgement()
    edges = count_edges(judged)
    assert edges.is_empty()
    assert {*EDGE, "statute_violation"} <= set(edges.columns)
    assert build(judged, edges, parties(carrier())).nodes["seen"].to_list() == [False]
    assert verdict_table(judged).is_empty()


def test_the_order_of_flows_changes_nothing() -> None:
    flows = random_flows(11)
    shuffled = random.Random(1).sample(flows, len(flows))
    assert count_edges(judgement(*flows)).equals(count_edges(judgement(*shuffled)))
    assert (
        verdict_table(judgement(*flows))
        .drop("consents")
        .equals(verdict_table(judgement(*shuffled)).drop("consents"))
    )


def test_parties_are_nodes_whether_registered_or_only_seen() -> None:
    judged = judgement(Flow("F1"), Flow("F2", recipient="PTR-9"), Flow("F3", recipient="CUSTOMER"))
    graph = build(judged, count_edges(judged), parties(carrier(), partner("PTR-1"), partner("P-0")))
    told = {row["party_id"]: (row["registered"], row["seen"]) for row in graph.nodes.to_dicts()}
    assert told == {
        "CAR": (True, True),
        "CUSTOMER": (True, True),
        "P-0": (True, False),
        "PTR-1": (True, True),
        "PTR-9": (False, True),
    }
    assert graph.nodes.filter(party_id="CUSTOMER")["role"].item() == "subject"


def test_too_many_edges_are_merged_and_the_reader_is_told() -> None:
    flows = random_flows(3)
    judged = judgement(*flows)
    edges = count_edges(judged)
    graph = build(judged, edges, parties(carrier()), most=8)
    assert graph.edges.height <= 8
    assert "data_category" not in graph.edges.columns
    assert graph.edges["flows"].sum() == len(flows)
    (notice,) = graph.notices
    assert notice.facts["edges"] == edges.height
    assert notice.facts["kept"] == graph.edges.height


def test_merged_edges_count_subjects_exactly() -> None:
    flows = random_flows(3)
    pairs = count_edges(judgement(*flows), EDGE[:2])
    for row in pairs.iter_rows(named=True):
        met = {
            f.subject for f in flows if (f.sender, f.recipient) == (row["sender"], row["recipient"])
        }
        assert row["subjects"] == len(met - {None})
        assert row["whole_base"] == (None in met)


def test_networkx_gets_a_multidigraph_of_scalars() -> None:
    judged = judgement(Flow("F1"), Flow("F2", purpose="collection"))
    built = as_multidigraph(build(judged, count_edges(judged), parties(carrier())))
    assert isinstance(built, nx.MultiDiGraph)
    assert built.number_of_edges("CAR", "PTR-1") == 2
    values = [value for *_, data in built.edges(data=True) for value in data.values()]
    assert {type(value) for value in values} <= {str, int, bool}
    assert "name" not in built.nodes["PTR-1"]


def test_flows_per_verdict_are_counted_for_the_layers_judged() -> None:
    judged = judgement(Flow("F1"), Flow("F2"), Flow("F3", units={"contact.phone": NO_GROUND}))
    (counts,) = verdict_counts(judged).values()
    assert counts == {"permitted": 2, "excepted": 0, "indeterminate": 0, "violation": 1}


@pytest.mark.parametrize(
    ("contract", "statute", "overall", "conflict"),
    [
        (PERMITTED, NO_GROUND, "violation", True),
        (NO_GROUND, EXCEPTED, "violation", True),
        (NO_GROUND, NO_GROUND, "violation", False),
        (OPEN, NO_GROUND, "violation", False),
        (PERMITTED, OPEN, "indeterminate", False),
        (PERMITTED, EXCEPTED, "excepted", False),
    ],
)
def test_the_overall_state_is_the_worse_of_the_layers(
    contract: Unit,
    statute: Unit,
    overall: str,
    conflict: bool,  # noqa: FBT001
) -> None:
    flow = Flow("F1", units={"contact.phone": contract}, statute={"contact.phone": statute})
    row = verdict_table(judgement(flow)).row(0, named=True)
    assert (row["overall"], row["conflict"]) == (overall, conflict)


def test_one_layer_alone_leaves_the_other_null_throughout() -> None:
    row = verdict_table(judgement(Flow("F1"))).row(0, named=True)
    assert [row[name] for name in row if name.startswith("statute_")] == [None] * 5
    assert (row["overall"], row["conflict"]) == ("permitted", False)


def test_groups_of_tallies_that_share_subjects_are_counted_apart() -> None:
    met = {0: (1, 2), 1: (2,), 2: (3,), 3: ()}
    pairs = [(tally, 2**63 + subject) for tally, subjects in met.items() for subject in subjects]
    judged = replace(
        judgement(*(Flow(f"F{n}", purpose=f"p{n}") for n in met)),
        met=Met.of(pl.DataFrame(pairs, schema=TALLY_SUBJECTS, orient="row"), len(met)),
    )
    asked = [(7, 0), (7, 1), (8, 1), (8, 2), (9, 0), (10, 3), (11, 1), (11, 0), (11, 0)]
    groups = pl.DataFrame(asked, schema={"group": pl.Int64, "tally": pl.UInt32}, orient="row")
    found = count_subjects(groups, judged).select("group", "subjects")
    assert dict(found.iter_rows()) == {7: 2, 8: 2, 9: 2, 10: 0, 11: 2}


IDS = {
    "short": ["b", "a", "", "ab", "aa", "客", "\x7f", "é"],
    "numbers": [f"F-{number * 7919 % 10007:09}" for number in range(500)],
    "long": [f"{'x' * 30}{number * 7919 % 101}" for number in range(101)],
    "with NUL": ["a", "a\0", "a\0\0", "", "\0", "b"],
    "prefixes": ["x" * length for length in range(32, 0, -1)],
}


@pytest.mark.parametrize("ids", IDS.values(), ids=IDS)
def test_verdicts_stand_in_the_byte_order_of_their_flow_ids(ids: list[str]) -> None:
    assert len(set(ids)) == len(ids)
    told = verdict_table(judgement(*(Flow(flow_id) for flow_id in ids)))
    assert told["flow_id"].to_list() == sorted(ids, key=str.encode)
