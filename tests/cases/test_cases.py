"""Every case of every case file, judged by the reference interpreter and by the engine."""

from typing import Any

import pytest

from tests.cases import by_engine, by_reference
from tests.cases.casefile import BOOKS, Case, all_cases
from tests.cases.situations import DISPUTED
from tests.engine import Said
from tests.engine import by_reference as in_the_same_words
from tests.reference import FALSE, TRUE, UNKNOWN

CASES = [case for book in BOOKS for case in all_cases(book)]
SHOWN = [case for case in CASES if case.fails or case.unknown]


def told(said: Said, layer_name: str) -> dict[str, Any]:
    """What a case can expect, as the case files write it."""
    layer = said.layers[layer_name]
    return {
        "verdict": layer.verdict,
        "decided_by": list(layer.decided_by),
        "possible": list(layer.possible),
        "failing": list(layer.failing),
        "nearest": list(layer.nearest),
        "inferred": said.inferred or "",
        "consents": list(said.consents),
    }


def expected_of(case: Case, said: Said) -> dict[str, Any]:
    """What was said, as far as the case expects anything."""
    fields = told(said, case.book.layer)
    return {field: value for field, value in fields.items() if field in case.expected}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_reference_and_engine_say_what_the_case_expects_and_in_all_else_the_same(
    case: Case,
) -> None:
    wanted, said = in_the_same_words(by_reference.verdict(case)), by_engine.verdict(case)
    assert expected_of(case, wanted) == case.expected, "so says the reference"
    assert expected_of(case, said) == case.expected, "so says the engine"
    assert said == wanted


@pytest.mark.parametrize("case", SHOWN, ids=str)
def test_the_condition_that_a_case_is_about_is_the_only_one_not_met(case: Case) -> None:
    shown = {case.fails: FALSE, case.unknown: UNKNOWN}
    unmet = [
        {word: value for word, value in line.items() if value is not TRUE and word != DISPUTED}
        for line in by_reference.lines(case, case.clause_id)
    ]
    assert {word: value for word, value in shown.items() if word} in unmet
