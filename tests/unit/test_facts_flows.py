"""A batch of flows as numbers, and the sets of data categories that they carry."""

import numpy as np
import polars as pl

from audit.facts.flows import CategorySets
from tests.asking import World, clause, flow_frame, pack_saying

DOMAIN = {"billing": 1, "contact": 2, "usage": 3}


def lists(*sets: list[str]) -> pl.Series:
    """A column of lists."""
    return pl.Series(sets, dtype=pl.List(pl.String))


def test_lists_of_the_same_categories_are_one_set() -> None:
    sets = CategorySets(DOMAIN)
    numbers = sets.of(lists(["usage", "contact"], ["contact", "usage", "usage"], ["contact"]))
    assert numbers.tolist()[0] == numbers.tolist()[1] != numbers.tolist()[2]
    assert sorted(sets.names) == [("contact",), ("contact", "usage")]


def test_sets_keep_their_numbers_from_batch_to_batch() -> None:
    sets = CategorySets(DOMAIN)
    (first,) = sets.of(lists(["usage"])).tolist()
    second, third = sets.of(lists(["contact"], ["usage"])).tolist()
    assert third == first != second


def test_units_are_the_categories_of_each_set_in_order_of_their_codes() -> None:
    sets = CategorySets(DOMAIN)
    numbers = sets.of(lists(["usage", "billing"], ["mine"]))
    owners, position, category = sets.units(numbers[[1, 0, 0]])
    assert owners.tolist() == [0, 1, 1, 2, 2]
    assert position.tolist() == [0, 0, 1, 0, 1]
    assert category.tolist() == [0, 1, 3, 1, 3]  # a category that is not mapped is unknown
    assert sets.sizes[numbers].tolist() == [2, 1]


def test_flows_can_be_asked_again_as_if_they_were_of_others() -> None:
    pack = pack_saying(clause("c", "permit", {"consented": True}))
    compiled = World().compiled(pack)
    flows = compiled.facts(flow_frame({}, {"recipient": "CAR"}, {"subject_id": "*"})).flows
    asked = flows.asked_of(np.array([2, 0]), holder=np.array([7, 8]))
    assert len(asked) == 2
    assert asked.holder.tolist() == [7, 8]
    assert asked.whole_base.tolist() == [True, False]
    assert asked.codes["operation"].tolist() == flows.codes["operation"][[2, 0]].tolist()


def test_only_flows_that_may_reach_the_customer_are_ambiguous() -> None:
    pack = pack_saying(clause("c", "permit", {"consented": True}))
    call = {"sender": "PTR", "recipient": "CUSTOMER"}
    batch = flow_frame(
        {**call, "operation": "contact"},
        {**call, "operation": "my operation"},
        {**call, "operation": "contact", "recipient": "NOBODY"},
        {**call, "operation": "contact", "recipient": "CAR"},
        {**call, "operation": "share"},
    )
    assert World().compiled(pack).facts(batch).flows.ambiguous.tolist() == [1, 2]
