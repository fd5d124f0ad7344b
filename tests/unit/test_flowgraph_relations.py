"""Relations: whole flows by sender and recipient, each verdict exact in each layer."""

from audit.clauses.clause import Verdict
from audit.flowgraph.relations import RELATIONS, relation_counts
from tests.judged import DAWN, NO_GROUND, PERMITTED, Flow, Unit, judgement

OPEN = Unit(Verdict.INDETERMINATE)
TWO = {"contact.phone": NO_GROUND, "contact.email": NO_GROUND}


def test_a_flow_of_two_categories_counts_once() -> None:
    counted = relation_counts(judgement(Flow("F1", units=TWO, records=3)))
    assert counted.schema == RELATIONS
    (row,) = counted.to_dicts()
    assert (row["sender"], row["recipient"]) == ("CAR", "PTR-1")
    assert (row["flows"], row["subjects"], row["records"]) == (1, 1, 3)
    assert (row["violation"], row["contract_violation"]) == (1, 1)
    assert (row["first_seen"], row["last_seen"]) == (DAWN, DAWN)


def test_operations_and_purposes_of_a_relation_are_one_row() -> None:
    counted = relation_counts(
        judgement(
            Flow("F1", subject=1),
            Flow("F2", subject=1, operation="entrust", units=TWO),
            Flow("F3", subject=2, purpose="marketing", units={"contact.phone": OPEN}),
            Flow("F4", sender="PTR-1", recipient="PTR-1"),
        )
    )
    one, own = counted.select("sender", "recipient", "flows", "subjects", *Verdict).rows()
    assert one == ("CAR", "PTR-1", 3, 2, 1, 0, 1, 1)
    assert own == ("PTR-1", "PTR-1", 1, 1, 1, 0, 0, 0)


def test_without_a_layer_the_worse_of_the_two_counts() -> None:
    phone = {"contact.phone": PERMITTED}
    counted = relation_counts(judgement(Flow("F1", units=phone, statute=TWO), Flow("F2")))
    (row,) = counted.to_dicts()
    assert (row["permitted"], row["violation"]) == (1, 1)
    assert (row["contract_permitted"], row["contract_violation"]) == (2, 0)
    assert (row["statute_permitted"], row["statute_violation"]) == (0, 1)


def test_a_layer_that_was_not_judged_is_null() -> None:
    (row,) = relation_counts(judgement(Flow("F1"))).to_dicts()
    assert row["statute_permitted"] is None
    assert row["contract_permitted"] == 1


def test_no_flows_make_no_relations() -> None:
    assert relation_counts(judgement()).is_empty()
