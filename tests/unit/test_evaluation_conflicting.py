"""Where the layers disagree is told clause against clause, the statute's side first."""

from audit.clauses.clause import Pack
from audit.evaluation.conflicting import CONFLICTS, conflicts
from tests.asking import World, clause, pack_saying

SHARED = {"operation": ["share"]}
SOLD = {"purpose": ["commercial"]}


def agreement() -> Pack:
    return pack_saying(clause("a-1", "permit", SHARED), clause("a-2", "permit", SOLD))


def statute() -> Pack:
    grants = clause("s-1", "permit", {"purpose": ["service"]})
    return pack_saying(grants, clause("s-2", "forbid", SOLD), layer="statute")


def test_clause_stands_against_clause_with_flows_and_examples() -> None:
    sold = [{"operation": "use", "purpose": "commercial.data_sale"}] * 5
    marketing = {"purpose": "marketing.own"}
    own_use = {"operation": "use"}
    judged = World().judged([agreement(), statute()], *sold, marketing, own_use, {})
    assert conflicts(judged).to_dicts() == [
        {
            "violates": "statute",
            "forbidden_by": ["no-ground", "s-2"],
            "allowed_by": ["a-2"],
            "flows": 5,
            "examples": ["F1", "F2", "F3"],
        },
        {
            "violates": "statute",
            "forbidden_by": ["no-ground"],
            "allowed_by": ["a-1"],
            "flows": 1,
            "examples": ["F6"],
        },
        {
            "violates": "contract",
            "forbidden_by": ["no-ground"],
            "allowed_by": ["s-1"],
            "flows": 1,
            "examples": ["F7"],
        },
    ]


def test_one_layer_cannot_disagree_with_itself() -> None:
    found = conflicts(World().judged([agreement()], {}))
    assert found.is_empty()
    assert found.schema == CONFLICTS
