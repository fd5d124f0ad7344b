"""What a build server reads back: a test case for each clause, failing with its findings."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from audit.clauses.clause import Verdict
from audit.outcome import Audit
from audit.wording import Language
from tests.judged import NO_GROUND, Flow, Unit, audited, carrier, judgement, parties, partner
from tests.reported import example, written

UNDECIDED = Unit(Verdict.INDETERMINATE, possible=("3-2-7b",), unknown=("necessary_data",))


def read(audit: Audit, folder: Path, language: Language = Language.en) -> ET.Element:
    return ET.fromstring(written(audit, "junit", folder, language).read_bytes())  # noqa: S314


def cases(root: ET.Element, suite: str) -> dict[str, ET.Element]:
    named = f"testsuite[@name='{suite}']/testcase"
    return {each.attrib["name"].split(" ")[0]: each for each in root.findall(named)}


def outcome(case: ET.Element) -> str | None:
    return next((each.tag for each in case), None)


def of(*flows: Flow) -> Audit:
    return audited(judgement(*flows), parties(carrier(), partner("PTR-1")))


def test_every_clause_and_duty_of_a_pack_is_a_test_case(tmp_path: Path) -> None:
    root = read(example(), tmp_path)
    for pack in example().packs:
        told = cases(root, f"{pack.layer}.{pack.id}")
        drafts = {clause.id: clause.draft for clause in pack.clauses}
        drafts |= {duty.id: duty.draft for duty in pack.duties}
        assert set(drafts) <= set(told)
        assert {outcome(told[each]) for each, draft in drafts.items() if draft} <= {"skipped"}


def test_a_case_fails_where_a_finding_rests_on_it_and_passes_nowhere_else(tmp_path: Path) -> None:
    root = read(example(), tmp_path)
    resting = set(example().findings.select("layer", "clause").rows())
    for pack in example().packs:
        for clause, case in cases(root, f"{pack.layer}.{pack.id}").items():
            if outcome(case) != "skipped" and clause != "consent":
                found = (pack.layer.value, clause) in resting
                assert (outcome(case) in {"failure", "error"}) == found


@pytest.mark.parametrize("language", Language)
def test_a_failure_tells_its_findings(tmp_path: Path, language: Language) -> None:
    told = cases(read(example(), tmp_path, language), "contract.telecom_agreement")
    (failure,) = told["3-2-7c"]
    findings = example().findings.filter(layer="contract", clause="3-2-7c")
    assert str(findings.height) in failure.attrib["message"]
    assert failure.attrib["type"] == "critical"
    assert failure.text is not None
    for cause in findings[f"cause_{language}"].head(20):
        assert cause in failure.text
    assert str(findings.height - 20) in failure.text.splitlines()[-1]


def test_what_is_undecided_never_passes_and_is_no_failure_either(tmp_path: Path) -> None:
    undecided = Flow("F1", units={"contact.phone": UNDECIDED})
    told = cases(read(of(undecided), tmp_path), "contract.telecom_agreement")
    assert {name: outcome(case) for name, case in told.items() if outcome(case) == "error"}
    assert not [name for name, case in told.items() if outcome(case) == "failure"]


def test_a_violation_that_no_clause_allows_fails_the_case_of_no_ground(tmp_path: Path) -> None:
    root = read(of(Flow("F1", units={"contact.phone": NO_GROUND})), tmp_path)
    assert outcome(cases(root, "contract.telecom_agreement")["no-ground"]) == "failure"
    passing = read(of(Flow("F1")), tmp_path)
    assert outcome(cases(passing, "contract.telecom_agreement")["no-ground"]) is None


def test_checks_of_the_graph_are_a_suite(tmp_path: Path) -> None:
    told = cases(read(example(), tmp_path), "graph")
    assert set(told) == {"onward", "unreceived", "unregistered", "unseen"}
    assert outcome(told["onward"]) == "failure"


def test_the_counts_are_those_of_the_cases(tmp_path: Path) -> None:
    root = read(example(), tmp_path)
    for tag, counted in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert len(root.findall(f".//{tag}")) == int(root.attrib[counted])
        suites = [int(suite.attrib[counted]) for suite in root.findall("testsuite")]
        assert sum(suites) == int(root.attrib[counted])
    assert len(root.findall(".//testcase")) == int(root.attrib["tests"])


def test_text_from_data_stays_text(tmp_path: Path) -> None:
    evil = "]]><failure/>\x00\x1b\ufffe & \u202e"
    plain = of(Flow("F1", units={"contact.phone": NO_GROUND}))
    told = plain.findings.with_columns(cause_en=pl.lit(evil))
    root = read(replace(plain, findings=told), tmp_path)
    (failure,) = cases(root, "contract.telecom_agreement")["no-ground"]
    assert "]]><failure/>\\x00\\x1b\\ufffe & \\u202e" in str(failure.text)
    assert len(failure) == 0


def test_no_customer_is_named_and_the_bytes_are_the_same_each_time(tmp_path: Path) -> None:
    text = written(example(), "junit", tmp_path).read_text(encoding="utf-8")
    assert {each for each in example().duties["subject"].drop_nulls() if each in text} <= {"*"}
    assert text == written(example(), "junit", tmp_path).read_text(encoding="utf-8")
