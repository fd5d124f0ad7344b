"""Cases judged by the reference interpreter, down to the value of every condition."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from tests import reference
from tests.cases.casefile import FLOW_ID, Book, Case
from tests.generate import shipped_pack, shipped_vocabulary

VOCABULARY = shipped_vocabulary()


@cache
def pack(book: Book) -> Mapping[str, Any]:
    """The pack of a book, as parsed."""
    return shipped_pack(book.pack_id)


@cache
def clauses(book: Book) -> Mapping[str, Mapping[str, Any]]:
    """The clauses of a book that judge: all but the drafts."""
    return {clause["id"]: clause for clause in pack(book)["clause"] if not clause.get("draft")}


@cache
def posed(case: Case) -> reference.Case:
    """The flow of a case and the world around it."""
    settings: Any = {"complete": case.complete, "timezone": case.timezone}
    world = reference.read_world(case.tables, [pack(case.book)], VOCABULARY, **settings)
    return reference.Case(world.flows[FLOW_ID], world)


@cache
def read_pack(book: Book) -> reference.Pack:
    """The pack of a book, as the reference reads it."""
    return reference.read_pack(pack(book))


@cache
def verdict(case: Case) -> reference.FlowVerdict:
    """What the reference says of a case."""
    return reference.judge_flow(posed(case), [read_pack(case.book)])


def layer_said(case: Case) -> reference.LayerVerdict:
    """What it says of a case in the layer of its book."""
    return verdict(case).layers[case.book.layer]


def layer_verdict(case: Case, clauses: Sequence[Mapping[str, Any]]) -> reference.LayerVerdict:
    """What the reference would say if these were the clauses of the pack."""
    changed = reference.read_pack({**pack(case.book), "clause": clauses})
    return reference.judge_layer(posed(case), changed)


@cache
def units(case: Case) -> Sequence[reference.Unit]:
    """The categories of a case's flow, each with the value of every condition of every clause."""
    categories = sorted(posed(case).flow["data_categories"])
    return [reference.judge_unit(posed(case), read_pack(case.book), c) for c in categories]


def lines(case: Case, clause_id: str) -> list[dict[str, reference.Truth]]:
    """Per category: the conditions of a clause, by their words, and what they come to."""
    return [
        {spelling.split()[0]: value for spelling, value in unit.lines[clause_id].items()}
        for unit in units(case)
    ]
