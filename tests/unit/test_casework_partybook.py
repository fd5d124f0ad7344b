"""The book of parties: contracts as of the run's last flow, and what went beyond what they list."""

import csv
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from audit.casework.desk import Desk
from audit.casework.masking import telling_parties
from audit.casework.partybook import REASONS, Contract, last_flow, parties_of, received_by
from audit.casework.roles import Reader, Role
from audit.casework.streams import streams_of
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Verdict
from audit.reports.recalling import asked
from audit.reports.run_folder import leave
from audit.running import Request
from tests.commanding import HOUSE
from tests.example_run import audited_once, kept_run, own_copy
from tests.judged import DAWN, Flow, Unit, audited, carrier, judgement, parties, partner

EXAMPLE = HOUSE / "examples" / "small_carrier"
OFFICER, VIEWER = Reader(Role.officer), Reader(Role.viewer)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    folder = tmp_path_factory.mktemp("runs") / "example"
    request = Request(EXAMPLE)
    found = audited_once(request.packs)
    leave(found, folder, asked=asked(request, folder))
    return KeptRun(folder, found.run_id)


@pytest.fixture(scope="module")
def rows(run: KeptRun) -> list[dict[str, str]]:
    """The judged flows as the export has them, each with its overall verdict."""
    verdicts = dict(
        pl.read_parquet(run.folder / "verdicts.parquet").select("flow_id", "overall").iter_rows()
    )
    with (EXAMPLE / "flows.csv").open(encoding="utf-8", newline="") as file:
        flows = [row for row in csv.DictReader(file) if row["flow_id"] in verdicts]
    return [{**row, "verdict": verdicts[row["flow_id"]]} for row in flows]


def small(tmp_path: Path, register: pl.DataFrame, *flows: Flow) -> KeptRun:
    found = audited(judgement(*flows), register)
    leave(found, tmp_path / "run")
    return KeptRun(tmp_path / "run", found.run_id)


def of_party(run: KeptRun, party: str, reader: Reader = OFFICER) -> dict[str, object]:
    told = telling_parties(run, reader)(party)
    return parties_of(run, reader).row(by_predicate=pl.col("party_id") == told, named=True)


def test_each_party_counts_what_the_export_says_it_received(
    run: KeptRun, rows: list[dict[str, str]]
) -> None:
    told = {
        row["party_id"]: (
            row["received_flows"],
            row["received_subjects"],
            row["received_whole_base"],
            row["received_violation"],
        )
        for row in parties_of(run, OFFICER).to_dicts()
    }
    flows = defaultdict(list)
    for row in rows:
        flows[row["recipient"]].append(row)
    for party, counted in told.items():
        mine = flows.get(party, [])
        people = {row["subject_id"] for row in mine}
        wrong = [row for row in mine if row["verdict"] == Verdict.VIOLATION]
        assert counted == (len(mine), len(people - {"*"}), "*" in people, len(wrong))
    assert set(flows) <= set(told)


def test_categories_beyond_the_contract_are_those_that_its_list_does_not_cover(
    run: KeptRun,
) -> None:
    installer = of_party(run, "PTR-INSTALL")
    assert "contact.phone" in str(installer["data_categories"])
    assert installer["excess"] == ["identity.id_image"]
    assert installer["unclear"] == ["contact"]
    assert of_party(run, "PTR-OPEN")["excess"] == []


def test_what_a_party_received_is_told_by_category(
    run: KeptRun, rows: list[dict[str, str]]
) -> None:
    told = received_by(run, "PTR-INSTALL", OFFICER).to_dicts()
    expected: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        if row["recipient"] == "PTR-INSTALL":
            for category in set(row["data_categories"].split(";")):
                expected[category] += 1
    assert {row["data_category"]: row["flows"] for row in told} == expected
    necessary = {row["data_category"]: row["necessary"] for row in told}
    assert necessary["contact.phone"] == "true"
    assert necessary["identity.id_image"] == "false"
    assert necessary["contact"] == "unknown"


@pytest.mark.parametrize(
    ("terms", "state"),
    [
        ({"agreement_from": DAWN, "agreement_until": DAWN + timedelta(days=10)}, Contract.ENDED),
        (
            {"agreement_from": DAWN, "agreement_until": DAWN + timedelta(days=10, microseconds=1)},
            Contract.ENDING,
        ),
        ({"agreement_from": DAWN, "agreement_until": DAWN + timedelta(days=100)}, Contract.ENDING),
        ({"agreement_from": DAWN, "agreement_until": DAWN + timedelta(days=101)}, Contract.RUNNING),
        ({"agreement_from": DAWN}, Contract.RUNNING),
        ({"agreement_from": DAWN + timedelta(days=11)}, Contract.COMING),
        ({}, Contract.UNDATED),
    ],
)
def test_a_contract_is_told_as_of_the_last_flow_of_the_run(
    terms: dict[str, datetime], state: Contract, tmp_path: Path
) -> None:
    register = parties(carrier(), partner("PTR-1", "service", **terms))
    kept = small(tmp_path, register, Flow("F1"), Flow("F2", day=10))
    assert last_flow(kept) == DAWN + timedelta(days=10)
    assert of_party(kept, "PTR-1")["contract"] == state


@pytest.mark.parametrize(("day", "late"), [(9, []), (10, ["PTR-1"])])
def test_receiving_after_the_end_of_a_contract_is_told(
    day: float,
    late: list[str],
    tmp_path: Path,
) -> None:
    end = datetime(2025, 1, 11, tzinfo=UTC)
    register = parties(carrier(), partner("PTR-1", agreement_from=DAWN, agreement_until=end))
    told = parties_of(small(tmp_path, register, Flow("F1", day=day)), OFFICER)
    assert told.filter("after_end")["party_id"].to_list() == late


