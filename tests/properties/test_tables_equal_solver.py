"""Tables and the solver, which share no code but the question, answer every question alike."""

from collections.abc import Iterator
from random import Random

import pytest

from audit.analysing.analysis import _space
from audit.analysing.answering import By, answering
from audit.analysing.formulas import (
    NO,
    PERHAPS,
    YES,
    All,
    Differ,
    Fails,
    Formula,
    Question,
    Rules,
    Ruling,
    Stands,
    applies,
)
from audit.analysing.space import Space
from audit.analysing.tables import Tables
from audit.analysing.widening import widened
from audit.clauses.clause import Verdict
from audit.clauses.reading import pack_of
from audit.vocabulary import Truth
from tests import generate

SEEDS = range(6)
UNKNOWN = frozenset({Truth.UNKNOWN})
WIDENED = 0.03  # of the answers, for each of which both widen a world


def questions(space: Space) -> Iterator[Formula]:
    """Every question that the lint and the comparison put, of every clause and pair of clauses."""
    for pack, program in enumerate(space.program.packs):
        ruling, places = Ruling(pack), range(len(program.ids))
        for clause in places:
            without = Ruling(pack, frozenset({clause}))
            yield applies(space, pack, clause, YES)
            yield from (Stands(ruling, clause, values) for values in (YES, NO, UNKNOWN))
            yield All((applies(space, pack, clause, PERHAPS), Differ(ruling, without)))
            for other in places:
                yield All((Stands(ruling, clause, YES), Stands(ruling, other, YES)))
                yield All((applies(space, pack, clause, YES), applies(space, pack, other, NO)))
        yield Fails(Rules(ruling, frozenset({Verdict.VIOLATION, Verdict.INDETERMINATE})))
    if len(space.program.packs) > 1:
        for before in Verdict:
            for after in Verdict:
                old, new = (
                    Rules(Ruling(0), frozenset({before})),
                    Rules(Ruling(1), frozenset({after})),
                )
                yield All((old, new))


def changed(rng: Random, document: dict[str, object]) -> dict[str, object]:
    """The pack with a condition less here and there, and another version."""
    clauses = [dict(clause) for clause in document["clause"]]  # type: ignore[attr-defined]
    for clause in rng.sample(clauses, 2):
        if len(clause["when"]) > 1:
            gone = rng.choice(sorted(clause["when"]))
            clause["when"] = {word: it for word, it in clause["when"].items() if word != gone}
            clause.pop("supplement", None)
    return {**document, "clause": clauses}


@pytest.mark.parametrize("seed", SEEDS)
def test_both_give_the_same_answers_and_the_same_boxes(seed: int) -> None:
    rng = Random(seed)
    document = generate.pack(rng, generate.shipped_vocabulary())
    versions = [document, *([changed(rng, document)] if seed % 2 else [])]
    space = _space(tuple(pack_of(each, "random") for each in versions), None)
    tables, solver = Tables(space), answering(space, By.smt)
    answers = set()
    for formula in questions(space):
        question = Question(formula, space.whole)
        world, theirs = tables.find(question), solver.find(question)
        assert (world is None) == (theirs is None), formula
        answers.add(world is None)
        if world is not None and theirs is not None and rng.random() < WIDENED:
            for each in (world, theirs):
                assert widened(tables, formula, each) == widened(solver, formula, each)
    assert answers == {True, False}, "a test that knows one answer only proves nothing"


@pytest.mark.parametrize("seed", SEEDS)
def test_no_world_of_a_box_belies_what_it_shows_and_no_wider_box_does_not(seed: int) -> None:
    rng = Random(seed)
    space = _space((pack_of(generate.pack(rng, generate.shipped_vocabulary()), "random"),), None)
    tables, solver = Tables(space), answering(space, By.smt)
    ruling = Ruling(0)
    for clause in range(len(space.program.packs[0].ids)):
        formula = Stands(ruling, clause, YES)
        world = tables.find(Question(formula, space.whole))
        if world is None:
            continue
        box = widened(tables, formula, world).box
        assert solver.find(Question(Fails(formula), box)) is None
        for variable, allowed in enumerate(box):
            if allowed != space.whole[variable]:
                wider = (*box[:variable], space.whole[variable], *box[variable + 1 :])
                assert solver.find(Question(Fails(formula), wider)) is not None


def test_packs_are_analysed_alike_from_end_to_end() -> None:
    from audit.analysing.analysis import lint
    from tests.exporting import pack_files

    for seed in range(2):
        document = generate.pack(Random(100 + seed), generate.shipped_vocabulary())
        (name,) = pack_files([document])
        told = [
            [(answer.kind, answer.clauses) for answer in lint(name, by).answers]
            for by in (By.tables, By.smt)
        ]
        assert told[0] == told[1]
