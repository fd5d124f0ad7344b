"""What is begun before the engine is loaded is what the run would have found."""

from pathlib import Path

import polars as pl
import pytest

from audit import Request
from audit.cli import beginning
from audit.cli.beginning import begin
from audit.engine import Engine
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
    told = begin(converted, None).given_to(Request(converted))
    export = open_export(converted)
    assert told.opened == export
    assert told.foreseen is not None
    assert told.foreseen() == flow_batches(export, load_vocabulary()).foreseen()
    assert len(told.foreseen() or ()) == 1


def test_ids_are_read_ahead_only_where_that_is_quick_and_asked_for(
    converted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = begin(converted, None)
    for asked in (Request(converted, since="0" * 64), Request(converted, engine=Engine.daft)):
        assert begun.given_to(asked).foreseen is None
    assert begin(EXAMPLE, None).given_to(Request(EXAMPLE)).foreseen is None  # CSV tells no rows
    monkeypatch.setattr(beginning, "_FEW", 2)
    assert begin(converted, None).given_to(Request(converted)).foreseen is None


@pytest.mark.parametrize("zone", [None, "+99:00"])
def test_what_cannot_be_opened_is_left_for_the_run_to_refuse(
    converted: Path, zone: str | None
) -> None:
    if zone is None:
        next(converted.glob("flows*")).write_bytes(b"PAR1")
    asked = Request(converted, timezone=zone)
    assert begin(converted, zone).given_to(asked) is asked
    options = ["--timezone", zone] if zone else []
    done = command("run", converted, "--pack", "nobody", *options, "--lang", "en")
    assert done.code == 2
    assert "nobody" in done.err


def test_what_is_no_folder_is_not_begun(tmp_path: Path) -> None:
    asked = Request(tmp_path / "source.toml")
    assert begin(asked.export, None).given_to(asked) is asked


def test_a_child_that_waits_is_the_one_that_is_asked(converted: Path) -> None:
    vetting.get_ready()
    (waiting,) = confined._waiting.values()
    vetting.get_ready()
    assert [*confined._waiting.values()] == [waiting]
    assert open_export(converted).rows("flows") == 3
    assert not confined._waiting
    assert waiting.poll() is not None


def test_a_child_whom_nobody_asks_is_gone_with_its_question() -> None:
    child = confined._started("audit.sources.vetting_child")
    assert child.communicate(timeout=60)[0] == b""
    assert child.returncode == 0
