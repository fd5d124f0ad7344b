"""The smallest cut is held to trying every set of relations, and to walking every way by hand."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from itertools import combinations

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audit.clauses.clause import Layer, Verdict
from audit.evaluation.judgement import INSTANT
from audit.flowgraph.cutting import Fate, _own, _violates, _violating_ways, smallest_cut
from audit.flowgraph.relations import RELATIONS, Network, told_by
from audit.vocabulary import load_vocabulary

PARTIES = {"CAR": "carrier", "CUSTOMER": "subject", "A": "affiliate", "B": None, "C": "third_party"}
# One line of the tree, its neighbour, and a code outside the vocabulary.
CATEGORIES = ("contact", "contact.phone", "contact.email", "x.unmapped")
SAME = {(one, other) for one in CATEGORIES for other in CATEGORIES if one == other} | {
    ("contact", "contact.phone"),
    ("contact.phone", "contact"),
    ("contact", "contact.email"),
    ("contact.email", "contact"),
}
EDGES = pl.Schema(
    {
        "sender": pl.String(),
        "recipient": pl.String(),
        "data_category": pl.String(),
        "subjects": pl.Int64(),
        "first_seen": INSTANT,
        "last_seen": INSTANT,
        "contract_violation": pl.Int64(),
        "statute_violation": pl.Int64(),
    }
)
DAWN = datetime(2025, 1, 1, tzinfo=UTC)
Edge = tuple[str, str, str, int, int, bool]  # sender, recipient, category, first, last, violates
Relation = tuple[str, str]
State = tuple[Edge, int]  # an edge that was taken, and since when its recipient holds the data

edges = st.tuples(
    st.sampled_from(["CAR", "CAR", "A", "A", "B", "B", "C", "CUSTOMER"]),
    st.sampled_from(["A", "A", "B", "B", "C", "CAR", "CUSTOMER"]),
    st.sampled_from(CATEGORIES),
    st.integers(0, 5),
    st.sampled_from([0, 0, 1, 3]),
    st.sampled_from([False, False, True]),
).map(lambda edge: (*edge[:3], edge[3], edge[3] + edge[4], edge[5]))
# A has it on day 3, B could have used it on day 1 only: A feeds B, but no violation of B's.
TOO_LATE: list[Edge] = [
    ("CAR", "A", "contact", 3, 3, False),
    ("A", "B", "contact", 0, 5, False),
    ("CAR", "B", "contact", 0, 0, False),
    ("B", "C", "contact", 1, 1, True),
]
worlds = st.lists(edges, min_size=4, max_size=11)
lawful = st.lists(st.integers(0, 3), min_size=25, max_size=25)


def network(world: list[Edge], prices: list[int]) -> Network:
    rows = [
        {
            "sender": sender,
            "recipient": recipient,
            "data_category": category,
            "subjects": 1,
            "first_seen": DAWN + timedelta(days=first),
            "last_seen": DAWN + timedelta(days=last),
            "contract_violation": int(violates),
            "statute_violation": None,
        }
        for sender, recipient, category, first, last, violates in world
    ]
    table = pl.DataFrame(rows, schema=EDGES)
    register = pl.DataFrame({"party_id": list(PARTIES), "role": list(PARTIES.values())})
    return Network(table, relations(world, prices), register)


def relations(world: list[Edge], prices: list[int]) -> pl.DataFrame:
    rows = []
    for relation, price in sorted(priced(world, prices).items()):
        violations = sum(edge[5] for edge in world if edge[:2] == relation)
        counts = {Verdict.PERMITTED: price, Verdict.VIOLATION: violations}
        told = {
            told_by(layer, verdict): counts.get(verdict, 0)
            for layer in (None, *Layer)
            for verdict in Verdict
        }
        row = {"sender": relation[0], "recipient": relation[1], "flows": price + violations}
        rows.append(dict.fromkeys(RELATIONS) | row | {"subjects": 1} | told)
    return pl.DataFrame(rows, schema=RELATIONS)


def priced(world: list[Edge], prices: list[int]) -> dict[Relation, int]:
    return dict(zip(sorted({edge[:2] for edge in world}), prices, strict=False))


def own(edge: Edge) -> bool:
    return edge[0] == "CAR" and edge[1] in {"CAR", "CUSTOMER"}


def steps(world: list[Edge], state: State) -> set[State]:
    """Where the data can go next from the end of an edge that it took to hold it since then."""
    taken, since = state
    return {
        (edge, max(since, edge[3]))
        for edge in world
        if edge[0] == taken[1] and edge[0] not in {"CAR", "CUSTOMER"}
        if (taken[2], edge[2]) in SAME and edge[4] >= since
    }


def closure(world: list[Edge], starts: set[State]) -> set[State]:
    found, front = set(starts), set(starts)
    while front:
        front = {then for state in front for then in steps(world, state)} - found
        found |= front
    return found


def on_ways(world: list[Edge]) -> set[Edge]:
    """The edges on a way of the data from the carrier to a violation, walked state by state."""
    starts = {(edge, edge[3]) for edge in world if edge[0] == "CAR" and not own(edge)}
    return {
        state[0]
        for state in closure(world, starts)
        if any(edge[5] for edge, _ in closure(world, {state}))
    }


def open_to_violation(arcs: Collection[Relation], violating: Collection[Relation]) -> bool:
    """Whether some chain of these relations leads from the carrier to a violating one."""
    front = {relation for relation in arcs if relation[0] == "CAR"}
    seen: set[Relation] = set()
    while front:
        seen |= front
        front = {two for one in front for two in arcs if two[0] == one[1]} - seen
    return bool(seen & set(violating))


def cheapest(
    arcs: Collection[Relation], violating: Collection[Relation], price: dict[Relation, int]
) -> tuple[int, int]:
    """The fewest relations that close every chain and, of those, the fewest lawful flows."""
    for size in range(len(arcs) + 1):
        costs = [
            sum(price[relation] for relation in cut)
            for cut in combinations(sorted(arcs), size)
            if not open_to_violation(set(arcs) - set(cut), violating)
        ]
        if costs:
            return size, min(costs)
    raise AssertionError("taking every relation away leaves no chain")


@settings(max_examples=120)
@given(worlds, lawful)
def test_no_way_stays_open_and_no_cut_is_smaller(world: list[Edge], prices: list[int]) -> None:
    price = priced(world, prices)
    cut = smallest_cut(network(world, prices), load_vocabulary())
    suspended = set(cut.suspended.select("sender", "recipient").iter_rows())
    assert not on_ways([edge for edge in world if edge[:2] not in suspended])
    arcs, ended = (
        {edge[:2] for edge in on_ways(world)},
        {edge[:2] for edge in on_ways(world) if edge[5]},
    )
    found = len(suspended), sum(price[relation] for relation in suspended)
    assert found == cheapest(arcs, ended, price)


@settings(max_examples=150)
@example(TOO_LATE)
@given(worlds)
def test_the_violating_subgraph_is_what_ways_lead_over(world: list[Edge]) -> None:
    there = network(world, [1] * 25)
    known = there.edges.with_columns(violates=_violates(None), own=_own(there))
    found = _violating_ways(there, known.filter(~pl.col("own")), load_vocabulary())
    key = ("sender", "recipient", "data_category", "first_seen", "last_seen", "violates")
    walked = network(sorted(on_ways(world)), [1] * 25).edges.with_columns(violates=_violates(None))
    assert sorted(found.select(key).unique().rows()) == sorted(walked.select(key).unique().rows())


@settings(max_examples=80)
@given(worlds, lawful)
def test_every_violating_relation_has_the_fate_it_has(world: list[Edge], prices: list[int]) -> None:
    cut = smallest_cut(network(world, prices), load_vocabulary())
    suspended = set(cut.suspended.select("sender", "recipient").iter_rows())
    ended = {edge[:2] for edge in on_ways(world) if edge[5]}
    fates = {}
    for edge in (edge for edge in world if edge[5]):
        relation = edge[:2]
        fed = Fate.SUSPENDED if relation in suspended else Fate.UNFED
        fates[relation] = Fate.OWN if own(edge) else fed if relation in ended else Fate.UNREACHED
    told = cut.violating.select("sender", "recipient", "fate").iter_rows()
    assert {(sender, recipient): fate for sender, recipient, fate in told} == fates


@settings(max_examples=30)
@given(worlds, lawful, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_decides_nothing(
    world: list[Edge], prices: list[int], dice: object
) -> None:
    there = network(world, prices)
    cut = smallest_cut(there, load_vocabulary(), Layer.CONTRACT)
    shuffled = Network(
        there.edges.sample(fraction=1, shuffle=True, seed=dice.randint(0, 9999)),  # type: ignore[attr-defined]
        there.relations.reverse(),
        there.parties.reverse(),
    )
    again = smallest_cut(shuffled, load_vocabulary(), Layer.CONTRACT)
    assert again.suspended.equals(cut.suspended)
    assert again.violating.equals(cut.violating)


@settings(max_examples=10)
@given(worlds, lawful)
def test_a_layer_that_was_not_judged_has_nothing_to_cut(
    world: list[Edge], prices: list[int]
) -> None:
    cut = smallest_cut(network(world, prices), load_vocabulary(), Layer.STATUTE)
    assert cut.suspended.is_empty()
    assert cut.violating.is_empty()


def test_the_worlds_are_not_vacuous() -> None:
    """A chain of three hops and a cut that is not the last relation are among what is tried."""
    world: list[Edge] = [
        ("CAR", "A", "contact", 0, 0, False),
        ("A", "B", "contact.phone", 1, 1, True),
        ("A", "C", "contact.email", 1, 1, True),
        ("C", "CUSTOMER", "contact.email", 2, 2, True),
    ]
    assert on_ways(world) == set(world)
    cut = smallest_cut(network(world, [1, 2, 3, 4]), load_vocabulary())
    assert cut.suspended.select("sender", "recipient", "ends").rows() == [("CAR", "A", 3)]
