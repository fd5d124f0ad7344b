"""A journal holds every judged flow once, with its verdict, without its person, for its owner."""

import csv
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from audit.casework.journal import Journal, inquiry_of, journal_of, key_of
from audit.casework.workspace import KeptRun
from audit.problems import InputRefused, Problem, UsageRefused
from audit.records.pseudonyms import pseudonym
from audit.running import Progress
from audit.wording import Language, sentence
from tests.example_run import EXAMPLE, HOUSE, kept_run, own_copy


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept_run(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def journal(run: KeptRun) -> Journal:
    return journal_of(run)


@pytest.fixture(scope="module")
def exported() -> Mapping[str, Mapping[str, str]]:
    with (EXAMPLE / "flows.csv").open(encoding="utf-8", newline="") as file:
        return {row["flow_id"]: row for row in csv.DictReader(file)}


def whole(journal: Journal) -> pl.DataFrame:
    flows = journal.flows.collect()
    return flows.join(journal.shapes, on="shape").join(journal.said, on="said")


def test_every_judged_flow_is_there_with_what_was_said_of_it(
    run: KeptRun, journal: Journal
) -> None:
    verdicts = pl.read_parquet(run.file("verdicts.parquet"))
    assert whole(journal).select(verdicts.columns).sort("flow_id").equals(verdicts)


def test_a_flow_is_as_the_export_has_it(
    journal: Journal, exported: Mapping[str, Mapping[str, str]]
) -> None:
    for row in whole(journal).iter_rows(named=True):
        told = exported[row["flow_id"]]
        for name in ("sender", "recipient", "purpose", "operation"):
            assert row[name] == told[name].strip()
        assert row["occurred_at"].isoformat()[:4] == told["occurred_at"][:4]
        assert row["evidence_id"] == (told["evidence_id"] or None)
        assert ";".join(row["data_categories"]) == told["data_categories"].replace(" ", "")


def test_flows_stand_in_the_order_of_time(journal: Journal) -> None:
    order = journal.flows.select("occurred_at", "flow_id").collect()
    assert order.equals(order.sort("occurred_at", "flow_id"))


def test_people_are_under_keyed_pseudonyms_and_nowhere_by_id(
    run: KeptRun, journal: Journal, exported: Mapping[str, Mapping[str, str]]
) -> None:
    key = key_of(run)
    for row in journal.flows.select("flow_id", "subject").collect().iter_rows(named=True):
        assert row["subject"] == pseudonym(key, exported[row["flow_id"]]["subject_id"])
    held = b"".join(file.read_bytes() for file in journal.folder.iterdir())
    assert b"S-00" not in held


def test_nobody_else_may_open_it(journal: Journal) -> None:
    assert stat.S_IMODE(journal.folder.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(journal.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in journal.folder.iterdir()} == {0o600}


def test_it_is_written_once_and_then_needs_no_export(tmp_path: Path) -> None:
    export = own_copy(tmp_path / "export")
    run = kept_run(tmp_path / "runs", export)
    first = journal_of(run)
    written = first.folder.stat().st_mtime_ns
    (export / "flows.csv").unlink()
    assert journal_of(run).folder.stat().st_mtime_ns == written
    assert journal_of(run).flows.collect().equals(first.flows.collect())


def test_a_changed_export_is_told_in_a_sentence(tmp_path: Path) -> None:
    export = own_copy(tmp_path / "export")
    run = kept_run(tmp_path / "runs", export)
    with (export / "flows.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(InputRefused) as refused:
        journal_of(run)
    assert refused.value.problems == (Problem("recall-changed", {"name": "flows.csv"}),)
    assert all("flows.csv" in sentence(refused.value.problems[0], each) for each in Language)
    assert not list((run.folder.parent / ".journals").iterdir())


def test_a_missing_export_is_told_in_a_sentence(tmp_path: Path) -> None:
    export = own_copy(tmp_path / "export")
    run = kept_run(tmp_path / "runs", export)
    export.rename(tmp_path / "elsewhere")
    with pytest.raises(UsageRefused) as refused:
        journal_of(run)
    assert refused.value.problems[0].code == "recall-no-export"
    with pytest.raises(UsageRefused):
        inquiry_of(run)
    (tmp_path / "elsewhere").rename(export)
    assert inquiry_of(run).explain("F-0101").flow["flow_id"] == "F-0101"
    assert journal_of(run).flows.collect().height == run.manifest["rows"]["flows"]["judged"]


def test_verdicts_that_are_not_the_exports_make_no_journal(tmp_path: Path) -> None:
    run = kept_run(tmp_path / "runs")
    verdicts = pl.read_parquet(run.file("verdicts.parquet"))
    verdicts.with_columns(pl.col("flow_id") + "x").write_parquet(run.file("verdicts.parquet"))
    with pytest.raises(InputRefused) as refused:
        journal_of(run)
    judged = run.manifest["rows"]["flows"]["judged"]
    assert refused.value.problems[0] == Problem(
        "journal-incomplete", {"found": 0, "judged": judged}
    )


def test_another_key_makes_another_journal_and_the_old_one_goes(tmp_path: Path) -> None:
    run = kept_run(tmp_path / "runs")
    first = journal_of(run)
    before = names(first)
    (run.folder.parent / ".pseudonyms.key").unlink()
    second = journal_of(run)
    assert second.folder != first.folder
    assert not first.folder.exists()
    assert names(second) & before == {"*"}


def names(journal: Journal) -> set[str]:
    return set(journal.flows.select("subject").collect()["subject"])


# In a child process: how many flows the journal of the only run has.
WRITING = """
import sys
from pathlib import Path
from audit.casework.journal import journal_of
from audit.casework.workspace import Workspace
(run,) = Workspace(Path(sys.argv[1])).runs().runs
print(journal_of(run).flows.collect().height)
"""


def test_processes_at_once_write_one_journal(tmp_path: Path) -> None:
    run = kept_run(tmp_path / "runs")
    command = [sys.executable, "-c", WRITING, str(run.folder.parent)]
    children = [
        subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    heights = [int(child.communicate(timeout=120)[0]) for child in children]
    assert heights == [run.manifest["rows"]["flows"]["judged"]] * 3
    assert len(list((run.folder.parent / ".journals").iterdir())) == 1


def test_writing_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[Progress] = []
    run = kept_run(tmp_path / "runs")
    journal_of(run, told.append)
    assert told[-1].rows == run.manifest["rows"]["flows"]["rows"]


def test_a_folder_that_may_not_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    run = kept_run(tmp_path / "runs")
    key_of(run)
    (run.folder.parent / ".journals").write_text("a file in its place", encoding="utf-8")
    with pytest.raises(UsageRefused) as refused:
        journal_of(run)
    assert refused.value.problems[0].code == "publish-denied"
