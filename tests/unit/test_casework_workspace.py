"""Runs are found newest first; what cannot be read is told; what was touched is never sound."""

import json
import os
import shutil
from pathlib import Path

import pytest

from audit.casework.workspace import DUTIES, NEEDED, SAID, KeptRun, Workspace, opened
from audit.problems import UsageRefused
from audit.wording import Language, sentence
from tests.judged import Flow
from tests.kept import kept


@pytest.fixture
def two(tmp_path: Path) -> tuple[KeptRun, KeptRun]:
    old, new = kept(tmp_path / "b-old", [Flow("F1")]), kept(tmp_path / "a-new", [Flow("F2")])
    os.utime(old.file("manifest.json"), (1_000_000_000, 1_000_000_000))
    os.utime(new.file("manifest.json"), (1_700_000_000, 1_700_000_000))
    return old, new


def test_runs_are_listed_newest_first(tmp_path: Path, two: tuple[KeptRun, KeptRun]) -> None:
    old, new = two
    listed = Workspace(tmp_path).runs()
    assert listed.runs == (new, old)
    assert listed.broken == ()
    assert [run.kept_at.isoformat()[:10] for run in listed.runs] == ["2023-11-14", "2001-09-09"]


def test_a_workspace_may_be_a_run_itself(tmp_path: Path, two: tuple[KeptRun, KeptRun]) -> None:
    assert Workspace(tmp_path / "a-new").runs().runs == (two[1],)


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_a_place_without_runs_has_none(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert Workspace(tmp_path / place).runs().runs == ()


def test_hidden_folders_and_folders_without_a_manifest_are_passed_by(tmp_path: Path) -> None:
    run = kept(tmp_path / "run", [Flow("F1")])
    shutil.copytree(run.folder, tmp_path / ".run.partial")
    (tmp_path / "notes").mkdir()
    assert Workspace(tmp_path).runs().runs == (run,)


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "[" * 100_000, "{}"])
def test_a_manifest_that_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    run = kept(tmp_path / "run", [Flow("F1")])
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "manifest.json").write_text(text, encoding="utf-8")
    listed = Workspace(tmp_path).runs()
    assert listed.runs == (run,)
    for language in Language:
        assert "torn" in sentence(listed.broken[0], language)


def test_every_table_that_a_run_leaves_is_needed(tmp_path: Path) -> None:
    run = kept(tmp_path / "run", [Flow("F1")])
    assert {*NEEDED, DUTIES, "manifest.json"} == {file.name for file in run.folder.iterdir()}
    assert set(SAID) <= set(run.manifest)


def test_a_run_that_tells_of_duties_and_lacks_their_table_is_told(tmp_path: Path) -> None:
    run = kept(tmp_path / "run", [Flow("F1")])
    run.file(DUTIES).unlink()
    (problem,) = Workspace(tmp_path).runs().broken
    assert DUTIES in sentence(problem, Language.en)


@pytest.mark.parametrize("word", SAID)
def test_a_manifest_that_lacks_a_word_is_told(tmp_path: Path, word: str) -> None:
    run = kept(tmp_path / "run", [Flow("F1")])
    said = json.loads(run.file("manifest.json").read_bytes())
    del said[word]
    run.file("manifest.json").write_text(json.dumps(said), encoding="utf-8")
    (problem,) = Workspace(tmp_path).runs().broken
    assert word in sentence(problem, Language.en)


def test_a_run_without_its_tables_is_told(tmp_path: Path) -> None:
    run = kept(tmp_path / "run", [Flow("F1")])
    run.file("parties.parquet").unlink()
    listed = Workspace(tmp_path).runs()
    assert listed.runs == ()
    assert "parties.parquet" in sentence(listed.broken[0], Language.en)
    with pytest.raises(UsageRefused):
        opened(run.folder)


def test_a_run_is_found_by_the_beginning_of_its_id(
    tmp_path: Path, two: tuple[KeptRun, KeptRun]
) -> None:
    for run in two:
        assert Workspace(tmp_path).run(run.run_id) == run
        assert Workspace(tmp_path).run(run.run_id[:12]) == run


@pytest.mark.parametrize("asked", ["", "zzzz", "../a-new", "a-new"])
def test_no_other_word_opens_a_run(
    tmp_path: Path, two: tuple[KeptRun, KeptRun], asked: str
) -> None:
    assert two
    with pytest.raises(UsageRefused) as refused:
        Workspace(tmp_path).run(asked)
    assert refused.value.problems[0].code == "run-unknown"


def test_of_a_run_kept_twice_the_newer_copy_is_opened(tmp_path: Path) -> None:
    run = kept(tmp_path / "one", [Flow("F1")])
    shutil.copytree(run.folder, tmp_path / "two")
    os.utime(tmp_path / "two" / "manifest.json", (4_000_000_000, 4_000_000_000))
    assert Workspace(tmp_path).run(run.run_id).folder.name == "two"


def test_an_untouched_run_has_no_faults(tmp_path: Path) -> None:
    assert kept(tmp_path / "run", [Flow("F1")]).faults() == ()


@pytest.mark.parametrize("name", ["findings.parquet", "verdicts.parquet", "rejected.csv"])
def test_a_touched_file_is_a_fault_at_once(tmp_path: Path, name: str) -> None:
    run = kept(tmp_path / "run", [Flow("F1")])
    assert run.faults() == ()
    whole = run.file(name).read_bytes()
    run.file(name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert [problem.code for problem in run.faults()] == ["verify-changed"]
    run.file(name).write_bytes(whole)
    assert run.faults() == ()


def test_a_file_added_or_a_manifest_rewritten_is_a_fault(tmp_path: Path) -> None:
    run = kept(tmp_path / "run", [Flow("F1")])
    run.file("more.txt").write_text("x", encoding="utf-8")
    assert [problem.code for problem in run.faults()] == ["verify-added"]
    run.file("more.txt").unlink()
    told = json.loads(run.file("manifest.json").read_bytes())
    told["verdicts"]["contract"]["violation"] = 7
    run.file("manifest.json").write_text(json.dumps(told), encoding="utf-8")
    assert [problem.code for problem in run.faults()] == ["verify-manifest-changed"]


def test_a_run_that_is_gone_is_refused_in_words(tmp_path: Path) -> None:
    run = kept(tmp_path / "run", [Flow("F1")])
    shutil.rmtree(run.folder)
    for ask in (lambda: run.manifest, lambda: run.kept_at):
        with pytest.raises(UsageRefused):
            ask()
