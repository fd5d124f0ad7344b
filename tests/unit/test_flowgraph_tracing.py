"""What single edges do not show: onward transfer, unreceived data, parties without a register."""

import random
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from audit.flowgraph.scopes import smallest_scope, within
from audit.vocabulary import Truth, load_vocabulary
from tests.judged import (
    NO_GROUND,
    PERMITTED,
    Flow,
    carrier,
    judgement,
    parties,
    partner,
    traced,
)

VERDICTS = (PERMITTED, NO_GROUND)
PHONE = {"contact.phone": PERMITTED}
REGISTER = parties(
    carrier(),
    partner("A", "service", "improve"),
    partner("B", "service.repair"),
    partner("C", "service.repair"),
    partner("D", "collection"),
)


def hop(flow_id: str, sender: str, recipient: str, day: float = 0, **other: Any) -> Flow:  # noqa: ANN401
    return Flow(flow_id, sender=sender, recipient=recipient, day=day, **other)


def onward(*flows: Flow) -> list[dict[str, Any]]:
    return traced(judgement(*flows), REGISTER).onward.to_dicts()


def test_data_that_goes_on_is_traced_from_the_carrier() -> None:
    (path,) = onward(hop("F1", "CAR", "A"), hop("F2", "A", "B", 1, records=4))
    assert path["path"] == ["CAR", "A", "B"]
    assert path["received_for"] == ["service.repair"]
    assert (path["verdict"], path["scope"], path["within_scope"]) == (
        "permitted",
        ["service.repair"],
        "true",
    )
    assert (path["flows"], path["subjects"], path["records"]) == (1, 1, 4)


@pytest.mark.parametrize(("first", "second"), [(NO_GROUND, PERMITTED), (PERMITTED, NO_GROUND)])
def test_a_path_is_as_bad_as_its_worst_edge(first: Any, second: Any) -> None:  # noqa: ANN401
    (path,) = onward(
        hop("F1", "CAR", "A", units={"contact.phone": first}),
        hop("F2", "A", "B", 1, units={"contact.phone": second}),
    )
    assert path["verdict"] == "violation"
    assert path["verdict_before"] == first.verdict


def test_what_left_before_it_came_did_not_go_on() -> None:
    assert onward(hop("F1", "CAR", "A", 5), hop("F2", "A", "B", 1)) == []
    assert len(onward(hop("F1", "CAR", "A", 5), hop("F2", "A", "B", 5))) == 1


@pytest.mark.parametrize(
    ("received", "sent", "paths"),
    [
        ("contact.phone", "contact", 1),
        ("contact", "contact.phone", 1),
        ("contact.phone", "contact.email", 0),
        ("x.unmapped", "x.unmapped", 1),
        ("x.unmapped", "contact", 0),
    ],
)
def test_only_categories_on_one_line_are_the_same_data(
    received: str, sent: str, paths: int
) -> None:
    found = onward(
        hop("F1", "CAR", "A", units={received: PERMITTED}),
        hop("F2", "A", "B", 1, units={sent: PERMITTED}),
    )
    assert len(found) == paths


def test_going_back_to_the_carrier_or_the_customer_is_not_onward() -> None:
    flows = (hop("F2", "A", "CAR", 1), hop("F3", "A", "CUSTOMER", 1), hop("F4", "A", "A", 1))
    assert onward(hop("F1", "CAR", "A"), *flows) == []


def test_a_longer_way_is_told_once_by_its_shortest_witness() -> None:
    found = onward(
        hop("F1", "CAR", "A"),
        hop("F2", "A", "B", 1),
        hop("F3", "B", "C", 2),
        hop("F4", "C", "D", 3),
    )
    assert [path["path"] for path in found] == [
        ["CAR", "A", "B"],
        ["CAR", "A", "B", "C"],
        ["CAR", "A", "B", "C", "D"],
    ]
    assert [path["within_scope"] for path in found] == ["true", "true", "false"]


def test_a_hop_of_several_edges_is_as_bad_as_the_worst_of_them() -> None:
    """Nobody can tell which of the two receipts of B it is that goes on to C."""
    refused = {"contact.phone": NO_GROUND}
    found = onward(
        hop("F1", "CAR", "A"),
        hop("F2", "A", "B", 1, purpose="service.repair"),
        hop("F3", "A", "B", 1, purpose="marketing", units=refused),
        hop("F4", "B", "C", 2),
    )
    (last,) = (path for path in found if path["path"][-1] == "C")
    assert (last["verdict_before"], last["received_for"]) == (
        "violation",
        ["marketing", "service.repair"],
    )


