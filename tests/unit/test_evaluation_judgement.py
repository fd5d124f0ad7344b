"""The tables of a run: a verdict per flow over both layers, counts, exact numbers of subjects."""

import polars as pl
import pytest

from audit.clauses.clause import Layer, Pack, Verdict
from audit.evaluation.judgement import count_subjects, verdict_counts, verdict_table
from audit.evaluation.ordered import Held
from tests.asking import World, clause, pack_saying

CONTRACT = pack_saying(
    clause("p", "permit", {"operation": ["use"]}),
    clause("x", "except", {"operation": ["store"]}),
)
STATUTE = pack_saying(
    clause("p", "permit", {"purpose": ["service"]}),
    clause("x", "except", {"purpose": ["improve"]}),
    layer="statute",
)
OPERATIONS = {"permitted": "use", "excepted": "store", "indeterminate": "?", "violation": "share"}
PURPOSES = {
    "permitted": "service",
    "excepted": "improve",
    "indeterminate": "?",
    "violation": "marketing",
}


def gravity(verdict: Verdict) -> int:
    """How grave it is."""
    return verdict.gravity


@pytest.mark.parametrize("statute", PURPOSES)
@pytest.mark.parametrize("contract", OPERATIONS)
def test_overall_is_the_worse_and_a_conflict_is_a_violation_beside_compliance(
    contract: str, statute: str
) -> None:
    flow = {"operation": OPERATIONS[contract], "purpose": PURPOSES[statute]}
    (row,) = verdict_table(World().judged([CONTRACT, STATUTE], flow)).to_dicts()
    assert (row["contract_verdict"], row["statute_verdict"]) == (contract, statute)
    assert row["overall"] == max(Verdict(contract), Verdict(statute), key=gravity)
    compliant = {"permitted", "excepted"}
    both = {contract, statute}
    assert row["conflict"] == ("violation" in both and bool(both & compliant))


@pytest.mark.parametrize(
    ("pack", "judged", "other"),
    [(CONTRACT, "contract", "statute"), (STATUTE, "statute", "contract")],
)
def test_a_layer_without_a_pack_is_null_throughout(pack: Pack, judged: str, other: str) -> None:
    table = verdict_table(World().judged([pack], {}, {"operation": "use"}))
    parts = ("verdict", "decided_by", "possible", "failing", "nearest")
    assert table.columns == [
        "flow_id",
        *(f"{layer}_{part}" for layer in ("contract", "statute") for part in parts),
        *("overall", "conflict", "inferred", "consents"),
    ]
    assert all(table[f"{other}_{part}"].null_count() == table.height for part in parts)
    assert table["overall"].equals(table[f"{judged}_verdict"])
    assert not table["conflict"].any()


@pytest.mark.parametrize(
    "names",
    [
        ["b", "a", "c"],
        ["b", "a" * 40, "a" * 39, "ab"],
        ["é", "e", "z", "日本", "中"],
        ["12345678", "123456789", "1234567", "12345678 "],
        ["a\0b", "a", "ab"],
        ["FLOW-2025-0002", "FLOW-2025-00010", "FLOW-2025-0001", "FLOW-2025-000"],
        ["F" * 50 + "b", "F" * 50, "F" * 50 + "a"],
        ["流转一", "流转三", "流转二", "流转"],
    ],
)
def test_flows_stand_in_the_byte_order_of_their_ids(names: list[str]) -> None:
    told = World().judged([CONTRACT], *({"flow_id": name} for name in names))
    mixed = told.verdicts.reverse()
    table = verdict_table(type(told)(Held(mixed), *(getattr(told, name) for name in OTHERS)))
    assert table["flow_id"].to_list() == sorted(names, key=str.encode)


OTHERS = ("outcomes", "units", "tallies", "met")


def test_flows_are_counted_by_verdict_in_each_layer_judged() -> None:
    flows = [{"operation": operation} for operation in ("use", "use", "share", "store")]
    told = World().judged([CONTRACT], *flows)
    assert verdict_counts(told) == {
        Layer.CONTRACT: {
            Verdict.PERMITTED: 2,
            Verdict.EXCEPTED: 1,
            Verdict.INDETERMINATE: 0,
            Verdict.VIOLATION: 1,
        }
    }


def test_subjects_of_a_group_of_tallies_are_counted_once() -> None:
    flows = [
        {"operation": operation, "subject_id": subject}
        for operation, subjects in {"share": "ABC", "store": "BCD", "use": "AX*"}.items()
        for subject in subjects
    ]
    told = World().judged([CONTRACT], *flows)
    tallies = dict(told.tallies.select("operation", "tally").iter_rows())
    groups = {"all": tallies.values(), "two": [tallies["share"], tallies["store"]]}
    groups |= {"one": [tallies["use"]], "the two again": groups["two"]}
    rows = [(group, tally) for group, members in groups.items() for tally in members]
    schema = {"group": pl.String, "tally": pl.UInt32}
    found = count_subjects(pl.DataFrame(rows, schema=schema, orient="row"), told)
    assert {group: told for group, *told in found.iter_rows()} == {
        "all": [5, True],
        "two": [4, False],
        "one": [2, True],
        "the two again": [4, False],
    }
