"""What each clause decided and each party sent and received, counted flow by flow beside it."""

from datetime import UTC, datetime

import polars as pl

from audit.clauses.clause import Verdict
from audit.evaluation.counting import (
    CLAUSE_COUNTS,
    PARTY_COUNTS,
    STREAM_COUNTS,
    clause_counts,
    party_counts,
    stream_counts,
)
from tests.judged import DAWN, NO_GROUND, PERMITTED, Flow, Unit, judgement

DOUBT = Unit(Verdict.INDETERMINATE, possible=("3-2-7b",))
TWO = Unit(Verdict.VIOLATION, ("3-2-7c", "no-ground"))
FLOWS = (
    Flow("F1", subject=1),
    Flow("F2", subject=2, day=3),
    Flow("F3", subject=2, units={"contact.phone": NO_GROUND}, statute={"contact.phone": PERMITTED}),
    Flow("F4", subject=3, units={"contact.phone": PERMITTED, "health": TWO}, day=1),
    Flow("F5", sender="PTR-1", recipient="PTR-2", units={"health": DOUBT}, subject=1),
)


def test_a_clause_counts_the_flows_and_the_distinct_subjects_it_decided() -> None:
    told = clause_counts(judgement(*FLOWS)).select("layer", "clause", "flows", "subjects").rows()
    assert told == [
        ("contract", "3-2-7b", 2, 2),
        ("contract", "3-2-7c", 1, 1),
        ("contract", "no-ground", 2, 2),
        ("statute", "3-2-7b", 1, 1),
    ]


def test_a_clause_tells_when_it_was_first_and_last_asked() -> None:
    row = clause_counts(judgement(*FLOWS)).row(0, named=True)
    assert (row["first_seen"], row["last_seen"]) == (DAWN, datetime(2025, 1, 4, tzinfo=UTC))


def test_a_party_counts_what_it_sent_and_what_it_received_by_the_worse_layer() -> None:
    columns = ["party_id", "side", "flows", "subjects", "violation", "indeterminate"]
    assert party_counts(judgement(*FLOWS)).select(columns).rows() == [
        ("CAR", "sender", 4, 3, 2, 0),
        ("PTR-1", "recipient", 4, 3, 2, 0),
        ("PTR-1", "sender", 1, 1, 0, 1),
        ("PTR-2", "recipient", 1, 1, 0, 1),
    ]


def test_a_stream_counts_what_went_to_a_recipient_for_a_purpose() -> None:
    columns = ["recipient", "purpose", "flows", "subjects", *Verdict]
    flows = (*FLOWS, Flow("F6", purpose="service.notice", subject=9))
    assert stream_counts(judgement(*flows)).select(columns).rows() == [
        ("PTR-1", "service.notice", 1, 1, 1, 0, 0, 0),
        ("PTR-1", "service.repair", 4, 3, 2, 0, 0, 2),
        ("PTR-2", "service.repair", 1, 1, 0, 0, 1, 0),
    ]


def test_the_whole_customer_base_is_no_subject_and_is_told_beside_them() -> None:
    flows = (
        *FLOWS,
        Flow("F6", subject=None),
        Flow("F7", subject=None, recipient="PTR-3", units={"health": NO_GROUND}),
    )
    judged, people = judgement(*flows), ("subjects", "whole_base")
    assert clause_counts(judged).select("clause", *people).rows() == [
        ("3-2-7b", 2, True),
        ("3-2-7c", 1, False),
        ("no-ground", 2, True),
        ("3-2-7b", 1, False),
    ]
    received = party_counts(judged).filter(pl.col("side") == "recipient")
    assert received.select("party_id", *people).rows() == [
        ("PTR-1", 3, True),
        ("PTR-2", 1, False),
        ("PTR-3", 0, True),
    ]
    assert stream_counts(judged)["whole_base"].to_list() == [True, False, True]


def test_nothing_judged_is_nothing_counted() -> None:
    empty = judgement()
    assert clause_counts(empty).equals(pl.DataFrame(schema=CLAUSE_COUNTS))
    assert party_counts(empty).equals(pl.DataFrame(schema=PARTY_COUNTS))
    assert stream_counts(empty).equals(pl.DataFrame(schema=STREAM_COUNTS))
