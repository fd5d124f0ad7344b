"""Signatures are numbered by what they say; batches and the order of flows leave no trace."""

from typing import Any

import pytest
from polars.testing import assert_frame_equal

from audit.evaluation.judging import Judging
from audit.evaluation.signing import SIGNATURES, Signed
from tests.asking import World, clause, flow_frame, pack_saying

PACK = pack_saying(
    clause("a", "permit", {"operation": ["use"], "data": ["identity"]}),
    clause("b", "permit", {"consented": True}),
)
FLOWS: tuple[dict[str, Any], ...] = (
    {"flow_id": "F4", "operation": "use", "data_categories": ["identity.name", "billing"]},
    {"flow_id": "F2", "operation": "share", "basis": "b"},
    {"flow_id": "F3", "operation": "use", "data_categories": ["billing", "identity.name"]},
    {"flow_id": "F1", "operation": "share"},
)


def signed(*flows: dict[str, Any], rows: int = 10, most: int = 1000) -> Signed | None:
    judging = Judging(World().compiled(PACK))
    judging.signing.most = most
    for batch in flow_frame(*flows).iter_slices(rows):
        judging.add(judging.gathered(batch))
    return judging.finish().signed


def test_flows_of_one_signature_say_the_same_in_the_order_of_their_ids() -> None:
    told = signed(*FLOWS)
    assert told is not None
    assert told.table.schema == SIGNATURES
    assert told.table["flows"].sum() == len(FLOWS)
    one, two, three, four = told.of_flow.to_list()  # F1 to F4
    assert three == four
    assert len({one, two, three}) == 3
    rows = told.table.to_dicts()
    assert rows[three]["data_categories"] == ["billing", "identity.name"]
    assert (rows[one]["basis"], rows[two]["basis"]) == ("", "b")


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_neither_batches_nor_the_order_of_flows_leave_a_trace(rows: int) -> None:
    first, other = signed(*FLOWS), signed(*reversed(FLOWS), rows=rows)
    assert first is not None
    assert other is not None
    assert_frame_equal(first.table, other.table)
    assert first.of_flow.to_list() == other.of_flow.to_list()
    assert first.conditions == other.conditions


def test_a_bit_is_a_condition_of_one_category() -> None:
    told = signed(*FLOWS)
    assert told is not None
    row = told.table.row(int(told.of_flow[3]), named=True)
    bit = {line.word: 1 << place for place, line in enumerate(told.conditions)}
    billing, name = zip(row["true"], row["false"], strict=True)
    assert billing[0] & bit["operation"]
    assert billing[1] & bit["data"]
    assert name[0] & bit["data"]


def test_too_many_signatures_are_not_kept_whatever_comes_first() -> None:
    assert signed(*FLOWS, most=3) is not None
    assert signed(*FLOWS, most=2) is None
    assert signed(*reversed(FLOWS), rows=1, most=2) is None
