"""An explanation is told in the same sentences everywhere, and names no person unless asked to."""

from dataclasses import replace

import pytest

from audit.clauses.clause import Condition, Layer, Verdict
from audit.clauses.reading import load_pack
from audit.evaluation.explaining import (
    Asked,
    CategorySaid,
    ClauseSaid,
    DraftSaid,
    Explanation,
    LayerSaid,
)
from audit.evaluation.telling import (
    clause_told,
    draft_told,
    found_told,
    had_a_say,
    open_question,
    overridden,
    reasons,
    set_aside,
    without_subject,
)
from audit.vocabulary import Truth
from audit.wording import Language

ARREARS = load_pack("telecom_agreement").by_id["3-2-9.1"]
FLOW = {"flow_id": "F-1", "subject_id": "S-1"}


def clause(met: Truth, in_force: Truth, *, beaten_by: tuple[str, ...] = ()) -> ClauseSaid:
    asked = tuple(Asked(line, "S-1", met) for line in ARREARS.when)
    return ClauseSaid(ARREARS, asked, met, in_force, beaten_by)


def category(verdict: Verdict, **told: tuple[str, ...]) -> CategorySaid:
    return CategorySaid(
        category="billing.arrears",
        verdict=verdict,
        decided_by=told.get("decided_by", ()),
        possible=told.get("possible", ()),
        nearest=None if verdict is Verdict.INDETERMINATE else "3-2-9.1",
        lacking=told.get("lacking", ()),
        unknown=told.get("unknown", ()),
        may_become=tuple(map(Verdict, told.get("may_become", ()))),
        clauses=(clause(Truth.FALSE, Truth.FALSE),),
    )


def test_a_violation_names_what_decided_and_what_the_nearest_clause_lacks() -> None:
    said = category(Verdict.VIOLATION, decided_by=("no-ground",), lacking=("evidence arrears",))
    decided, nearest = reasons(said, Language.en)
    assert decided == "decided by no-ground"
    assert nearest.startswith("3-2-9.1 comes nearest")
    assert nearest.endswith("(arrears)")
    assert open_question(said, Language.en) is None


def test_a_clause_that_lacks_nothing_is_said_to_be_beaten() -> None:
    told = [*reasons(category(Verdict.VIOLATION, decided_by=("6-1",)), Language.en)]
    assert told == ["decided by 6-1", "3-2-9.1 is met, but a clause forbids it"]


def test_an_open_verdict_tells_what_would_decide() -> None:
    said = category(
        Verdict.INDETERMINATE,
        possible=("3-2-9.1", "no-ground"),
        unknown=("evidence arrears",),
        may_become=("violation", "excepted"),
    )
    assert [*reasons(said, Language.en)] == []
    told = open_question(said, Language.en)
    assert told is not None
    assert "3-2-9.1, no-ground" in told
    assert told.endswith("violation or excepted")


def test_a_draft_says_that_it_decides_nothing_and_what_it_would_change() -> None:
    said = category(Verdict.PERMITTED, decided_by=("3-2-9.1",))
    stop = DraftSaid(clause(Truth.TRUE, Truth.TRUE), Verdict.VIOLATION)
    told = draft_told(stop, said, Language.en)
    assert told.startswith("draft 3-2-9.1 (")
    assert told.endswith("it decides nothing; switched on, it would turn permitted into violation")
    same = DraftSaid(clause(Truth.FALSE, Truth.FALSE), Verdict.PERMITTED)
    assert draft_told(same, said, Language.zh).endswith("即使启用，结论仍为许可")
    explained = Explanation(dict(FLOW), (LayerSaid(Layer.CONTRACT, "p", said.verdict, (said,)),))
    masked = without_subject(replace_drafts(explained, stop))
    (draft,) = masked.layers[0].categories[0].drafts
    assert {each.found for each in draft.said.asked} == {"…"}


def replace_drafts(explained: Explanation, draft: DraftSaid) -> Explanation:
    """The explanation with this draft beside its one category."""
    (layer,) = explained.layers
    said = replace(layer.categories[0], drafts=(draft,))
    return replace(explained, layers=(replace(layer, categories=(said,)),))


def test_a_clause_had_a_say_if_it_is_not_false_or_came_nearest() -> None:
    nearest = category(Verdict.VIOLATION)
    other = category(Verdict.INDETERMINATE)
    assert had_a_say(nearest, clause(Truth.FALSE, Truth.FALSE))
    assert not had_a_say(other, clause(Truth.FALSE, Truth.FALSE))
    assert had_a_say(other, clause(Truth.UNKNOWN, Truth.UNKNOWN))


def test_a_clause_is_told_with_its_place_and_what_overrides_it() -> None:
    said = clause(Truth.TRUE, Truth.FALSE, beaten_by=("6-1", "6-2"))
    assert clause_told(said, Language.en) == (
        "3-2-9.1 (Article 3(2)9(1), excepts): conditions true, in force false"
    )
    assert overridden(said, Language.en) == "overridden by 6-1, 6-2"
    assert overridden(clause(Truth.TRUE, Truth.TRUE), Language.en) is None


def test_a_clause_set_aside_names_every_condition_that_does_not_hold() -> None:
    told = set_aside(clause(Truth.FALSE, Truth.FALSE), Language.en)
    assert "does not apply" in told
    assert "the sender's role" in told
    assert "(arrears)" in told


@pytest.mark.parametrize("language", Language)
def test_a_subject_is_withheld_wherever_it_was_found(language: Language) -> None:
    said = category(Verdict.EXCEPTED)
    layer = LayerSaid(Layer.CONTRACT, "p", Verdict.EXCEPTED, (said,))
    told = without_subject(Explanation(dict(FLOW), (layer,)))
    assert "S-1" not in repr(told)
    assert told.flow["flow_id"] == "F-1"
    assert [*reasons(said, language)] == [*reasons(told.layers[0].categories[0], language)]


def test_the_whole_base_is_nobody_and_is_shown() -> None:
    everybody = Explanation(FLOW | {"subject_id": "*"}, ())
    assert without_subject(everybody) is everybody


@pytest.mark.parametrize(
    ("word", "found", "told"),
    [
        ("purpose", "service.identity_verify", "身份核验（service.identity_verify）"),
        ("purpose_not", "no.such", "no.such"),
        ("channel", "-", "-"),
        ("recipient_role_not", "P: 1: carrier", "P: 1: 乙方/运营商（carrier）"),
        ("recipient_role", "PTR: -", "PTR: -"),
        (
            "within_recipient_scope",
            "PTR: service; no.such",
            "PTR: 提供与履行服务（service）; no.such",
        ),
        ("claimed", "1-1", "1-1"),
        ("evidence", "E1 arrears [-, …)", "E1 欠费凭证（arrears） [-, …)"),
        (
            "evidence",
            "E 1 statute [-, …) 12 GOV; E2 no.such [-, …); E3 ?",
            "E 1 法律法规依据（statute） [-, …) 12 GOV; E2 no.such [-, …); E3 ?",
        ),
    ],
)
def test_codes_that_were_found_are_told_with_their_labels(word: str, found: str, told: str) -> None:
    asked = Asked(Condition(word, ()), found, Truth.TRUE)
    assert found_told(asked, Language.zh) == told
