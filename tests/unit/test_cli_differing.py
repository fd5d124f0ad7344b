"""`diff` says how verdicts moved, by which clauses, and whether anything became worse."""

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.commanding import HOUSE, command

EXAMPLE = HOUSE / "examples" / "small_carrier"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`before`: the example; `after`: the same without any record of arrears."""
    folder = tmp_path_factory.mktemp("runs")
    shutil.copytree(EXAMPLE, folder / "export")
    command("run", folder / "export", "--out", folder / "before")
    evidence = pl.read_csv(EXAMPLE / "evidence.csv", infer_schema=False)
    evidence.filter(pl.col("kind") != "arrears").write_csv(folder / "export" / "evidence.csv")
    command("run", folder / "export", "--out", folder / "after")
    return folder


def told(runs: Path, *sides: str) -> dict[str, Any]:
    done = command("diff", *(runs / side for side in sides), "--format", "json")
    found: dict[str, Any] = json.loads(done.out)
    return found


def verdicts(run: Path) -> pl.DataFrame:
    return pl.read_parquet(run / "verdicts.parquet").select(
        "flow_id", "contract_verdict", "contract_decided_by"
    )


def test_every_flow_that_moved_is_counted_under_its_clauses(runs: Path) -> None:
    both = verdicts(runs / "before").join(verdicts(runs / "after"), on="flow_id", suffix="_after")
    moved = both.filter(pl.col("contract_verdict") != pl.col("contract_verdict_after"))
    assert moved.height > 5
    shifts = told(runs, "before", "after")["shifts"]
    assert sum(each["flows"] for each in shifts) == moved.height
    for each in shifts:
        (row,) = moved.filter(flow_id=each["examples"][0]).to_dicts()
        assert each["before_by"] == row["contract_decided_by"]
        assert each["after_by"] == row["contract_decided_by_after"]
    gravities = ["violation", "indeterminate", "excepted", "permitted"]
    order = [gravities.index(each["after"]) for each in shifts]
    assert order == sorted(order)


def test_the_matrix_accounts_for_every_flow(runs: Path) -> None:
    counted = sum(each["flows"] for each in told(runs, "before", "after")["verdicts"])
    assert counted == verdicts(runs / "before").height


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_became_worse_is_said_and_told_by_the_exit_code(runs: Path, language: str) -> None:
    done = command("diff", runs / "before", runs / "after", "--lang", language)
    assert (done.code, done.err) == (1, "")
    assert "3-2-9.1" in done.out
    assert ("By which clauses" if language == "en" else "因哪些条款") in done.out


def test_two_runs_of_the_same_say_the_same(runs: Path) -> None:
    done = command("diff", runs / "before", runs / "before", "--lang", "en")
    assert (done.code, done.err) == (0, "")
    assert "Both runs say the same of every flow" in done.out


def test_a_flow_that_is_no_longer_there_is_told_as_not_judged(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "export")
    flows = pl.read_csv(EXAMPLE / "flows.csv", infer_schema=False)
    flows.filter(pl.col("flow_id") != "F-0101").write_csv(tmp_path / "export" / "flows.csv")
    command("run", tmp_path / "export", "--out", tmp_path / "fewer")
    done = command("diff", runs / "before", tmp_path / "fewer", "--format", "json")
    (gone,) = [each for each in json.loads(done.out)["shifts"] if each["after"] is None]
    assert (gone["flows"], gone["examples"], gone["after_by"]) == (1, ["F-0101"], None)


def test_a_run_that_was_tampered_with_is_not_compared(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "after", tmp_path / "after")
    (tmp_path / "after" / "rejected.csv").write_bytes(b"x")
    done = command("diff", runs / "before", tmp_path / "after")
    assert (done.code, done.out) == (3, "")
    assert "rejected.csv" in done.err
