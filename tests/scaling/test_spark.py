"""Flows judged by Spark's executors: the same bytes as in one process, whatever happens to one."""

import tempfile
from pathlib import Path

import pyspark
import pytest

from tests.commanding import Done, command
from tests.exporting import Form
from tests.sharded import content, cut_small, dirty, killing

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where runs and workers meet; Spark writes what it writes beside, two executors strong."""
    (shared := tmp_path / "tmp").mkdir()
    (home := tmp_path / "spark").mkdir()
    for part in Path(pyspark.__file__).parent.iterdir():
        (home / part.name).symlink_to(part)
    monkeypatch.setenv("SPARK_HOME", str(home))
    monkeypatch.setenv("MASTER", "local-cluster[2,1,1024]")
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # quicker
    monkeypatch.setenv("TMPDIR", str(shared))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return shared


def run(export: Path, folder: Path, engine: str) -> Done:
    return command(
        *("run", export, "--out", folder, "--engine", engine),
        *("--format", "csv", "--quiet", "--lang", "en", "--no-cache"),
    )


def test_an_executor_that_is_killed_halfway_changes_nothing(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_small(monkeypatch)
    export = dirty(tmp_path, Form.PARQUET)
    ours = run(export, tmp_path / "local", "local")
    with killing("CoarseGrainedExecutorBackend", shared) as killer:
        theirs = run(export, tmp_path / "run", "spark")
    assert killer.killed is not None
    assert (theirs.code, theirs.err) == (ours.code, ours.err)
    assert content(tmp_path / "run") == content(tmp_path / "local")
    assert not list(shared.glob("consent-audit-*"))
