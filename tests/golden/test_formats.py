"""The examples made of events and of manifests, judged by hand, against what the audit says."""

import csv
from pathlib import Path

import polars as pl
import pytest

from audit.sources.opening import open_export
from tests.commanding import HOUSE, command

HERE = Path(__file__).parent
NAMES = ("openlineage", "fides")


def by_hand(name: str) -> dict[str, tuple[str, str, str]]:
    with (HERE / f"{name}_expected.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["flow_id"]: (row["verdict"], row["decided_by"], row["failing"])
            for row in csv.DictReader(file)
        }


def judged(export: Path, run: Path) -> dict[str, tuple[str, str, str]]:
    assert command("run", export, "--out", run).code == 1
    told = {
        row["flow_id"]: (
            row["contract_verdict"],
            ";".join(row["contract_decided_by"]),
            ";".join(row["contract_failing"]),
        )
        for row in pl.read_parquet(run / "verdicts.parquet").iter_rows(named=True)
    }
    files = open_export(export).files("flows")
    made = (flow for file in files for flow in pl.read_parquet(file.path)["flow_id"])
    return dict.fromkeys(made, ("rejected", "", "")) | told


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_judged_as_by_hand(name: str, tmp_path: Path) -> None:
    assert judged(HOUSE / "examples" / name / "export.toml", tmp_path / "run") == by_hand(name)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_converted_is_judged_the_same(name: str, tmp_path: Path) -> None:
    done = command("convert", HOUSE / "examples" / name / "export.toml", tmp_path / "out")
    assert done.code == 0
    assert judged(tmp_path / "out" / "export.toml", tmp_path / "run") == by_hand(name)
