"""An explanation says, flow by flow and clause by clause, what the reference interpreter finds."""

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import polars as pl
import pytest

from audit.clauses.clause import Verdict
from audit.clauses.compiling import compile_packs
from audit.clauses.reading import load_packs
from audit.evaluation.explaining import CategorySaid, Explanation, explain
from audit.facts.compiling import compile_registers
from audit.problems import UsageRefused
from audit.records.checking import check_registers, flow_batches
from audit.running import explained
from audit.sources.opening import open_export
from audit.vocabulary import Truth, load_vocabulary
from tests import generate, reference
from tests.asking import ALLOW, BASE, World, clause, flow_frame, pack_saying
from tests.engine import by_reference
from tests.exporting import Export, exported
from tests.properties.crowded import Crowd

VOCABULARY = generate.shipped_vocabulary()
PACK = generate.shipped_pack("telecom_agreement")
# F2 is repeated by a row that is rejected for its time, too.
REFUSED = (("F0", "flow-repeated"), ("F2", "flow-repeated"), ("F404", "flow-unknown"))
CLAIMS = ["consent", *(entry["id"] for entry in PACK["clause"])]


@cache
def both() -> list[tuple[Explanation, reference.Case]]:
    """Random flows as the engine explains them, and as the reference sees them."""
    tables = generate.tables(Random(4), 130, PACK, VOCABULARY, losses=True)
    world = reference.read_world(tables, [PACK], VOCABULARY)
    with exported(tables, [PACK], Export()) as (_, request):
        packs, export = load_packs(request.packs), open_export(request.export, None)
        records = check_registers(export, load_vocabulary())
        flows = pl.concat([batch.frame for batch in flow_batches(export, load_vocabulary())])
    program = compile_packs(packs, load_vocabulary())
    compiled = compile_registers(records, program, load_vocabulary(), export.complete)
    return [
        (explain(flow, compiled, records), reference.Case(world.flows[flow["flow_id"][0]], world))
        for flow in flows.iter_slices(1)
    ]


def units() -> Iterator[tuple[CategorySaid, reference.Unit]]:
    """Each category of each flow, explained and as the reference sees it."""
    pack = reference.read_pack(PACK)
    for explanation, case in both():
        (layer,) = explanation.layers
        for said in layer.categories:
            yield said, reference.judge_unit(case, pack, said.category)


def test_there_is_much_to_explain() -> None:
    verdicts = [said.verdict for said, _ in units()]
    assert len(verdicts) > 150
    assert set(verdicts) == set(Verdict)


def test_the_verdict_is_the_one_of_the_run() -> None:
    pack = reference.read_pack(PACK)
    for explanation, case in both():
        said = by_reference(reference.judge_flow(case, [pack])).layers["contract"]
        (layer,) = explanation.layers
        assert layer.verdict == said.verdict
        for category in layer.categories:
            for name in ("verdict", "decided_by", "possible", "nearest", "lacking", "unknown"):
                told = getattr(category, name)
                assert told == getattr(said.categories[category.category], name)


def test_every_condition_has_the_value_that_the_reference_gives_it() -> None:
    for said, unit in units():
        for told in said.clauses:
            lines = {asked.condition.spelling: int(asked.truth) for asked in told.asked}
            assert lines == dict(unit.lines[told.clause.id])
            assert told.met == min(lines.values())


def test_every_clause_is_in_force_as_the_reference_has_it_and_says_what_beats_it() -> None:
    pack = reference.read_pack(PACK)
    for said, unit in units():
        assert [told.clause.id for told in said.clauses] == CLAIMS[1:]  # in the pack's own order
        for told in said.clauses:
            assert int(told.in_force) == unit.force[told.clause.id]
            attackers = pack.attackers[told.clause.id]
            assert set(told.beaten_by) == {one for one in attackers if unit.force[one] > 0}


def test_what_an_indeterminate_category_may_become() -> None:
    for said, unit in units():
        undecided = said.verdict is Verdict.INDETERMINATE
        told = {verdict.value for verdict in said.may_become}
        assert told == ({one.value for one in reference.may_become(unit)} if undecided else set())


USE = clause("a", "permit", {"operation": ["use"]}, "z")
STOP = clause("z", "forbid", {"purpose": ["service"]})


def told(world: World, *packs: Any, **cells: Any) -> Explanation:  # noqa: ANN401
    """The explanation of one flow."""
    return explain(flow_frame(cells), world.compiled(*packs), world.registers())


def test_each_layer_is_explained_with_its_pack_and_worst_verdict() -> None:
    statute = pack_saying(clause("s", "permit", {"consented": True}), layer="statute")
    world = World(consents=[BASE, ALLOW])
    explanation = told(
        world, pack_saying(USE, STOP), statute, data_categories=("usage", "contact.phone")
    )
    contract, law = explanation.layers
    assert (contract.layer, contract.pack, contract.verdict) == (
        "contract",
        "contract",
        "violation",
    )
    assert [said.verdict for said in law.categories] == ["permitted", "violation"]
    assert law.verdict == "violation"
    assert explanation.flow["flow_id"] == "F1"


def test_a_draft_is_not_explained_as_if_it_judged() -> None:
    draft = clause("d", "permit", {"operation": ["share"]}) | {"draft": True}
    (layer,) = told(World(), pack_saying(USE, STOP, draft)).layers
    assert [each.clause.id for each in layer.categories[0].clauses] == ["a", "z"]
    assert layer.verdict == "violation"


def test_a_draft_is_told_apart_with_what_it_would_make_of_the_category() -> None:
    draft = clause("d", "permit", {"operation": ["share"]}) | {"draft": True}
    nothing = clause("e", "forbid", {"channel": ["sms"]}) | {"draft": True}
    (layer,) = told(World(), pack_saying(USE, STOP, draft, nothing)).layers
    one, other = layer.categories[0].drafts
    assert (one.said.clause.id, one.said.in_force) == ("d", Truth.TRUE)
    assert [each.condition.word for each in one.said.asked] == ["operation"]
    assert (other.said.clause.id, other.said.met) == ("e", Truth.UNKNOWN)
    assert other.verdict == layer.verdict


def test_a_flow_that_cannot_be_judged_cannot_be_explained() -> None:
    tables = Crowd(Random(5), CLAIMS).tables(5, 5)
    tables["flows"].append(dict(tables["flows"][0]))
    tables["flows"].append(tables["flows"][2] | {"occurred_at": "some day"})
    with exported(tables, [PACK], Export()) as (_, request):
        assert explained(request, "F1").flow["flow_id"] == "F1"
        for flow_id, code in REFUSED:
            with pytest.raises(UsageRefused) as caught:
                explained(request, flow_id)
            assert [problem.code for problem in caught.value.problems] == [code]