def test_an_early_detour_keeps_what_the_short_way_brings_too_late() -> None:
    """C has the data on day 2 by a detour; the direct receipt on day 9 is after it went on."""
    found = onward(
        hop("F1", "CAR", "A"),
        hop("F2", "A", "B", 1),
        hop("F3", "B", "C", 2),
        hop("F4", "CAR", "C", 9),
        hop("F5", "C", "D", 3),
    )
    assert ["CAR", "A", "B", "C", "D"] in [path["path"] for path in found]


def test_each_direct_receipt_has_its_own_path() -> None:
    register = parties(carrier(), {**carrier(), "party_id": "CAR-2"}, partner("A"), partner("B"))
    judged = judgement(hop("F1", "CAR", "A"), hop("F2", "CAR-2", "A"), hop("F3", "A", "B", 1))
    paths = traced(judged, register).onward["path"].to_list()
    assert paths == [["CAR", "A", "B"], ["CAR-2", "A", "B"]]


def test_a_circle_ends() -> None:
    found = onward(
        hop("F1", "CAR", "A"),
        hop("F2", "A", "B", 1),
        hop("F3", "B", "A", 2),
        hop("F4", "B", "C", 3),
    )
    assert [path["path"] for path in found] == [
        ["CAR", "A", "B"],
        ["CAR", "A", "B", "A"],
        ["CAR", "A", "B", "C"],
    ]


def test_a_party_without_a_registered_scope_leaves_it_unknown() -> None:
    (path,) = onward(hop("F1", "CAR", "A"), hop("F2", "A", "NOBODY", 1))
    assert (path["scope"], path["within_scope"]) == (None, "unknown")
    (path,) = onward(hop("F1", "CAR", "A"), hop("F2", "A", "NOBODY", 1, purpose="marketing"))
    assert (path["scope"], path["within_scope"]) == (None, "false")


def test_two_layers_give_the_worse_verdict() -> None:
    (path,) = onward(
        hop("F1", "CAR", "A", statute=PHONE),
        hop("F2", "A", "B", 1, statute={"contact.phone": NO_GROUND}),
    )
    assert path["verdict"] == "violation"


@pytest.mark.parametrize(
    ("scopes", "smallest"),
    [
        ([("service",), ("service.repair",)], ("service.repair",)),
        ([("service.repair",), ("service",), ("service.repair", "improve")], ("service.repair",)),
        ([("service", "service.repair")], ("service",)),
        ([("service", "service.repair"), ("service",)], ("service",)),
        ([("service.repair",), ("collection",)], ()),
        ([("service", "improve"), ("improve", "collection")], ("improve",)),
        ([("service.repair", "x.new"), ("service",)], ("service.repair", "x.new")),
    ],
)
def test_of_two_scopes_the_narrower_code_wins(
    scopes: list[tuple[str, ...]], smallest: tuple[str, ...]
) -> None:
    if len(scopes) > 1:
        assert smallest_scope(scopes, load_vocabulary()) == smallest
        assert smallest_scope(scopes[::-1], load_vocabulary()) == smallest


@pytest.mark.parametrize(
    ("purpose", "scopes", "truth"),
    [
        ("service.repair", [("service",), ("service.repair",)], Truth.TRUE),
        ("service.install", [("service",), ("service.repair",)], Truth.FALSE),
        ("service", [("service",), ("service.repair",)], Truth.UNKNOWN),
        ("service", [("service.repair",), ("service.install",)], Truth.FALSE),
        ("marketing", [("service",), ("x.new",)], Truth.FALSE),
        ("marketing", [("x.new",)], Truth.UNKNOWN),
        ("x.new", [("service",)], Truth.UNKNOWN),
        ("service", [], Truth.UNKNOWN),
    ],
)
def test_a_purpose_lies_in_a_scope_only_if_all_cover_it(
    purpose: str, scopes: list[tuple[str, ...]], truth: Truth
) -> None:
    assert within(purpose, scopes, load_vocabulary()) is truth


def test_passing_on_what_was_never_received_is_told() -> None:
    checks = traced(judgement(hop("F1", "A", "B")), REGISTER)
    row = checks.unreceived.row(0, named=True)
    assert (row["sender"], row["data_category"], row["first_received"]) == (
        "A",
        "contact.phone",
        None,
    )


def test_passing_on_before_receiving_is_told_with_the_day_it_came() -> None:
    late = hop("F1", "CAR", "A", 5)
    checks = traced(judgement(late, hop("F2", "A", "B", 1), hop("F3", "A", "B", 6)), REGISTER)
    assert checks.unreceived["first_received"].to_list() == [late.when()]


