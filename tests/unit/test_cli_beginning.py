"""What is begun before the engine is loaded is what the run would have found."""

import os
import signal
import subprocess
import time
from pathlib import Path

import polars as pl
import pytest

from audit import InputRefused, Request, audit
from audit.cli import beginning
from audit.cli.beginning import begun
from audit.records.checking import flow_batches
from audit.sources import confined, vetting
from audit.sources.opening import open_export
from audit.vocabulary import load_vocabulary
from tests.commanding import HOUSE, command

EXAMPLE = HOUSE / "examples" / "small_carrier"


@pytest.fixture
def converted(tmp_path: Path) -> Path:
    """The example as Parquet, two flows of which share an id."""
    folder = tmp_path / "converted"
    command("convert", EXAMPLE, folder)
    (file,) = folder.rglob("flows*.parquet")
    flows = pl.read_parquet(file)
    pl.concat([flows.head(2), flows.head(1)]).write_parquet(file)
    return folder


def test_a_folder_is_opened_and_its_repeated_ids_are_told(converted: Path) -> None:
    export = open_export(converted)
    with begun(converted, None, ids=True) as opened:
        assert opened is not None
        told = opened()
        assert told == export
        assert told.foreseen is not None
        assert told.foreseen() == flow_batches(export, load_vocabulary()).foreseen()
        assert len(told.foreseen() or ()) == 1


def test_ids_are_read_ahead_only_where_that_is_quick_and_asked_for(
    converted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with begun(converted, None, ids=False) as opened:
        assert opened is not None
        assert opened().foreseen is None
    monkeypatch.setattr(beginning, "_FEW", 2)
    with begun(converted, None, ids=True) as opened:
        assert opened is not None
        assert opened().foreseen is None


@pytest.mark.parametrize("zone", [None, "+99:00"])
def test_what_cannot_be_opened_is_refused_in_its_turn(converted: Path, zone: str | None) -> None:
    if zone is None:
        next(converted.glob("flows*")).write_bytes(b"PAR1")
    options = ["--timezone", zone] if zone else []
    done = command("run", converted, "--pack", "nobody", *options, "--lang", "en")
    assert done.code == 2
    assert "nobody" in done.err
    done = command("run", converted, *options, "--lang", "en")
    assert done.code == (2 if zone else 3)
    assert (zone or "flows-00000.parquet") in done.err


@pytest.mark.parametrize(
    "place", ["source.toml", "folder", "flows.parquet", "x" * 300, "books", "nested"]
)
def test_what_may_take_long_or_cannot_be_looked_at_is_not_begun(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "source.toml").touch()
    (tmp_path / "flows.parquet").touch()
    for folder, beside in (("books", "flows.xlsx"), ("nested", "consents")):
        (tmp_path / folder / beside).mkdir(parents=True)
        (tmp_path / folder / "parties.parquet").touch()
    with begun(tmp_path / place, None, ids=True) as opened:
        assert opened is None
    assert not confined._waiting


def test_a_path_that_cannot_be_looked_at_is_refused_as_input(tmp_path: Path) -> None:
    done = command("run", tmp_path / ("x" * 300), "--lang", "en")
    assert done.code == 3
    assert "could not be read" in done.err


def test_flows_that_change_after_their_ids_were_read_are_refused(converted: Path) -> None:
    """The row that came would spoil one that was told to have its id alone."""
    (file,) = converted.glob("flows*.parquet")
    flows = pl.read_parquet(file)
    with begun(converted, None, ids=True) as opened:
        assert opened is not None
        assert len((opened().foreseen or frozenset)() or ()) == 1
        pl.concat([flows, flows.tail(1)]).write_parquet(file)
        with pytest.raises(InputRefused) as refused:
            audit(Request(converted, opened=opened))
    assert [problem.code for problem in refused.value.problems] == ["file-changed"]


def test_a_child_that_waits_is_the_one_that_is_asked(converted: Path) -> None:
    with vetting.ready():
        (waiting,) = confined._waiting.values()
        assert open_export(converted).rows("flows") == 3
        assert not confined._waiting
        assert waiting.poll() is not None


def test_a_child_whom_nobody_asked_is_gone_at_the_end() -> None:
    with vetting.ready():
        (waiting,) = confined._waiting.values()
    assert waiting.poll() is not None
    assert not confined._waiting


def test_a_child_that_does_not_answer_is_not_waited_for_at_the_end(
    converted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, start_child = time.monotonic(), confined._started

    def stopped(module: str) -> subprocess.Popen[bytes]:
        child = start_child(module)
        os.kill(child.pid, signal.SIGSTOP)
        return child

    monkeypatch.setattr(confined, "_started", stopped)
    with begun(converted, None, ids=True) as opened:
        assert opened is not None
    with pytest.raises(InputRefused):
        opened()
    assert time.monotonic() - start < confined.SECONDS / 10


def test_a_child_whom_nobody_asks_is_gone_with_its_question() -> None:
    child = confined._started("audit.sources.vetting_child")
    assert child.communicate(timeout=60)[0] == b""
    assert child.returncode == 0
