"""A finding that is set aside stays in every report, marked with who said so and until when."""

import csv
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import polars as pl
import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from referencing import Registry

import consent_schemas
from audit.findings.triaged import Triaged
from audit.outcome import Audit
from audit.reports import FORMATS
from audit.triage.covering import bounds_of
from audit.triage.decision import Kind, Target
from audit.triage.ledger import log_of
from audit.triage.standing import Background, standings
from audit.triage.state import State
from audit.wording import Language
from tests.reported import example, written
from tests.triaged import decision, ended, rows_of

HERE = Path(__file__).parent
DAY = date(2026, 1, 1)
UNTIL = date(2026, 6, 30)


@pytest.fixture(scope="module")
def told() -> Audit:
    """The example: the gravest finding accepted, the next worked on, the third lapsed."""
    found = example()
    first, second, third = (Target(Kind.FINDING, (each,)) for each in names(3))
    made = [
        decision(State.ACCEPTED_RISK, first, approver="王", until=UNTIL, reason="=1+1 <b>"),
        decision(State.UNDER_REVIEW, second),
        decision(State.ACCEPTED_RISK, third, until=date(2025, 12, 31)),
    ]
    bounds = bounds_of(found.findings, (first, second, third))
    rows = rows_of(
        *(replace(each, bounds=(bound,)) for each, bound in zip(made, bounds, strict=True) if bound)
    )
    log = log_of(rows, ended(rows))
    marks = standings(found.findings, log, Background(found.run_id, DAY))
    return replace(found, triaged=Triaged(marks, log.head.digest, log.head.entries, DAY))


def names(count: int) -> list[str]:
    return example().findings["fingerprint"].head(count).to_list()


def test_sarif_has_a_suppression_for_what_is_set_aside_or_worked_on(
    told: Audit, tmp_path: Path
) -> None:
    document = json.loads(written(told, "sarif", tmp_path).read_bytes())
    schema = json.loads((HERE.parent / "sarif_schema" / "sarif-2.1.0-rtm.5.json").read_bytes())
    assert [*Draft4Validator(schema, registry=Registry()).iter_errors(document)] == []
    (run,) = document["runs"]
    first, second, third, *others = run["results"]
    (accepted,) = first["suppressions"]
    assert (accepted["kind"], accepted["status"]) == ("external", "accepted")
    for word in ("Risk accepted", "=1+1 <b>", "李", "王", "2026-06-30"):
        assert word in accepted["justification"]
    assert [each["status"] for each in second["suppressions"]] == ["underReview"]
    assert third["suppressions"] == []
    assert all(each["suppressions"] == [] for each in others)
    assert run["properties"]["triage"]["states"]["accepted_risk"] == 1


def test_json_says_where_each_finding_stands(told: Audit, tmp_path: Path) -> None:
    document = json.loads(written(told, "json", tmp_path).read_bytes())
    schema = json.loads(consent_schemas.path("report.schema.json").read_bytes())
    assert [*Draft202012Validator(schema, registry=Registry()).iter_errors(document)] == []
    first, second, third, other = [each["triage"] for each in document["findings"][:4]]
    assert (first["state"], first["suppressed"], first["until"]) == (
        "accepted_risk",
        True,
        "2026-06-30",
    )
    assert (second["state"], second["suppressed"]) == ("under_review", False)
    assert (third["state"], third["why"], third["author"]) == ("open", "expired", "李")
    assert (other["state"], other["author"]) == ("open", None)
    assert document["run"]["triage"]["entries"] == 3
    assert document["findings"][0]["verdict"] == "violation", "no decision changes a verdict"


def test_csv_and_the_workbook_have_columns_for_it(told: Audit, tmp_path: Path) -> None:
    folder = tmp_path / "csv"
    folder.mkdir()
    FORMATS["csv"](told, None, Language.en)["findings.csv"](folder / "findings.csv")
    with (folder / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["triage_state"] == "accepted_risk"
    assert rows[0]["triage_reason"] == "'=1+1 <b>"
    assert (rows[2]["triage_state"], rows[2]["triage_why"]) == ("open", "expired")
    book = openpyxl.load_workbook(written(told, "xlsx", tmp_path), read_only=True)
    headings, first = [list(row) for row in book["findings"].iter_rows(max_row=2, values_only=True)]
    cells: dict[Any, Any] = dict(zip(headings, first, strict=True))
    assert (cells["triage state"], cells["set aside"]) == ("Risk accepted", "yes")
    assert (cells["until"], cells["approved by"]) == ("2026-06-30", "王")
    assert len(rows) == book["findings"].max_row - 1 == told.findings.height


def test_the_page_tells_it_beside_the_finding(told: Audit, tmp_path: Path) -> None:
    page = written(told, "html", tmp_path, Language.zh).read_text(encoding="utf-8")
    assert "风险已接受；=1+1 &lt;b&gt;（决定人 李" in page
    assert "待研判；该决定已过期限" in page
    assert page.count("<article") == min(told.findings.height, 200)


def test_a_test_case_is_skipped_only_where_all_its_findings_are_set_aside(
    told: Audit, tmp_path: Path
) -> None:
    text = written(told, "junit", tmp_path).read_text(encoding="utf-8")
    assert text.count("Triage: Risk accepted") == 1
    assert "set aside by decisions" not in text
    assert told.triaged is not None
    everything = told.triaged.standings.with_columns(
        state=pl.lit("false_positive"), suppressed=pl.lit(value=True), why=pl.lit(None, pl.String)
    )
    aside = replace(told, triaged=replace(told.triaged, standings=everything))
    text = written(aside, "junit", tmp_path).read_text(encoding="utf-8")
    assert "<failure" not in text
    assert "<error" not in text
    assert "set aside by decisions; the verdicts stand" in text


@pytest.mark.parametrize("name", ["csv", "html", "json", "junit", "sarif", "xlsx"])
def test_without_a_log_nothing_is_said_of_it(name: str, tmp_path: Path) -> None:
    for file, write in FORMATS[name](example(), None, Language.en).items():
        write(tmp_path / file)
        body = (tmp_path / file).read_bytes()
        assert b"triage" not in body
        assert b"suppressions" not in body
