"""One person of the example, read by hand from its tables, against what is handed to the person."""

import json
import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from audit.casework.dossier import handed_over, known
from audit.casework.gathered import source_of
from audit.casework.handout import Paper, dossier_file
from audit.casework.handout.words import Words, about
from audit.wording import Language
from tests.example_run import kept_run

HERE = Path(__file__).parent
PACKS = ("telecom_agreement", "cn_statute")


@cache
def by_hand() -> dict[str, Any]:
    """What the people who read the tables expect."""
    return tomllib.loads((HERE / "small_carrier_subject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    source = source_of(kept_run(tmp_path_factory.mktemp("runs"), packs=PACKS))
    (dossier,) = handed_over(source, known(source, [by_hand()["subject"]]))
    words = Words(about(source), Language.zh)
    document: dict[str, Any] = json.loads(dossier_file(dossier, words, Paper.json))
    return document


def instants(rows: list[dict[str, Any]], *columns: str) -> list[dict[str, Any]]:
    """The rows with their instants as such, however they are spelled."""
    return [
        {
            name: datetime.fromisoformat(value) if name in columns else value
            for name, value in row.items()
        }
        for row in rows
    ]


def only(rows: list[dict[str, Any]], names: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows with these columns."""
    return [{name: row[name] for name in names} for row in rows]


def test_every_flow_is_there_with_its_verdict(told: dict[str, Any]) -> None:
    found = {row["flow_id"]: row["contract_verdict"] for row in told["flows"]}
    assert found == by_hand()["contract"]
    assert told["run"]["flows_of_everybody"] == by_hand()["everybody"]


def test_everybody_who_got_data_is_there(told: dict[str, Any]) -> None:
    found = {row["party"]: (row["name"], row["flows"]) for row in told["parties"]}
    named = [each for each in by_hand()["party"] if not each.get("masked")]
    for each in named:
        assert found.pop(each["party"]) == (each["name"], len(each["flows"]))
    (masked,) = (each for each in by_hand()["party"] if each.get("masked"))
    ((name, (_, flows)),) = found.items()
    assert name.startswith("party-")
    assert flows == len(masked["flows"])
    assert masked["party"] not in json.dumps(told)


def test_the_consents_carry_the_flows_that_they_should(told: dict[str, Any]) -> None:
    rested = {
        each["consent_id"]: sorted(
            row["flow_id"] for row in told["flows"] if each["consent_id"] in row["consents"]
        )
        for each in told["consents"]
    }
    assert rested == {each["consent_id"]: each["carried"] for each in by_hand()["consent"]}
    states = {each["consent_id"]: each["state"] for each in by_hand()["consent"]}
    assert {row["consent_id"]: row["state"] for row in told["consents"]} == states


def test_the_history_the_holders_and_the_duties_are_those_read(told: dict[str, Any]) -> None:
    for section, key, dates in (
        ("history", "event", ("at",)),
        ("holders", "holder", ("ended_at", "last_received")),
        ("duties", "duty", ("due",)),
    ):
        expected = by_hand()[key]
        found = only(told[section], expected[0])
        assert instants(found, *dates) == instants(expected, *dates), section


def test_there_is_no_evidence_and_every_violation_is_an_open_question(
    told: dict[str, Any],
) -> None:
    assert told["evidence"] == []
    wrong = {name for name, verdict in by_hand()["contract"].items() if verdict == "violation"}
    own = [row["own_flows"] for row in told["findings"] if row["layer"] == "contract"]
    assert sum(own) == len(wrong)
