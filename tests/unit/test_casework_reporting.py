"""A report from a desk is the one that the command line writes, with what was decided since."""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.casework.desk import Desk
from audit.casework.roles import Reader, Role
from audit.casework.triaging import Ruling
from audit.casework.workspace import KeptRun, opened
from audit.problems import InputRefused
from audit.triage.decision import Kind, Target
from audit.triage.state import State
from audit.wording import Language
from tests.example_run import EXAMPLE
from tests.screens.keeping import keep


@pytest.fixture
def run(tmp_path: Path) -> KeptRun:
    return opened(keep(EXAMPLE, tmp_path / "runs" / "one"))


@pytest.fixture
def desk(run: KeptRun) -> Desk:
    return Desk(run, Reader(Role.officer, "chen"))


def test_a_report_is_of_this_run_and_tells_what_was_decided(desk: Desk) -> None:
    name = desk.page().frame["fingerprint"][0]
    ruling = Ruling(State.FALSE_POSITIVE, (Target(Kind.FINDING, (name,)),), "known")
    needing = Ruling(ruling.state, ruling.targets, ruling.reason, approver="wang")
    desk.decide(needing, 0, datetime.now(UTC))
    file = desk.report("json", Language.en)
    assert file.name == f"{desk.run.run_id[:12]}-json.json"
    told = json.loads(file.body)
    (found,) = [each for each in told["findings"] if each["fingerprint"] == name]
    assert found["triage"]["state"] == "false_positive"
    assert found["triage"]["author"] == "chen"


def test_several_files_come_in_one_archive_that_no_clock_is_in(desk: Desk) -> None:
    first, second = (desk.report("csv", Language.zh) for _ in range(2))
    assert first.body == second.body
    with zipfile.ZipFile(io.BytesIO(first.body)) as archive:
        assert "findings.csv" in archive.namelist()


def test_a_run_that_was_altered_makes_no_report(desk: Desk) -> None:
    with (desk.run.folder / "edges.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(InputRefused):
        desk.report("json", Language.zh)
