"""What a draft would change is counted; nothing that was decided changes for it."""

from audit.evaluation.drafting import DRAFT_COUNTS, DRAFTS, Drafts
from tests.asking import World, clause, pack_saying

SHARING = clause("a", "permit", {"operation": ["share"]})
STOP = clause("d", "forbid", {"data": ["contact"]}) | {"draft": True}
EXCUSE = clause("e", "except", {"operation": ["use"]}) | {"draft": True}
FLOWS: tuple[dict[str, object], ...] = (
    {},
    {"flow_id": "F2", "subject_id": "S2"},
    {"flow_id": "F3", "subject_id": "*"},
    {"flow_id": "F4", "operation": "use"},
    {"flow_id": "F5", "data_categories": ("billing.invoice",)},
)


def drafts(*clauses: object, rows: int = 2) -> Drafts | None:
    """What the drafts among these clauses would change of the flows, so many at a time."""
    pack = pack_saying(*clauses)  # type: ignore[arg-type]
    return World().judged([pack], *FLOWS, rows=rows).drafts


def test_where_no_pack_has_a_draft_nothing_is_told() -> None:
    assert drafts(SHARING) is None


def test_the_flows_that_a_draft_would_move_are_counted_with_people_and_relations() -> None:
    found = drafts(SHARING, STOP, EXCUSE)
    assert found is not None
    assert found.counts.schema == DRAFT_COUNTS
    assert found.counts.rows() == [("contract", "d", 3, 2, True), ("contract", "e", 1, 1, False)]
    assert found.changes.schema == DRAFTS
    assert found.changes.select("clause", "now", "would_be", "flows", "examples").rows() == [
        ("d", "permitted", "violation", 3, ["F1", "F2", "F3"]),
        ("e", "violation", "excepted", 1, ["F4"]),
    ]


def test_a_draft_that_changes_nothing_is_told_too() -> None:
    found = drafts(SHARING, clause("d", "permit", {"operation": ["delete"]}) | {"draft": True})
    assert found is not None
    assert found.counts.rows() == [("contract", "d", 0, 0, False)]
    assert found.changes.is_empty()


def test_each_draft_is_switched_on_alone() -> None:
    clearing = clause("p", "permit", {"operation": ["share"]}, "d") | {"draft": True}
    found = drafts(SHARING, STOP, clearing)
    assert found is not None
    assert dict(found.counts.select("clause", "flows").iter_rows()) == {"d": 3, "p": 0}


def test_batches_leave_no_trace() -> None:
    told = [drafts(SHARING, STOP, EXCUSE, rows=rows) for rows in (1, 2, 5)]
    for each in told[1:]:
        assert each is not None
        assert told[0] is not None
        assert each.counts.equals(told[0].counts)
        assert each.changes.equals(told[0].changes)
