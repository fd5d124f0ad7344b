"""An explanation tells, per layer and category, what decided and what was asked and found."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from audit.clauses.clause import Clause, Layer, Verdict
from audit.clauses.reading import load_pack
from audit.cli.explanation import explanation_page
from audit.cli.page import Line, Tone
from audit.cli.screen import plain
from audit.evaluation.explaining import Asked, CategorySaid, ClauseSaid, Explanation, LayerSaid
from audit.vocabulary import Truth
from audit.wording import Language

PACK = load_pack("telecom_agreement")
ARREARS = PACK.by_id["3-2-9.1"]
BILLING = PACK.by_id["6-2"]
FLOW: dict[str, object] = {
    "flow_id": "F-1",
    "sender": "CAR",
    "data_categories": ["billing.arrears"],
    "basis": None,
}


def said(clause: Clause, in_force: Truth, *, beaten_by: tuple[str, ...] = ()) -> ClauseSaid:
    """The clause, all of whose conditions have this value; one that is beaten is met."""
    met = Truth.TRUE if beaten_by else in_force
    asked = tuple(Asked(line, f"found {line.word}", met) for line in clause.when)
    return ClauseSaid(clause, asked, met, in_force, beaten_by)


def page(category: CategorySaid, language: Language = Language.en) -> list[str]:
    layer = LayerSaid(Layer.CONTRACT, "telecom_agreement", category.verdict, (category,))
    blocks = explanation_page(Explanation(FLOW, (layer,)), UTC, language)
    return [line for block in blocks for line in plain(block)]


def category(verdict: Verdict, *clauses: ClauseSaid, **told: tuple[str, ...]) -> CategorySaid:
    nothing: dict[str, tuple[str, ...]] = {"decided_by": (), "possible": (), "lacking": ()}
    rest = {"unknown": (), "may_become": (), **nothing, **told}
    return CategorySaid(
        category="billing.arrears",
        verdict=verdict,
        decided_by=rest["decided_by"],
        possible=rest["possible"],
        nearest="3-2-9.1" if verdict is Verdict.VIOLATION else None,
        lacking=rest["lacking"],
        unknown=rest["unknown"],
        may_become=tuple(map(Verdict, rest["may_become"])),
        clauses=clauses,
    )


def test_the_flow_stands_first_without_its_empty_cells() -> None:
    told = page(category(Verdict.EXCEPTED, decided_by=("3-2-9.1",)))
    assert told[1] == "Flow F-1"
    assert "  data_categories  billing.arrears" in told
    assert not [line for line in told if "basis" in line]


def test_what_decided_is_named_and_its_conditions_are_told() -> None:
    told = page(category(Verdict.EXCEPTED, said(ARREARS, Truth.TRUE), decided_by=("3-2-9.1",)))
    assert "Layer agreement (telecom_agreement): excepted" in told
    assert "  decided by 3-2-9.1" in told
    assert "  3-2-9.1 (Article 3(2)9(1), excepts): conditions true, in force true" in told
    assert [line for line in told if "the evidence: " in line and line.endswith("found evidence")]
    assert all(line.startswith("    true: ") for line in told if "; found " in line)


def test_a_violation_names_what_the_nearest_clause_lacks() -> None:
    told = page(
        category(
            Verdict.VIOLATION,
            said(ARREARS, Truth.FALSE),
            said(BILLING, Truth.FALSE),
            decided_by=("no-ground",),
            lacking=("evidence arrears", "purpose"),
        )
    )
    nearest = next(line for line in told if "comes nearest" in line)
    assert "the evidence" in nearest
    assert "(arrears)" in nearest
    assert "the purpose" in nearest
    assert [line for line in told if line.startswith("  6-2 (") and "does not apply" in line]


def test_a_clause_that_is_met_but_beaten_says_by_what() -> None:
    told = page(
        category(
            Verdict.VIOLATION,
            said(ARREARS, Truth.FALSE, beaten_by=("6-1",)),
            decided_by=("6-1",),
        )
    )
    assert "  3-2-9.1 is met, but a clause forbids it" in told
    assert "    overridden by 6-1" in told


def test_an_open_verdict_tells_what_would_decide_and_what_it_may_become() -> None:
    told = page(
        category(
            Verdict.INDETERMINATE,
            said(ARREARS, Truth.UNKNOWN),
            possible=("3-2-9.1", "no-ground"),
            unknown=("evidence arrears",),
            may_become=("violation", "excepted"),
        )
    )
    line = next(line for line in told if "may become" in line)
    assert line.endswith("may become: violation or excepted")
    assert "(arrears)" in line


@pytest.mark.parametrize("verdict", Verdict)
def test_a_category_is_coloured_by_its_verdict(verdict: Verdict) -> None:
    layer = LayerSaid(Layer.CONTRACT, "p", verdict, (category(verdict, decided_by=("x",)),))
    blocks = list(explanation_page(Explanation(FLOW, (layer,)), UTC, Language.zh))
    line = next(
        each for each in blocks if isinstance(each, Line) and "（billing.arrears）" in each.text
    )
    expected = {"violation": Tone.bad, "indeterminate": Tone.doubt}
    assert line.tone is expected.get(verdict, Tone.good)


def test_times_are_told_in_the_zone_of_the_run() -> None:
    flow = FLOW | {"occurred_at": datetime(2025, 1, 1, 20, tzinfo=UTC)}
    zone = timezone(timedelta(hours=8))
    table = list(explanation_page(Explanation(flow, ()), zone, Language.en))[1]
    assert any("2025-01-02T04:00:00+08:00" in line for line in plain(table))
