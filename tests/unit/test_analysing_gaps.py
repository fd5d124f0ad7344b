"""Combinations of which no clause speaks, as few wide boxes that hold all of them and no other."""

from itertools import product
from pathlib import Path
from random import Random

import numpy as np
import pytest

from audit.analysing.analysis import _space, lint
from audit.analysing.answering import By, answering
from audit.analysing.formulas import All, Question
from audit.analysing.gaps import Gaps, spoken_of
from audit.analysing.linting import Kind
from audit.analysing.tables import Tables
from audit.analysing.telling import shown
from audit.clauses.clause import NO_GROUND
from audit.clauses.reading import load_pack, pack_of
from tests import generate
from tests.analysing import clause, kept, pack


def test_what_no_clause_names_is_one_gap_told_by_the_widest_codes(tmp_path: Path) -> None:
    purposes = {"purpose": ["service"], "operation": ["share", "use"]}
    name = kept(tmp_path, pack(clause("a", "permit", purposes)))
    found = lint(name, By.tables)
    gaps = [answer for answer in found.answers if answer.kind is Kind.GAP]
    boxes = [
        {fact.name: (fact.but, fact.may_be) for fact in shown(found)[id(gap.witnesses[0])].facts}
        for gap in gaps
    ]
    assert {"purpose": (True, ("service",))} in boxes
    assert {"operation": (True, ("use", "share"))} in boxes
    assert len(boxes) == 2
    assert all(found.confirmed)
    for witness in found.witnesses:
        assert shown(found)[id(witness)].said[0].standing == (NO_GROUND,)


def test_a_consent_to_anything_speaks_of_nothing(tmp_path: Path) -> None:
    clauses = (
        clause("a", "permit", {"operation": ["use"]}),
        clause("c", "permit", {"consented": True}),
    )
    found = lint(kept(tmp_path, pack(*clauses)), By.tables)
    assert [answer.kind for answer in found.answers if answer.kind is Kind.GAP] == [Kind.GAP]


@pytest.mark.parametrize("seed", range(4))
def test_the_solver_finds_nothing_to_speak_of_a_gap_and_something_of_all_else(seed: int) -> None:
    document = generate.pack(Random(seed), generate.shipped_vocabulary())
    space = _space((pack_of(document, "random"),), None)
    gaps = Gaps(Tables(space))
    boxes, left = gaps.found()
    solver, speaks = answering(space, By.smt), spoken_of(space)
    for box in boxes:
        assert solver.find(Question(speaks, box)) is None
    cells = list(product(*(range(len(space.variables[axis].classes)) for axis in gaps.axes)))
    inside = np.array([any(_holds(gaps, box, cell) for box in boxes) for cell in cells])
    assert left == 0
    for place in Random(seed).sample(range(len(cells)), min(60, len(cells))):
        chosen = dict(zip(gaps.axes, cells[place], strict=True))
        box = tuple(
            frozenset({chosen[variable]}) if variable in chosen else whole
            for variable, whole in enumerate(space.whole)
        )
        assert (solver.find(Question(All((speaks,)), box)) is None) == inside[place]


def _holds(gaps: Gaps, box: tuple[frozenset[int], ...], cell: tuple[int, ...]) -> bool:
    return all(place in box[axis] for axis, place in zip(gaps.axes, cell, strict=True))


def test_the_agreement_has_gaps_that_are_told_in_full() -> None:
    gaps = Gaps(Tables(_space((load_pack("telecom_agreement"),), None)))
    boxes, left = gaps.found()
    assert boxes
    assert left == 0
