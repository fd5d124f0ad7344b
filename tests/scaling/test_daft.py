"""Flows judged by processes of Daft: the same bytes as in one process, whatever happens to some."""

import tempfile
from pathlib import Path

import pytest

from audit.scaling import driving
from audit.scaling.planning import Shard, planned
from audit.sources.export import Export
from tests.commanding import Done, command
from tests.exporting import Form
from tests.sharded import SHARD_ROWS, content, cut_small, dirty, killing

# Daft leaves it to the collector to close what it read of its processes.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)

EXAMPLE = Path("examples/small_carrier")


def run(export: Path, folder: Path, engine: str) -> Done:
    """The run, which has to leave nothing in the folder for passing things."""
    return command(
        *("run", export, "--out", folder, "--engine", engine),
        *("--format", "csv", "--quiet", "--lang", "en", "--no-cache"),
    )


def same(export: Path, folder: Path) -> None:
    """Hold a run by Daft against one in this process."""
    ours, theirs = run(export, folder / "local", "local"), run(export, folder / "daft", "daft")
    assert (theirs.code, theirs.err) == (ours.code, ours.err)
    assert content(folder / "daft") == content(folder / "local")


def test_the_example_has_the_same_bytes(tmp_path: Path) -> None:
    same(EXAMPLE, tmp_path)


def test_rejected_rows_and_ids_repeated_far_apart_are_found_alike(tmp_path: Path) -> None:
    same(dirty(tmp_path, Form.CSV), tmp_path)
    told = (tmp_path / "daft" / "rejected.csv").read_text(encoding="utf-8")
    assert told.count("id-repeated") >= 2


def test_a_process_that_is_killed_halfway_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_small(monkeypatch)
    shared = tmp_path / "tmp"
    shared.mkdir()
    monkeypatch.setenv("TMPDIR", str(shared))
    monkeypatch.setattr(tempfile, "tempdir", None)
    export = dirty(tmp_path, Form.PARQUET)
    with killing("daft.execution.udf_worker", shared) as killer:
        same(export, tmp_path)
    assert killer.killed is not None
    assert not list(shared.glob("consent-audit-*"))


def test_a_file_that_is_cut_short_meanwhile_publishes_nothing_and_a_rerun_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = dirty(tmp_path, Form.PARQUET)
    file = tmp_path / "flows-1.parquet"
    whole = file.read_bytes()

    def cut(found: Export) -> tuple[Shard, ...]:
        shards = planned(found, SHARD_ROWS)
        file.write_bytes(whole[: len(whole) // 2])
        return shards

    with monkeypatch.context() as patch:
        patch.setattr(driving, "planned", cut)
        done = run(export, tmp_path / "run", "daft")
    assert (done.code, len(done.err.splitlines())) == (3, 1)
    assert "flows-1.parquet" in done.err
    assert not (tmp_path / "run").exists()
    file.write_bytes(whole)
    assert run(export, tmp_path / "run", "daft").code == 1
