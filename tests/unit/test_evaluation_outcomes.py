"""The distinct outcomes of a run: numbered by what they say, folded from their categories."""

import polars as pl
import pytest

from audit.evaluation.folding import outcomes_of
from audit.evaluation.judgement import UNITS
from audit.evaluation.spread import Spread
from audit.vocabulary import load_vocabulary
from tests.asking import ALLOW, PROOF, Rows, World, clause, pack_saying

UNIT = {
    "outcome": 0,
    "layer": "contract",
    "data_category": "a",
    "verdict": "permitted",
    "decided_by": [],
    "possible": [],
    "nearest": None,
    "lacking": [],
    "unknown": [],
}


def outcome(*units: dict[str, object]) -> dict[str, object]:
    """What is said of a flow of which these are the categories."""
    rows = [{**UNIT, "data_category": chr(97 + n), **unit} for n, unit in enumerate(units)]
    (told,) = outcomes_of(Spread.of(pl.DataFrame(rows, schema=UNITS))).to_dicts()
    return {
        name: told[name] for name in ("verdict", "decided_by", "possible", "failing", "nearest")
    }


def test_the_gravest_categories_speak_for_the_flow() -> None:
    assert outcome(
        {"verdict": "permitted", "decided_by": ["1"], "possible": ["9"]},
        {"verdict": "violation", "decided_by": ["3", "2"], "possible": ["8"], "nearest": "7"},
        {"verdict": "indeterminate", "possible": ["6"]},
        {"verdict": "violation", "decided_by": ["2"], "possible": ["5"], "nearest": "4"},
    ) == {
        "verdict": "violation",
        "decided_by": ["2", "3"],
        "possible": ["5", "8"],
        "failing": ["b", "d"],
        "nearest": ["7", "4"],  # in the order of `failing`
    }


@pytest.mark.parametrize("verdict", ["permitted", "excepted"])
def test_nothing_fails_where_all_is_well(verdict: str) -> None:
    told = outcome({"verdict": verdict, "decided_by": ["1"]}, {"decided_by": ["2"]})
    assert (told["failing"], told["nearest"]) == ([], [])
    assert told["decided_by"] == (["1", "2"] if verdict == "permitted" else ["1"])


def test_what_is_indeterminate_fails_without_a_nearest_miss() -> None:
    told = outcome({"verdict": "indeterminate", "possible": ["x"]}, {})
    assert (told["failing"], told["nearest"], told["decided_by"]) == (["a"], [], [])


def test_consent_by_a_supplement_for_one_category_is_told_so_for_the_flow() -> None:
    told = outcome({"decided_by": ["consent"]}, {"decided_by": ["consent (supplement)", "x"]})
    assert told["decided_by"] == ["consent (supplement)", "x"]


USE = clause("a", "permit", {"operation": ["use"]})
PROVEN = clause("b", "permit", {"evidence": "arrears"})


def test_flows_of_which_the_same_is_told_have_one_outcome() -> None:
    # A permit in force beside the forbid that decides is not told: it makes no outcome of its own.
    quiet = clause("q", "permit", {"channel": ["sms"]})
    stop = clause("z", "forbid", {"operation": ["share"]})
    near = clause("n", "permit", {"operation": ["share"], "claimed": True})
    told = World().judged(
        [pack_saying(quiet, stop, near)],
        {"basis": "n", "channel": "sms"},
        {"basis": "n", "channel": "hall"},
    )
    assert told.outcomes["verdict"].to_list() == ["violation"]
    assert told.verdicts["outcome"].to_list() == [0, 0]
    assert told.units.height == 1


def test_numbers_do_not_depend_on_which_flow_came_first() -> None:
    flows: Rows = [
        {"flow_id": "1", "operation": "use"},
        {"flow_id": "2", "operation": "share"},
        {"flow_id": "3", "operation": "my operation"},
        {"flow_id": "4", "operation": "use", "data_categories": ("usage", "billing")},
    ]
    world = World(consents=[ALLOW], evidence=[{**PROOF, "amount": 3.0}])
    packs = [pack_saying(USE, PROVEN)]
    first, *others = (
        world.judged(packs, *order, rows=rows)
        for order in (flows, flows[::-1], [*flows[2:], *flows[:2]])
        for rows in (1, 2, 9)
    )
    for other in others:
        for name in ("verdicts", "outcomes", "units", "tallies", "tally_subjects"):
            assert getattr(other, name).equals(getattr(first, name))


def test_more_kinds_of_evidence_than_a_word_has_bits_can_be_asked() -> None:
    kinds = [f"kind_{number:03}" for number in range(70)]
    clauses = [clause(kind.replace("_", "-"), "permit", {"evidence": kind}) for kind in kinds]
    pack = pack_saying(*clauses, evidence_kind=[{"code": kind} for kind in kinds])
    rows = [
        {**PROOF, "evidence_id": f"E{number:03}", "kind": kind} for number, kind in enumerate(kinds)
    ]
    told = World(evidence=rows[::-1]).judged([pack], {})
    assert told.verdicts["inferred"].to_list() == ["E000"]
    assert told.outcomes["decided_by"].to_list() == [[each["id"] for each in clauses]]
    late = World(evidence=rows[-1:]).judged([pack], {"evidence_id": "E404"})
    assert late.verdicts["inferred"].to_list() == ["E069"]


def test_categories_that_are_not_mapped_keep_their_names() -> None:
    told = World().judged([pack_saying(USE)], {"data_categories": ("zebra", "contact", "apple")})
    assert told.units["data_category"].to_list() == ["apple", "contact", "zebra"]
    assert "zebra" not in load_vocabulary().categories
