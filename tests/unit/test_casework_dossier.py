"""A dossier holds everything about one person, and of other people nothing that names them."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

from audit.casework.dossier import Dossier, dossier
from audit.casework.flows import FlowFilter, flows
from audit.casework.journal import key_of
from audit.casework.paging import Sheet
from audit.casework.roles import NotAllowed
from audit.casework.workspace import KeptRun
from audit.problems import UsageRefused
from audit.records.pseudonyms import pseudonym
from tests.example_run import EXAMPLE, OFFICER, VIEWER, kept_run, own_copy

Rows = Sequence[Mapping[str, str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept_run(tmp_path_factory.mktemp("runs"))


def table(name: str) -> Rows:
    with (EXAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def frames(told: Dossier) -> Iterator[pl.DataFrame]:
    for field in fields(told):
        value = getattr(told, field.name)
        if isinstance(value, pl.DataFrame):
            yield value


@pytest.mark.parametrize("subject", ["S-0004", "S-0016", "S-0022", "S-0027", "S-0030"])
def test_its_flows_and_consents_are_those_of_the_export(run: KeptRun, subject: str) -> None:
    told = dossier(run, OFFICER, subject)
    judged = set(pl.read_parquet(run.file("verdicts.parquet"))["flow_id"])
    own = {row["flow_id"] for row in table("flows") if row["subject_id"] == subject}
    assert set(told.flows["flow_id"]) == own & judged
    consents = [row["consent_id"] for row in table("consents") if row["subject_id"] == subject]
    assert told.consents["consent_id"].to_list() == sorted(consents)


def test_a_person_is_the_same_by_id_and_by_pseudonym(run: KeptRun) -> None:
    by_id = dossier(run, OFFICER, "S-0016")
    by_name = dossier(run, OFFICER, pseudonym(key_of(run), "S-0016"))
    assert by_id.subject == by_name.subject == pseudonym(key_of(run), "S-0016")
    for one, other in zip(frames(by_id), frames(by_name), strict=True):
        assert one.equals(other)


def test_no_frame_names_anybody_by_id(run: KeptRun) -> None:
    for subject in ("S-0027", "S-0023", "S-0004"):
        for frame in frames(dossier(run, OFFICER, subject)):
            assert "S-00" not in frame.write_json()


@pytest.mark.parametrize(
    ("subject", "evidence"), [("S-0027", "EV-EMG-01"), ("S-0023", "EV-REQ-02")]
)
def test_evidence_of_somebody_else_is_masked(run: KeptRun, subject: str, evidence: str) -> None:
    told = dossier(run, OFFICER, subject).evidence
    row = told.row(by_predicate=pl.col("evidence_id") == evidence, named=True)
    assert (row["of"], row["reference"], row["issued_by"], row["amount"]) == (
        *("other", None, None, None),
    )
    assert row["cited"] == 1
    assert "subject_id" not in told.columns


def test_evidence_of_ones_own_and_of_nobody_is_told(run: KeptRun) -> None:
    told = dossier(run, OFFICER, "S-0016").evidence
    owners = dict(told.select("evidence_id", "of").iter_rows())
    assert owners == {"EV-ARR-16": "self", "EV-LAW-CREDIT": "nobody", "EV-NTC-16": "self"}
    assert told["reference"].null_count() == 0


@pytest.mark.parametrize(
    ("subject", "consent", "state"),
    [
        ("S-0016", "B-0016", "given"),
        ("S-0004", "B-0004", "withdrawn"),
        ("S-0004", "C-0102", "expired"),
        ("S-0042", "C-0122", "withdrawn"),
    ],
)
def test_a_consent_has_its_state(run: KeptRun, subject: str, consent: str, state: str) -> None:
    told = dossier(run, OFFICER, subject).consents
    assert dict(told.select("consent_id", "state").iter_rows())[consent] == state


def test_the_history_of_consents_is_in_the_order_of_time(run: KeptRun) -> None:
    told = dossier(run, OFFICER, "S-0004").history
    assert told.select("event", "consent_id").rows() == [
        ("given", "B-0004"),
        ("given", "C-0102"),
        ("withdrawn", "B-0004"),
        ("expired", "C-0102"),
    ]


def test_a_consent_counts_the_flows_that_rest_on_it(run: KeptRun) -> None:
    told = dossier(run, OFFICER, "S-0042").consents
    assert dict(told.select("consent_id", "carried").iter_rows())["C-0120"] == 2


def test_who_got_data_under_a_consent_that_has_ended_holds_it(run: KeptRun) -> None:
    told = dossier(run, OFFICER, "S-0004").holders
    found = told.filter(pl.col("consent_id") == "C-0102").to_dicts()
    assert [(row["party"], row["how"], row["flows"]) for row in found] == [
        ("AGENT-HE", "expired", 1)
    ]
    assert found[0]["last_received"] < found[0]["ended_at"]


def test_who_deleted_since_holds_nothing(run: KeptRun) -> None:
    told = dossier(run, OFFICER, "S-0004")
    assert "CARRIER" in told.parties["party"]
    assert "CARRIER" not in told.holders["party"]
    assert "delete" in told.flows["operation"]


def test_parties_count_every_flow_that_reached_them(run: KeptRun) -> None:
    told = dossier(run, OFFICER, "S-0016")
    reached = told.flows.filter(pl.col("recipient") == "BUR-CREDIT")
    party = told.parties.row(by_predicate=pl.col("party") == "BUR-CREDIT", named=True)
    assert party["flows"] == reached.height
    assert party["violation"] == (reached["overall"] == "violation").sum()
    assert "CUSTOMER" not in told.parties["party"]


def test_the_findings_of_a_person_are_those_that_hold_their_flows(run: KeptRun) -> None:
    findings = pl.read_parquet(run.file("findings.parquet")).filter(pl.col("layer").is_not_null())
    for subject in ("S-0016", "S-0022", "S-0040"):
        told = dossier(run, OFFICER, subject).findings
        expected = []
        for fingerprint in findings["fingerprint"]:
            asked = FlowFilter(fingerprint=fingerprint, subject=subject)
            if count := flows(run, OFFICER, asked, Sheet()).total:
                expected.append((fingerprint, count))
        assert told.select("fingerprint", "own_flows").rows() == expected
        assert expected


def test_a_person_without_a_flow_has_a_dossier_too(tmp_path: Path) -> None:
    export = own_copy(tmp_path / "export")
    with (export / "consents.csv").open("a", encoding="utf-8") as file:
        file.write("B-9999,S-9999,入网协议,2019版,,,,agreement,2024-01-01,,,\n")
    run = kept_run(tmp_path / "runs", export)
    told = dossier(run, OFFICER, "S-9999")
    assert (told.flows.height, told.parties.height, told.findings.height) == (0, 0, 0)
    assert told.consents["consent_id"].to_list() == ["B-9999"]
    by_name = dossier(run, OFFICER, pseudonym(key_of(run), "S-9999"))
    assert by_name.consents.equals(told.consents)


@pytest.mark.parametrize(
    ("subject", "code"), [("S-9", "subject-unknown"), ("*", "subject-everybody")]
)
def test_nobody_and_everybody_have_no_dossier(run: KeptRun, subject: str, code: str) -> None:
    with pytest.raises(UsageRefused) as refused:
        dossier(run, OFFICER, subject)
    assert refused.value.problems[0].code == code


def test_a_viewer_sees_no_dossier(run: KeptRun) -> None:
    with pytest.raises(NotAllowed):
        dossier(run, VIEWER, "S-0016")