def test_a_party_that_no_register_names_is_told_as_unregistered(tmp_path: Path) -> None:
    kept = small(tmp_path, parties(carrier()), Flow("F1"))
    stranger = of_party(kept, "PTR-1")
    assert stranger["contract"] == Contract.UNREGISTERED
    assert stranger["received_flows"] == 1
    assert stranger["excess"] == []


def test_a_viewer_is_not_told_of_few_people(tmp_path: Path) -> None:
    many = [Flow(f"F{number}", subject=number) for number in range(9)]
    few = [
        Flow(f"G{number}", recipient=f"PTR-{number}", subject=number, purpose="service.notice")
        for number in range(2, 8)
    ]
    kept = small(tmp_path, parties(carrier(), partner("PTR-1")), *many, *few)
    assert of_party(kept, "PTR-1", VIEWER)["received_flows"] == 9
    for party in ("PTR-2", "PTR-7"):
        assert of_party(kept, party)["received_flows"] == 1
        row = of_party(kept, party, VIEWER)
        assert (
            row["received_flows"] is row["received_subjects"] is row["received_violation"] is None
        )
        told = telling_parties(kept, VIEWER)(party)
        assert received_by(kept, told, VIEWER)["flows"].to_list() == [None]
    assert of_party(kept, "CAR", VIEWER)["received_flows"] == 0


def test_streams_add_up_to_the_judged_flows(run: KeptRun, rows: list[dict[str, str]]) -> None:
    told = streams_of(run, OFFICER)
    expected: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows:
        expected[row["recipient"], row["purpose"], row["verdict"]] += 1
    counted = {
        (row["recipient"], row["purpose"], verdict.value): row[verdict.value]
        for row in told.to_dicts()
        for verdict in Verdict
        if row[verdict.value]
    }
    assert counted == expected
    assert told["flows"].sum() == len(rows)


def test_streams_of_few_people_are_hidden_from_viewers(tmp_path: Path) -> None:
    doubt = Unit(Verdict.INDETERMINATE)
    many = [Flow(f"F{number}", subject=number) for number in range(20)]
    one = Flow("G", purpose="marketing", units={"health": doubt}, subject=50)
    kept = small(tmp_path, parties(carrier(), partner("PTR-1")), *many, one)
    told = {row["purpose"]: row for row in streams_of(kept, VIEWER).to_dicts()}
    assert told["marketing"]["flows"] is told["marketing"]["indeterminate"] is None
    assert told["marketing"]["suppressed"]


def test_a_viewer_is_told_no_dates_of_few_people_but_that_data_came_after_the_end(
    run: KeptRun,
) -> None:
    few = of_party(run, "PTR-INSTALL", VIEWER)
    assert (few["received_flows"], few["last_received"], few["after_end"]) == (None, None, True)
    told = received_by(run, "PTR-INSTALL", VIEWER).filter(pl.col("flows").is_null())
    assert told.height
    assert told.select("first_seen", "last_seen").null_count().row(0) == (told.height,) * 2


BROKEN = "PTR-LOST,失印公司,authorized_partner,service,contact.phone,2024-13-01,,CN,processor,,\n"
TWICE = (
    "PTR-TWICE,甲,authorized_partner,service,,2024-01-01,,CN,processor,,\n"
    "PTR-TWICE,乙,affiliate,service,,2024-01-01,,CN,processor,,\n"
)


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    """The run of an export whose register of parties has rows that cannot be used."""
    folder = tmp_path_factory.mktemp("torn")
    export = own_copy(folder / "export")
    with (export / "parties.csv").open("a", encoding="utf-8") as file:
        file.write(BROKEN + TWICE)
    return kept_run(folder / "runs", export)


def test_a_party_whose_row_was_rejected_is_told_apart_with_the_reason(torn: KeptRun) -> None:
    told = of_party(torn, "PTR-LOST")
    assert (told["contract"], told["registered"], told["seen"]) == (Contract.REJECTED, False, False)
    assert "agreement_from" in str(told["rejected_en"])
    assert "agreement_from" in str(told["rejected_zh"])
    assert told["rejected_en"] != told["rejected_zh"]
    assert of_party(torn, "PTR-TWICE")["contract"] == Contract.REJECTED
    assert of_party(torn, "PTR-TWICE")["rejected_en"]
    others = parties_of(torn, OFFICER).filter(pl.col("contract") != Contract.REJECTED.value)
    assert others.select(REASONS).null_count().row(0) == (others.height,) * 2


def test_a_viewer_is_told_that_a_row_was_rejected_and_not_why(torn: KeptRun) -> None:
    told = of_party(torn, "PTR-LOST", VIEWER)
    assert told["contract"] == Contract.REJECTED
    assert (told["rejected_zh"], told["rejected_en"]) == (None, None)
    assert not set(REASONS) & set(Desk(torn, VIEWER).parties().columns)


def test_every_rejected_row_of_the_register_is_a_party_of_the_run(run: KeptRun) -> None:
    rejected = pl.read_csv(run.file("rejected.csv"), infer_schema=False)
    lost = rejected.filter(pl.col("table") == "parties").select("file", "position").n_unique()
    told = parties_of(run, OFFICER).filter(pl.col("contract") == Contract.REJECTED.value)
    reasons = rejected.filter(pl.col("table") == "parties")["reason"]
    assert 0 < told.height <= lost
    assert all(any(reason in each for reason in reasons) for each in told["rejected_zh"])


@pytest.mark.parametrize("party", ["CARRIER", "CUSTOMER"])
def test_the_carrier_and_its_customer_need_no_contract_with_themselves(
    run: KeptRun, party: str
) -> None:
    assert of_party(run, party)["contract"] == Contract.OWN
