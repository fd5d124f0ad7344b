"""Duties on the screen: how many in which state, each one in full, and nothing for viewers."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from audit import Language, Role
from audit.records.pseudonyms import KEY_FILE, pseudonym, pseudonym_key
from tests.dutiful import Case, kept, kept_without
from tests.screens.opening import Opening, words

EIGHT = [Case(event_id=f"EV-{n}", subject=f"S-{n:04}", day=n) for n in range(1, 9)]
CASES = [
    *EIGHT,
    *(
        replace(each, state="fulfilled", duty="tell-first", done_by="evidence:E-1")
        for each in EIGHT
    ),
    Case(event_id="EV-20", subject="S-0020", day=20, done_by="flow:F-0710"),
    Case("assess", "undetermined", "F-0301", None, "PTR-CALL", flows=12),
    Case("tell-first", "fulfilment_unknown", "F-0703", "S-0021"),
    Case("tell-first", "pending", "F-0704", "*"),
]


@pytest.fixture(scope="module")
def dutiful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = tmp_path_factory.mktemp("runs")
    kept(runs, CASES)
    return runs


@pytest.fixture
def duties(dutiful: Path) -> Opening:
    return Opening(dutiful)


def metrics(app: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in app.metric}


def table(app: AppTest) -> list[dict[str, object]]:
    """The single duties; the first table counts them."""
    return app.dataframe[1].value.to_dict("records")  # type: ignore[no-any-return]


def case(duty: str, event_id: str, party: str = "BUR-CREDIT") -> str:
    return f"statute|{duty}|{event_id}|{party}"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [(Language.zh, "没有规定需要按期履行的义务"), (Language.en, "impose no duty with a date")],
)
def test_it_says_where_no_pack_of_the_run_has_duties(
    tmp_path: Path, language: Language, sentence: str
) -> None:
    kept_without(tmp_path / "runs")
    shown = words(Opening(tmp_path / "runs", language=language).screen("duties"))
    assert sentence in shown
    assert "dutiful" in shown


def test_without_a_run_it_says_how_to_get_one(nothing_yet: Opening) -> None:
    assert "No run has been left here yet" in words(nothing_yet.screen("duties"))


@pytest.mark.parametrize(
    ("language", "breached", "as_of"),
    [(Language.zh, "✕ 逾期未履行", "截至 2025-11-01 00:00"), (Language.en, "✕ breached", "As of")],
)
def test_it_counts_the_states_as_of_an_instant(
    duties: Opening, language: Language, breached: str, as_of: str
) -> None:
    app = replace(duties, language=language).screen("duties")
    assert metrics(app)[breached] == "9"
    assert as_of in words(app)
    counted = {row["duty"]: row for row in app.dataframe[0].value.to_dict("records")}
    assert counted["correct · 25"]["breached"] == 9
    assert counted["tell-first · 15"]["fulfilled"] == 8


def test_the_single_ones_are_in_words(duties: Opening) -> None:
    rows = table(duties.screen("duties"))
    assert len(rows) == len(CASES)
    (late,) = [row for row in rows if row["raised"] == "evidence EV-20 ends"]
    assert (late["state"], late["done_by"]) == ("✕ done, but late", "flow F-0710")
    (everybody,) = [row for row in rows if row["raised"] == "flow F-0704"]
    assert everybody["subject"] == "all customers"


def test_a_link_asks_for_a_duty_a_state_and_a_party(duties: Opening) -> None:
    app = duties.screen("duties", duty="tell-first", state="fulfilled,pending")
    assert len(table(app)) == 9
    assert [each.value for each in app.multiselect] == [
        ["tell-first"],
        ["fulfilled", "pending"],
        [],
    ]
    assert len(table(duties.screen("duties", party="PTR-CALL"))) == 1


def test_a_choice_is_written_into_the_address(duties: Opening) -> None:
    app = duties.screen("duties")
    app = app.multiselect[1].set_value(["breached"]).run()
    assert app.query_params["state"] in ("breached", ["breached"])
    assert len(table(app)) == 9


def test_a_link_to_what_the_run_lacks_says_so(duties: Opening) -> None:
    shown = words(duties.screen("duties", duty="no-such", state="strange"))
    assert "no-such" in shown
    assert "strange" in shown
    assert "No duty answers the filter" in shown


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        (
            case("correct", "EV-1"),
            (
                "Raised by: evidence EV-1 ends",
                "Towards: 同衡征信有限公司 · BUR-CREDIT",
                "Due: 2025-03-22 10:00",
                "within 20 days: the first is not counted",
                "What fulfils it: a flow to that party with the purpose",
                "Missing: by 2025-11-01 00:00 nothing on record fulfils it",
                "Counted from the day after payment",
            ),
        ),
        (case("correct", "EV-20"), ("Done, but after its time: flow F-0710",)),
        (case("tell-first", "EV-1"), ("Done in time: evidence E-1", "Due: before 2025-03-02")),
        (case("tell-first", "F-0703"), ("not complete enough to say that it was not",)),
        (case("tell-first", "F-0704"), ("Its time is not over yet", "concerns all customers")),
        (
            case("assess", "F-0301", "PTR-CALL"),
            ("cannot be told whether it arose", "sender, recipient and purpose: 12"),
        ),
        (case("assess", "F-9999"), ("this run knows no such duty",)),
    ],
)
def test_one_is_told_in_full_by_its_link(
    duties: Opening, identity: str, told: tuple[str, ...]
) -> None:
    shown = words(duties.screen("duties", case=identity))
    for each in told:
        assert each in shown


def test_a_viewer_reads_totals_and_no_single_one(duties: Opening) -> None:
    app = replace(duties, role=Role.viewer).screen("duties", case=case("correct", "EV-1"))
    shown = words(app)
    assert "Your role sees totals only" in shown
    assert len(app.dataframe) == 1
    assert not app.multiselect
    assert "EV-1" not in shown
    assert metrics(app)["✕ breached"] == "9"
    assert metrics(app)["? fulfilment unknown"] == "too few people to tell"


@pytest.mark.parametrize(
    ("language", "line"),
    [(Language.zh, "义务（截至 2025-11-01 00:00）：逾期未履行 9 项"), (Language.en, "9 breached")],
)
def test_the_overview_has_a_line_on_them(duties: Opening, language: Language, line: str) -> None:
    assert line in words(replace(duties, language=language).screen("overview"))


def test_violations_tell_what_was_missed_and_lead_to_the_cases(duties: Opening) -> None:
    app = duties.screen("violations", clause="correct")
    found = app.dataframe[0].value.to_dict("records")
    assert {row["verdict"] for row in found} == {"duty not done in time", "duty done late"}
    (missed,) = [row for row in found if row["verdict"] == "duty not done in time"]
    shown = words(duties.screen("violations", finding=missed["fingerprint"]))
    assert "paid but not corrected (25 [correct])" in shown
    assert "8 people" in shown


def test_a_person_is_told_what_is_owed_to_them(duties: Opening) -> None:
    mine = pseudonym(pseudonym_key(duties.runs / KEY_FILE), "S-0001")
    shown = words(duties.screen("person", person=mine))
    assert "Duties towards this person" in shown
    assert "evidence EV-1 ends" in shown
    assert "EV-2 " not in shown
