"""What a reader of SARIF reads back: a rule for each clause, a result for each finding."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft4Validator
from referencing import Registry

from audit.findings.missed import missed_duties
from audit.outcome import Audit, InputFile
from audit.wording import Language
from tests.judged import Flow, audited, carrier, judgement, parties, partner
from tests.reported import example, written

SCHEMA = Path(__file__).parents[1] / "sarif_schema" / "sarif-2.1.0-rtm.5.json"


@cache
def official() -> Draft4Validator:
    schema = json.loads(SCHEMA.read_bytes())
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema, registry=Registry())


def told(audit: Audit, folder: Path, language: Language = Language.en) -> dict[str, Any]:
    document = json.loads(written(audit, "sarif", folder, language).read_bytes())
    faults = [f"{error.json_path}: {error.message}" for error in official().iter_errors(document)]
    assert faults == []
    (run,) = document["runs"]
    return dict(run)


def by_fingerprint(run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["partialFingerprints"]["consentAudit/v1"]: each for each in run["results"]}


@pytest.mark.parametrize("language", Language)
def test_every_finding_is_a_result_under_the_official_schema(
    tmp_path: Path, language: Language
) -> None:
    run = told(example(), tmp_path, language)
    results, rules = by_fingerprint(run), run["tool"]["driver"]["rules"]
    findings = example().findings.to_dicts()
    assert len(results) == len(run["results"]) == len(findings) > 0
    for finding in findings:
        result = results[finding["fingerprint"]]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert finding[f"cause_{language}"] in result["message"]["text"]
        assert finding[f"remedy_{language}"] in result["message"]["text"]
        assert result["properties"]["flows"] == finding["flows"]


def test_the_schema_refuses_what_is_no_sarif(tmp_path: Path) -> None:
    document = json.loads(written(example(), "sarif", tmp_path).read_bytes())
    document["runs"][0]["results"][0]["level"] = "grave"
    assert not official().is_valid(document)


def test_the_level_says_how_grave_a_finding_is(tmp_path: Path) -> None:
    levels = {
        (each["properties"]["severity"], each["level"])
        for each in told(example(), tmp_path)["results"]
    }
    assert levels == {
        ("critical", "error"),
        ("high", "error"),
        ("medium", "warning"),
        ("low", "note"),
    }


def test_a_rule_has_the_cite_the_gist_and_the_note_of_its_clause_in_both_languages(
    tmp_path: Path,
) -> None:
    rules = {rule["id"]: rule for rule in told(example(), tmp_path)["tool"]["driver"]["rules"]}
    (agreement, statute) = example().packs
    clause = agreement.by_id["3-2-7c"]
    rule = rules["contract/3-2-7c"]
    assert rule["shortDescription"]["text"] == "Article 3(2)7"
    assert rule["fullDescription"]["text"] == clause.gist.en
    assert clause.note is not None
    for words in ("第三条(二)7", clause.gist.zh, clause.gist.en, clause.note.zh, clause.note.en):
        assert words in rule["help"]["text"]
    assert rule["properties"]["packDigest"] == agreement.digest
    duty = next(each for each in statute.duties if each.id == "crr-15d")
    assert duty.gist.zh in rules["statute/crr-15d"]["help"]["text"]
    assert "没有条款许可或豁免" in rules["contract/no-ground"]["help"]["text"]


def test_missed_duties_and_checks_of_the_graph_are_results_too(tmp_path: Path) -> None:
    run = told(example(), tmp_path)
    duty = missed_duties(example().findings).row(0, named=True)
    result = by_fingerprint(run)[duty["fingerprint"]]
    assert result["ruleId"] == f"{duty['layer']}/{duty['clause']}"
    assert "verdict" not in result["properties"]
    rules = {each["ruleId"] for each in run["results"]}
    assert {"graph/onward", "graph/unreceived", "graph/unregistered"} <= rules


def test_sender_and_recipient_are_where_it_happened(tmp_path: Path) -> None:
    finding = example().findings.filter(pl.col("sender").is_not_null()).row(0, named=True)
    result = by_fingerprint(told(example(), tmp_path))[finding["fingerprint"]]
    (location,) = result["locations"]
    assert [(each["kind"], each["name"]) for each in location["logicalLocations"]] == [
        ("sender", finding["sender"]),
        ("recipient", finding["recipient"]),
    ]


def test_every_result_has_a_place_in_an_artifact_and_a_fingerprint_that_hosts_compare(
    tmp_path: Path,
) -> None:
    """GitHub refuses a file with a result that has none, and makes one of results alike there."""
    run = told(example(), tmp_path)
    for result in run["results"]:
        (location,) = result["locations"]
        place = location["physicalLocation"]["artifactLocation"]
        artifact = run["artifacts"][place["index"]]
        assert (artifact["location"]["uri"], artifact["properties"]["table"]) == (
            place["uri"],
            "flows",
        )
    compared = {each["partialFingerprints"]["primaryLocationLineHash"] for each in run["results"]}
    assert len(compared) == len(run["results"])


def test_inputs_notices_and_reasons_of_rejection_are_told(tmp_path: Path) -> None:
    run = told(example(), tmp_path)
    named = {each["location"]["uri"]: each["hashes"]["sha-256"] for each in run["artifacts"]}
    assert named == {each.name: each.digest for each in example().inputs}
    (invocation,) = run["invocations"]
    codes = {each["descriptor"]["id"] for each in invocation["toolExecutionNotifications"]}
    assert {f"rejected/{code}" for code in example().rejected["code"]} <= codes
    assert {notice.code for notice in example().notices} <= codes


def test_the_bytes_are_the_same_each_time(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first = written(example(), "sarif", tmp_path).read_bytes()
    assert first == written(example(), "sarif", tmp_path / "again").read_bytes()


def test_no_customer_is_named(tmp_path: Path) -> None:
    text = written(example(), "sarif", tmp_path).read_text(encoding="utf-8")
    assert {each for each in example().duties["subject"].drop_nulls() if each in text} <= {"*"}


def test_a_run_without_findings_or_with_odd_names_is_sarif_all_the_same(tmp_path: Path) -> None:
    plain = audited(judgement(Flow("F1")), parties(carrier(), partner("PTR-1")))
    odd = InputFile("flows", 'fl ows"results":[].csv', "0" * 64, 1)
    none = replace(plain, findings=plain.findings.clear(), inputs=(odd,))
    run = told(none, tmp_path)
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
    assert run["artifacts"][0]["location"]["uri"] == "fl%20ows%22results%22%3A%5B%5D.csv"
