"""The duties of a run in its files: people under keyed pseudonyms, counts in the manifest."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.evaluation.duties import DUTIES
from audit.evaluation.duty_rows import DutyRows
from audit.outcome import Audit
from audit.publishing import verify
from audit.records.pseudonyms import KEY_FILE, pseudonym
from audit.reports import FORMATS
from audit.reports.duties import (
    Key,
    Persons,
    duty_pieces,
    duty_table,
    key_beside,
    mark_of,
)
from audit.reports.run_folder import leave
from tests.dutiful import AS_OF, Case, audited

CASES = (
    Case(subject="S-0001"),
    Case(subject="S-0002", event_id="EV-2", state="fulfilled", done_by="flow:F-0710"),
    Case("tell-first", subject="*", event_id="F-0703", state="undetermined"),
    Case("assess", subject=None, event_id="F-0301", party="PTR-CALL", flows=12),
)
KEY = bytes(range(32))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return audited(tmp_path_factory.mktemp("packs"), CASES)


@pytest.fixture(scope="module")
def run(found: Audit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "one"
    leave(found, folder, FORMATS)
    return folder


def manifest_of(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return told


def test_the_table_is_there_with_its_schema_and_the_run_is_sound(run: Path) -> None:
    table = pl.read_parquet(run / "duties.parquet")
    assert table.schema == DUTIES
    assert table.equals(table.sort(DUTIES.names()))
    assert table.height == len(CASES)
    assert "duties.parquet" in manifest_of(run)["files"]
    assert verify(run) == ()


def test_a_table_that_was_changed_or_taken_away_is_found_out(found: Audit, tmp_path: Path) -> None:
    leave(found, tmp_path / "run")
    duties = tmp_path / "run" / "duties.parquet"
    bytes_left = duties.read_bytes()
    duties.write_bytes(bytes_left + b"\0")
    assert verify(tmp_path / "run")
    duties.unlink()
    assert verify(tmp_path / "run")


def test_people_have_the_pseudonyms_of_the_key_beside_the_run(run: Path) -> None:
    key = (run.parent / KEY_FILE).read_bytes()
    told = pl.read_parquet(run / "duties.parquet")["subject"].to_list()
    assert sorted(told, key=str) == sorted(
        ["*", None, pseudonym(key, "S-0001"), pseudonym(key, "S-0002")], key=str
    )
    assert manifest_of(run)["duties"]["key"] == mark_of(key)


def test_nobody_is_named_in_any_file(run: Path) -> None:
    for file in run.iterdir():
        assert b"S-0001" not in file.read_bytes(), file.name


def test_without_a_key_nobody_is_told_of_by_any_name(found: Audit) -> None:
    assert set(duty_table(found, None)["subject"]) == {"*", None}
    assert b"S-0001" not in json.dumps(duty_table(found, None).to_dicts(), default=str).encode()


def test_two_runs_beside_each_other_give_one_person_one_pseudonym(
    found: Audit, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        leave(found, tmp_path / name)
    one, two = ((tmp_path / name / "duties.parquet").read_bytes() for name in ("one", "two"))
    assert one == two


def test_the_manifest_counts_every_state_of_every_layer(run: Path) -> None:
    told = manifest_of(run)["duties"]
    assert told["as_of"] == AS_OF.isoformat()
    assert told["calendar_lacking"] == []
    assert told["states"] == {
        "statute": {
            "fulfilled": 1,
            "not_due": 0,
            "pending": 0,
            "fulfilment_unknown": 0,
            "undetermined": 1,
            "breached": 2,
        }
    }


def test_the_sums_of_verdicts_are_untouched(run: Path, tmp_path: Path) -> None:
    leave(audited(tmp_path / "packs", ()), tmp_path / "run")
    without, told = manifest_of(tmp_path / "run"), manifest_of(run)
    assert told["verdicts"] == without["verdicts"]
    assert told["recipient_roles"] == without["recipient_roles"]
    assert sum(told["findings"].values()) == sum(without["findings"].values()) + 3


def test_every_format_tells_them(run: Path) -> None:
    with (run / "duties.csv").open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    document = json.loads((run / "report.json").read_bytes())
    table = pl.read_parquet(run / "duties.parquet")
    assert [row["event_id"] for row in rows] == table["event_id"].to_list()
    assert [row["subject"] for row in document["duties"]] == table["subject"].to_list()
    assert document["run"]["duties"]["states"]["statute"]["breached"] == 2


def test_where_no_duty_names_a_person_no_key_is_made(tmp_path: Path) -> None:
    audit = audited(tmp_path / "packs", CASES[2:])
    leave(audit, tmp_path / "runs" / "one")
    assert key_beside(tmp_path / "runs" / "one", audit) is None
    assert [file.name for file in (tmp_path / "runs").iterdir()] == ["one"]


def test_a_pack_with_duties_of_which_none_arose_leaves_an_empty_table(tmp_path: Path) -> None:
    leave(audited(tmp_path / "packs", ()), tmp_path / "run")
    assert pl.read_parquet(tmp_path / "run" / "duties.parquet").is_empty()
    assert set(manifest_of(tmp_path / "run")["duties"]["states"]["statute"].values()) == {0}


def test_the_pseudonyms_are_those_of_the_records(found: Audit) -> None:
    told = duty_table(found, KEY).filter(pl.col("event_id") == "EV-2")["subject"].item()
    assert told == pseudonym(KEY, "S-0002")


@pytest.mark.parametrize("key", [KEY, None, Persons.REVEALED])
def test_duties_in_any_order_make_one_table(found: Audit, key: Key) -> None:
    mixed = replace(found, duty_rows=DutyRows(found.duties.reverse()))
    told = duty_table(found, key)
    assert told.equals(told.sort(DUTIES.names()))
    assert duty_table(mixed, key).equals(told)
    none = replace(found, duty_rows=DutyRows(told.clear()))
    assert [each.height for each in duty_pieces(none, key)] == [0]
