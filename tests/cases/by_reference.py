"""Cases judged by the reference interpreter, down to the value of every condition."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from tests import reference
from tests.cases.casefile import FLOW_ID, Case
from tests.generate import shipped_pack, shipped_vocabulary

PACK = shipped_pack("telecom_agreement")
VOCABULARY = shipped_vocabulary()
CLAUSES: Mapping[str, Mapping[str, Any]] = {clause["id"]: clause for clause in PACK["clause"]}


@cache
def posed(case: Case) -> reference.Case:
    """The flow of a case and the world around it."""
    settings: Any = {"complete": case.complete, "timezone": case.timezone}
    world = reference.read_world(case.tables, [PACK], VOCABULARY, **settings)
    return reference.Case(world.flows[FLOW_ID], world)


@cache
def verdict(case: Case) -> reference.FlowVerdict:
    """What the reference says of a case."""
    return reference.judge_flow(posed(case), [reference.read_pack(PACK)])


def layer_verdict(case: Case, clauses: Sequence[Mapping[str, Any]]) -> reference.LayerVerdict:
    """What the reference would say if these were the clauses of the agreement."""
    pack = reference.read_pack({**PACK, "clause": clauses})
    return reference.judge_layer(posed(case), pack)


@cache
def units(case: Case) -> Sequence[reference.Unit]:
    """The categories of a case's flow, each with the value of every condition of every clause."""
    pack = reference.read_pack(PACK)
    categories = sorted(posed(case).flow["data_categories"])
    return [reference.judge_unit(posed(case), pack, category) for category in categories]


def lines(case: Case, clause_id: str) -> list[dict[str, reference.Truth]]:
    """Per category: the conditions of a clause, by their words, and what they come to."""
    return [
        {spelling.split()[0]: value for spelling, value in unit.lines[clause_id].items()}
        for unit in units(case)
    ]
