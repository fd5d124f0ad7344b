"""Findings of duties: one per duty, party and way of missing it, told without a number."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.evaluation.duty_rows import DutyRows
from audit.findings.finding import FINDINGS
from audit.findings.missed import MISSED, missed_duties, verdict_findings, with_missed
from audit.wording import Language
from tests.dutiful import DAWN, Case, background, table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def found(folder: Path, *cases: Case) -> list[dict[str, Any]]:
    """The findings of these duties alone."""
    none = FINDINGS.to_frame()
    return with_missed(none, DutyRows(table(cases)), background(folder), Language.en).to_dicts()


def people(state: str, count: int, done_by: str | None = None) -> list[Case]:
    """So many people of a duty in this state."""
    told = Case(state=state, done_by=done_by)
    return [replace(told, event_id=f"EV-{n}", subject=f"S-{n}", day=n) for n in range(count)]


def test_what_was_missed_is_told_with_the_party_and_what_is_missing(folder: Path) -> None:
    (finding,) = found(folder, *people("breached", 12))
    assert finding["cause_zh"] == (
        "同衡征信有限公司（BUR-CREDIT）：付清而未更正（25〔correct〕），期限已过，记录中没有履行"
    )
    assert "paid but not corrected (25 [correct])" in finding["cause_en"]
    assert "a flow that does it" in finding["remedy_en"]
    assert (finding["clause"], finding["recipient"]) == ("correct", "BUR-CREDIT")
    assert (finding["subjects"], finding["flows"], finding["records"]) == (12, 0, 0)
    assert (finding["first_seen"], finding["last_seen"] > DAWN) == (DAWN, True)
    assert finding["examples"] == ["EV-0", "EV-1", "EV-10"]
    assert (finding["verdict"], finding["layer"]) == (None, "statute")


def test_a_sentence_holds_no_number_that_a_viewer_may_not_read(folder: Path) -> None:
    one, many = (found(folder, *people("breached", count))[0] for count in (1, 12))
    for name in ("cause_zh", "cause_en", "remedy_zh", "remedy_en"):
        assert one[name] == many[name]


def test_what_is_done_pending_or_to_come_is_no_finding(folder: Path) -> None:
    cases = [case for state in ("fulfilled", "pending", "not_due") for case in people(state, 3)]
    assert found(folder, *cases) == []


def test_each_way_of_missing_it_is_a_finding_of_its_own(folder: Path) -> None:
    cases = [
        Case(),
        Case(event_id="EV-2", done_by="flow:F-1"),
        Case(event_id="EV-3", state="fulfilment_unknown"),
        Case(event_id="EV-4", state="undetermined"),
        Case(event_id="EV-5", party="BUR-OTHER"),
        Case("tell-first", event_id="F-1"),
    ]
    told = found(folder, *cases)
    assert len({each["fingerprint"] for each in told}) == len(cases)
    assert {each["cause_code"] for each in told} == set(MISSED)


def test_what_comes_first_cannot_be_made_up(folder: Path) -> None:
    (finding,) = found(folder, Case("tell-first", event_id="F-1"))
    assert "nothing on record came before it" in finding["cause_en"]
    assert "cannot be made up" in finding["remedy_en"]
    assert "无法补办" in finding["remedy_zh"]
    assert finding["flows"] == 1


def test_the_name_of_a_finding_stands_whoever_and_however_many_it_befalls(folder: Path) -> None:
    (one,) = found(folder, Case())
    (more,) = found(folder, *people("breached", 7))
    assert one["fingerprint"] == more["fingerprint"]


@pytest.mark.parametrize(
    ("state", "done_by", "few", "many"),
    [
        ("breached", None, "high", "critical"),
        ("breached", "flow:F", "medium", "high"),
        ("fulfilment_unknown", None, "low", "medium"),
        ("undetermined", None, "low", "medium"),
    ],
)
def test_how_grave_it_is(
    folder: Path, state: str, done_by: str | None, few: str, many: str
) -> None:
    for count, severity in ((249, few), (250, many)):
        (finding,) = found(folder, *people(state, count, done_by=done_by))
        assert finding["severity"] == severity
    (everybody,) = found(folder, Case(state=state, subject="*", done_by=done_by))
    assert (everybody["severity"], everybody["whole_base"]) == (many, True)
    assert everybody["subjects"] == 0


def test_a_duty_to_nobody_by_name_names_nobody(folder: Path) -> None:
    (finding,) = found(folder, Case("assess", subject=None, party="PTR-CALL", flows=9))
    assert (finding["subjects"], finding["whole_base"], finding["flows"]) == (0, False, 9)


def test_findings_on_verdicts_stand_apart(folder: Path) -> None:
    told = pl.DataFrame(found(folder, Case()), schema=FINDINGS)
    assert verdict_findings(told).is_empty()
    assert missed_duties(told).height == 1


def test_without_duties_the_findings_are_what_they_were(folder: Path) -> None:
    none = FINDINGS.to_frame()
    assert with_missed(none, DutyRows(table([])), background(folder), Language.zh) is none
