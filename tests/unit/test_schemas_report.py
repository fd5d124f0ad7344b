"""The JSON report is what its published schema says, and the schema leaves nothing open."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry

import consent_schemas
from audit.baselines.baseline import Baseline, packs_said
from audit.baselines.holding import held_against
from audit.findings.finding import FINDINGS, STANDINGS
from audit.findings.known import KNOWN
from audit.findings.triaged import Triaged
from audit.outcome import Audit
from tests.judged import Flow, audited, carrier, judgement, parties, partner
from tests.reported import example, written


@cache
def schema(name: str) -> dict[str, Any]:
    text = consent_schemas.path(f"{name}.schema.json").read_text(encoding="utf-8")
    told: dict[str, Any] = json.loads(text)
    Draft202012Validator.check_schema(told)
    return told


def official() -> Draft202012Validator:
    return Draft202012Validator(
        schema("report"), registry=Registry(), format_checker=FormatChecker()
    )


def told(audit: Audit, folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        written(audit, "json", folder, key=b"k" * 32).read_bytes()
    )
    faults = [f"{error.json_path}: {error.message}" for error in official().iter_errors(document)]
    assert faults == []
    return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@cache
def plain(folder: Path) -> bytes:
    """The report of the example."""
    return written(example(), "json", folder, key=b"k" * 32).read_bytes()


def held() -> Audit:
    """The example, of which one finding was not known, one was less and one is gone."""
    known = example().findings.select(KNOWN.names())
    gone = known.head(1).with_columns(fingerprint=pl.lit("0" * 64))
    less = known.slice(1, 1).with_columns(flows=pl.lit(0, pl.Int64))
    then = pl.concat([known.slice(2), less, gone])
    packs = packs_said(example().packs)
    return held_against(example(), Baseline("b", "f" * 64, packs, {"prints": 3}, then))


def triaged() -> Audit:
    """The example with a decision about its first finding, and what nobody decided."""
    names = example().findings["fingerprint"]
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    decided = ("accepted_risk", True, None, 1, "li", "wu", date(2026, 3, 1), "x", ["E"], moment)
    none = ("open", False, *(None,) * 8)
    rows = [(name, *(none if place else decided)) for place, name in enumerate(names)]
    standings = pl.DataFrame(rows, schema=STANDINGS, orient="row")
    return replace(example(), triaged=Triaged(standings, "a" * 64, 1, date(2026, 1, 2)))


def test_the_report_of_both_layers_is_what_the_schema_says(tmp_path: Path) -> None:
    document = told(example(), tmp_path)
    assert document["schema"] == schema("report")["$id"]
    assert document["duties"]
    assert "baseline" not in document
    assert len(document["findings"]) == example().findings.height


def test_what_became_of_findings_since_a_baseline_is_in_it(tmp_path: Path) -> None:
    document = told(held(), tmp_path)
    states = [each["since"] for each in document["findings"]]
    assert states[:3] == ["new", "worse", "known"]
    assert document["baseline"] == {
        "run": "f" * 64,
        "known": states.count("known"),
        "new": 1,
        "worse": 1,
        "gone": ["0" * 64],
        "lost": ["prints"],
        "repacked": [],
    }


def test_what_was_decided_is_in_it(tmp_path: Path) -> None:
    document = told(triaged(), tmp_path)
    assert document["findings"][0]["triage"]["author"] == "li"
    assert document["run"]["triage"]["entries"] == 1


@pytest.mark.parametrize("flows", [(), (Flow("F1"), Flow("F2", recipient="PTR-2"))])
def test_a_report_with_nothing_in_it_is_one_too(tmp_path: Path, flows: tuple[Flow, ...]) -> None:
    told(audited(judgement(*flows), parties(carrier(), partner("PTR-1"))), tmp_path)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema",), "urn:consent-audit:report:2"),
        (("more",), 1),
        (("run", "run_id"), "x"),
        (("run", "more"), 1),
        (("findings", 0, "severity"), "grave"),
        (("findings", 0, "first_seen"), "2025-01-01"),
        (("findings", 0, "since"), "gone"),
        (("findings", 0, "flows"), -1),
        (("edges", 0, "contract_violation"), "3"),
        (("edges", 0, "more"), None),
        (("duties", 0, "state"), "done"),
    ],
)
def test_the_schema_refuses_what_is_no_report(
    folder: Path, place: tuple[str | int, ...], value: object
) -> None:
    document = json.loads(plain(folder))
    *way, last = place
    within: Any = document
    for step in way:
        within = within[step]
    within[last] = value
    assert not official().is_valid(document)


@pytest.mark.parametrize("name", ["report", "baseline"])
def test_everything_is_described_in_both_languages_and_nothing_is_left_open(name: str) -> None:
    for place, part in properties(schema(name), "$"):
        described = part.get("description", "")
        assert " · " in described, place
        chinese, _, english = described.partition(" · ")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), place
        assert english.isascii(), place
    assert schema(name)["additionalProperties"] is False


def properties(part: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401
    """Every named property but those of which a word or two says all (counts by verdict)."""
    if isinstance(part, dict):
        if part.get("type") == "object" and "properties" in part:
            assert part.get("additionalProperties") is False, place
        for key, value in part.items():
            if key in {"properties", "$defs"}:
                plain = {name: each for name, each in value.items() if not bare(each)}
                yield from ((f"{place}/{name}", each) for name, each in plain.items())
            yield from properties(value, f"{place}/{key}")
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from properties(value, f"{place}/{number}")


def bare(part: dict[str, Any]) -> bool:
    """A count or a flag under the name of a verdict, a severity or a state; or a tier."""
    return part in ({"$ref": "#/$defs/count"}, {"type": "boolean"}) or part.keys() == {"enum"}


def test_every_column_of_a_finding_has_its_property() -> None:
    told = schema("report")["properties"]["findings"]["items"]["properties"]
    assert set(told) == {*FINDINGS, "since", "triage"}