@pytest.mark.parametrize(
    "receipt",
    [
        hop("F1", "CAR", "A"),
        hop("F1", "CUSTOMER", "A", operation="collect"),
        hop("F1", "CAR", "A", units={"contact": PERMITTED}),
    ],
)
def test_what_anybody_brought_counts_as_received(receipt: Flow) -> None:
    checks = traced(judgement(receipt, hop("F2", "A", "B")), REGISTER)
    assert checks.unreceived.is_empty()


def test_the_carrier_the_customer_and_answers_to_the_carrier_need_no_receipt() -> None:
    flows = (hop("F1", "CAR", "A"), hop("F2", "CUSTOMER", "CAR"), hop("F3", "D", "CAR"))
    assert traced(judgement(*flows), REGISTER).unreceived.is_empty()


def test_unregistered_and_unseen_parties_are_named() -> None:
    checks = traced(judgement(hop("F1", "CAR", "X"), hop("F2", "CAR", "CUSTOMER")), REGISTER)
    assert checks.unregistered["party_id"].to_list() == ["X"]
    assert checks.unseen["party_id"].to_list() == ["A", "B", "C", "D"]


def test_an_empty_run_has_nothing_to_trace() -> None:
    checks = traced(judgement(), REGISTER)
    assert checks.onward.is_empty()
    assert checks.unreceived.is_empty()
    assert checks.unregistered.is_empty()
    assert checks.unseen.height == REGISTER.height


def random_flows(seed: int) -> list[Flow]:
    drawn = random.Random(seed)
    categories = ("contact", "contact.phone", "contact.phone.mobile", "contact.email", "health")
    return [
        hop(
            f"F{number}",
            "CAR" if drawn.random() < 0.06 else drawn.choice("ABCDX"),
            drawn.choice([*"ABCDX", "CAR", "CUSTOMER"]),
            drawn.randint(0, 9),
            purpose=drawn.choice(("service.repair", "marketing", "collection")),
            units={drawn.choice(categories): drawn.choice(VERDICTS)},
        )
        for number in range(drawn.randint(10, 60))
    ]


Hop = tuple[str, str, str, str]


def hops_by_hand(flows: list[Flow]) -> dict[Hop, tuple[datetime, datetime]]:
    """First and last seen of each sender, recipient, category and purpose that leads outward."""
    seen: dict[Hop, list[datetime]] = {}
    for flow in flows:
        if flow.recipient not in {flow.sender, "CAR", "CUSTOMER"}:
            (category,) = flow.units
            key = (flow.sender, flow.recipient, category, flow.purpose)
            seen.setdefault(key, []).append(flow.when())
    return {each: (min(when), max(when)) for each, when in seen.items()}


def on_one_line(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def onward_by_hand(flows: list[Flow]) -> set[Hop]:
    """Every hop whose sender can have had the data from the carrier in time."""
    hops = hops_by_hand(flows)
    held: dict[tuple[str, str], datetime] = {}
    for (by, to, what, _), (first, _) in hops.items():
        if by == "CAR":
            held[to, what] = min(first, held.get((to, what), first))
    reached: set[Hop] = set()
    while True:
        before = (dict(held), set(reached))
        for (by, to, what, purpose), (first, last) in hops.items():
            in_time = [
                since
                for (party, category), since in held.items()
                if party == by and on_one_line(category, what) and since <= last
            ]
            if in_time and by != "CAR":
                reached.add((by, to, what, purpose))
                arrival = max(min(in_time), first)
                held[to, what] = min(arrival, held.get((to, what), arrival))
        if before == (held, reached):
            return reached


@pytest.mark.parametrize("seed", range(25))
def test_all_and_only_the_edges_that_can_carry_received_data_are_onward(seed: int) -> None:
    flows = random_flows(seed)
    told = onward(*flows)
    ends = {(*path["path"][-2:], path["data_category"], path["purpose"]) for path in told}
    assert ends == onward_by_hand(flows)
    for path in told:
        assert path["path"][0] == "CAR"
        met = {each[:2] for each in hops_by_hand(flows)}
        assert all(pair in met for pair in pairwise(path["path"]))


def test_the_order_of_flows_changes_nothing() -> None:
    drawn = random.Random(9)
    for seed in range(5):
        flows = random_flows(seed)
        first = traced(judgement(*flows), REGISTER)
        again = traced(judgement(*drawn.sample(flows, len(flows))), REGISTER)
        assert again.onward.equals(first.onward)
        assert again.unreceived.equals(first.unreceived)
