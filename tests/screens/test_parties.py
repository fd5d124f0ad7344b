"""The parties of a run on the screen: contracts, counts, and what went beyond them."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from audit import Language, Reader, Role
from audit.casework.masking import telling_parties
from audit.casework.workspace import opened
from tests.example_run import EXAMPLE
from tests.screens.keeping import keep
from tests.screens.opening import Opening, words
from tests.screens.recounting import Recount, in_a_cell, is_few


@pytest.fixture
def counted(workspace: Path) -> Recount:
    return Recount(workspace / "small_carrier")


def row(app: AppTest, party: str) -> dict[str, Any]:
    """The row of a party in the table of all."""
    table = app.dataframe[0].value
    (found,) = table[table["party_id"] == party].to_dict("records")
    return dict(found)


def metrics(app: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in app.metric}


def test_the_counts_are_those_of_the_export(opening: Opening, counted: Recount) -> None:
    app = opening.screen("parties")
    told = metrics(app)
    senders = {flow["sender"] for flow in counted.flows}
    recipients = {flow["recipient"] for flow in counted.flows}
    assert told["Registered parties"] == "39"
    assert told["Met in this run"] == str(len(senders | recipients))
    for party in ("CARRIER", "PTR-DATA", "UNIV-DH", "PTR-INSTALL", "BROKER-X", "BUR-CREDIT"):
        mine = row(app, party)
        flows, people, violations = counted.received(party)
        assert (mine["received_flows"], mine["received_violation"]) == (flows, violations)
        told_of = mine["received_subjects"].strip()
        assert told_of == in_a_cell(people)


@pytest.mark.parametrize(
    ("language", "contract", "role", "excess"),
    [
        (Language.zh, "合同已终止", "授权合作伙伴", "证件影像/照片"),
        (Language.en, "contract ended", "Authorised partner", "ID document image"),
    ],
)
def test_a_row_is_in_words(
    opening: Opening, language: Language, contract: str, role: str, excess: str
) -> None:
    mine = row(replace(opening, language=language).screen("parties"), "PTR-INSTALL")
    assert (mine["contract"], mine["role"], mine["excess"]) == (contract, role, excess)


def test_a_party_of_the_address_is_told_in_full(opening: Opening) -> None:
    shown = words(opening.screen("parties", party="PTR-INSTALL"))
    assert "Contract from: 2024-01-01" in shown
    assert "Contract until: 2025-09-30" in shown
    assert "✕ beyond what is necessary" in shown
    assert "? unknown" in shown
    assert "It still received data after its contract had ended" in shown


def test_a_party_that_is_not_registered_is_told_so(opening: Opening) -> None:
    assert "The register lacks this party" in words(opening.screen("parties", party="KIN-0021"))


def test_a_party_that_the_run_does_not_know_is_told_so(opening: Opening) -> None:
    assert "This run knows no party NOBODY" in words(opening.screen("parties", party="NOBODY"))


def test_only_parties_of_a_kind_can_be_asked_for(opening: Opening, counted: Recount) -> None:
    app = opening.screen("parties")
    (pick,) = [each for each in app.button_group if each.label == "Show only"]
    app = pick.set_value(["unregistered"]).run()
    shown = set(app.dataframe[0].value["party_id"])
    assert shown
    assert shown == set(app.dataframe[0].value["party_id"]) & (
        {flow["recipient"] for flow in counted.flows} | {flow["sender"] for flow in counted.flows}
    )
    assert metrics(app)["Met, not registered"] == str(len(shown))
    assert set(app.dataframe[0].value["contract"]) == {"not registered"}


def test_a_viewer_is_not_told_of_few_people(opening: Opening, counted: Recount) -> None:
    app = replace(opening, role=Role.viewer).screen("parties")
    assert is_few(counted.received("AGY-COLLECT")[1])
    told = row(app, "AGY-COLLECT")
    assert str(told["received_flows"]) in {"nan", "None", "<NA>"}
    assert row(app, "CARRIER")["received_flows"] == counted.received("CARRIER")[0]


def test_a_rejected_row_is_told_with_its_reason_and_is_not_called_unregistered(
    tmp_path: Path,
) -> None:
    export = Path(shutil.copytree(EXAMPLE, tmp_path / "export"))
    with (export / "parties.csv").open("a", encoding="utf-8") as file:
        file.write("PTR-LOST,Lost Ltd,authorized_partner,service,,2024-13-01,,CN,processor,,\n")
    run = opened(keep(export, tmp_path / "runs" / "one"))
    opening = Opening(tmp_path / "runs")
    app = opening.screen("parties", party="PTR-LOST")
    shown = words(app)
    assert row(app, "PTR-LOST")["contract"] == "row rejected"
    assert "its row was rejected, so it was judged as not registered" in shown
    assert "Why it was rejected: " in shown
    assert "The register lacks this party" not in shown
    told = telling_parties(run, Reader(Role.viewer))("PTR-LOST")
    seen = words(replace(opening, role=Role.viewer).screen("parties", party=told))
    assert "its row was rejected" in seen
    assert "PTR-LOST" not in seen
    assert "Why it was rejected: " not in seen


def test_the_carrier_is_not_said_to_lack_a_contract(opening: Opening) -> None:
    app = opening.screen("parties")
    for party in ("CARRIER", "CUSTOMER"):
        assert row(app, party)["contract"] == "not applicable (signed the agreement itself)"
