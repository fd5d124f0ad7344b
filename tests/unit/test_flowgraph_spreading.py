"""The blast radius of a party, held to a walk over single edges; and the chains of onward data."""

import random
from typing import Any

import polars as pl
import pytest

from audit.clauses.clause import Layer
from audit.flowgraph.building import build, count_edges
from audit.flowgraph.relations import Network, relation_counts
from audit.flowgraph.spreading import Spread, chains, spread
from audit.vocabulary import load_vocabulary
from tests.judged import NO_GROUND, PERMITTED, Flow, carrier, judgement, parties, partner

PHONE, EMAIL = "contact.phone", "contact.email"
REGISTER = parties(
    carrier(), partner("A"), partner("B"), partner("C"), partner("D", "service.repair")
)


def hop(flow_id: str, sender: str, recipient: str, day: float = 0, **other: Any) -> Flow:  # noqa: ANN401
    return Flow(flow_id, sender=sender, recipient=recipient, day=day, **other)


def network(*flows: Flow) -> Network:
    judged = judgement(*flows)
    edges = count_edges(judged)
    terms = REGISTER.select("party_id", "purposes")
    nodes = build(judged, edges, REGISTER).nodes.join(terms, on="party_id", how="left")
    return Network(edges, relation_counts(judged), nodes)


def through(party: str, *flows: Flow, layer: Layer | None = None) -> Spread:
    return spread(network(*flows), party, load_vocabulary(), layer)


def test_who_received_it_directly_and_onward() -> None:
    found = through(
        "A",
        hop("F1", "CAR", "A"),
        hop("F2", "A", "B", 1, subject=1),
        hop("F3", "A", "B", 1, subject=2),
        hop("F4", "B", "C", 2, units={PHONE: NO_GROUND}),
        hop("F5", "CAR", "D", 2),
    )
    rows = found.parties.select("party_id", "hop", "verdict", "subjects", "subjects_at_most").rows()
    assert rows == [("B", 1, "permitted", 2, 2), ("C", 2, "violation", 1, 1)]
    assert found.relations.rows() == [("A", "B", 1, "permitted"), ("B", "C", 2, "violation")]


def test_only_the_same_data_in_time_goes_on() -> None:
    found = through(
        "A",
        hop("F1", "A", "B", 5),
        hop("F2", "B", "C", 4),
        hop("F3", "B", "D", 6, units={EMAIL: PERMITTED}),
    )
    assert found.parties["party_id"].to_list() == ["B"]


def test_back_to_the_carrier_or_the_customer_is_no_spreading() -> None:
    home = ("CAR", "CUSTOMER", "A")
    found = through("A", *(hop(f"F{n}", "A", party, n) for n, party in enumerate(home)))
    assert found.parties.is_empty()
    assert found.relations.is_empty()


def test_what_the_carrier_sends_again_did_not_come_through_the_party() -> None:
    found = through("A", hop("F1", "A", "CAR"), hop("F2", "CAR", "B", 1), hop("F3", "A", "C"))
    assert found.parties["party_id"].to_list() == ["C"]


def test_the_carrier_has_a_blast_radius_too() -> None:
    found = through("CAR", hop("F1", "CAR", "A"), hop("F2", "A", "B", 1))
    assert found.parties.select("party_id", "hop").rows() == [("A", 1), ("B", 2)]


def test_the_subjects_of_two_edges_may_be_the_same_or_not() -> None:
    found = through(
        "A", hop("F1", "A", "B", subject=1), hop("F2", "A", "C", subject=2), hop("F3", "C", "B", 1)
    )
    told = found.parties.filter(pl.col("party_id") == "B")
    assert told.select("subjects", "subjects_at_most").row(0) == (1, 2)


def test_one_flow_of_two_categories_is_one_subject_at_most() -> None:
    found = through("A", hop("F1", "A", "B", units={PHONE: PERMITTED, EMAIL: PERMITTED}))
    assert found.parties["data_categories"].to_list() == [[EMAIL, PHONE]]
    assert found.parties["subjects_at_most"].to_list() == [1]


def test_a_verdict_is_that_of_the_layer_asked() -> None:
    flows = (hop("F1", "A", "B", statute={PHONE: NO_GROUND}),)
    assert through("A", *flows).parties["verdict"].to_list() == ["violation"]
    assert through("A", *flows, layer=Layer.CONTRACT).parties["verdict"].to_list() == ["permitted"]


def test_an_early_detour_counts_beside_the_short_way() -> None:
    """B has it on day 9 at one hop and on day 2 at two: what it sends on day 3 can be the same."""
    found = through(
        "A",
        hop("F1", "A", "B", 9),
        hop("F2", "A", "C", 1),
        hop("F3", "C", "B", 2),
        hop("F4", "B", "D", 3),
    )
    assert found.parties.select("party_id", "hop").rows() == [("B", 1), ("C", 1), ("D", 3)]


@pytest.mark.parametrize("seed", range(25))
def test_the_spread_is_what_a_walk_over_single_flows_finds(seed: int) -> None:
    dice = random.Random(seed)
    flows = [
        hop(
            f"F{n:02}",
            dice.choice("ABCD"),
            dice.choice(["A", "B", "C", "D", "CAR", "CUSTOMER"]),
            dice.randrange(8),
            units={dice.choice([PHONE, EMAIL, "contact"]): PERMITTED},
            purpose=f"service.{n}",  # so that no two flows are one edge
        )
        for n in range(14)
    ]
    assert hops(through("A", *flows)) == walked("A", flows)


def hops(found: Spread) -> dict[str, int]:
    return dict(found.parties.select("party_id", "hop").iter_rows())


def walked(party: str, flows: list[Flow]) -> dict[str, int]:
    outward = [
        flow
        for flow in flows
        if flow.sender != flow.recipient and flow.recipient not in {"CAR", "CUSTOMER", party}
    ]
    front = [flow for flow in outward if flow.sender == party]
    seen: set[str] = set()
    nearest: dict[str, int] = {}
    for hop_number in range(1, 20):
        for flow in front:
            nearest.setdefault(flow.recipient, hop_number)
        seen |= {flow.flow_id for flow in front}
        front = [
            onward
            for onward in outward
            if onward.flow_id not in seen and any(goes_on(flow, onward) for flow in front)
        ]
    return nearest


def goes_on(flow: Flow, onward: Flow) -> bool:
    one, other = next(iter(flow.units)), next(iter(onward.units))
    same = one == other or "contact" in {one, other}
    return flow.recipient == onward.sender and same and flow.day <= onward.day


def test_chains_are_told_gravest_first_a_row_per_path() -> None:
    refused = {PHONE: NO_GROUND}
    found = chains(
        network(
            hop("F1", "CAR", "D"),
            hop("F2", "D", "C", 1, purpose="service.repair"),
            hop("F3", "CAR", "A"),
            hop("F4", "A", "B", 1, units=refused),
            hop("F5", "A", "B", 2, purpose="marketing"),
        ),
        load_vocabulary(),
    )
    told = found.select("path", "verdict", "purposes").rows()
    assert told == [
        (["CAR", "A", "B"], "violation", ["marketing", "service.repair"]),
        (["CAR", "D", "C"], "permitted", ["service.repair"]),
    ]
    assert found["within_scope"].to_list() == ["unknown", "unknown"]


def test_without_onward_flows_there_is_no_chain() -> None:
    assert chains(network(hop("F1", "CAR", "A")), load_vocabulary()).is_empty()
