"""The folder that a run leaves: named files, one manifest, the same bytes for the same run."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.clauses.clause import Verdict
from audit.outcome import Audit, RowCount, Unaccounted
from audit.problems import UsageRefused
from audit.publishing import verify
from audit.reports import FORMATS
from audit.reports.run_folder import leave
from tests.judged import NO_GROUND, Flow, audited, carrier, judgement, parties, partner

FLOWS = (
    Flow("F1"),
    Flow("F2", units={"contact.phone": NO_GROUND, "health": NO_GROUND}, subject=4),
    Flow("F3", sender="PTR-1", recipient="PTR-2", day=1),
)
ALWAYS = {
    "manifest.json",
    "verdicts.parquet",
    "edges.parquet",
    "parties.parquet",
    "findings.parquet",
    "clause_counts.parquet",
    "party_counts.parquet",
    "relation_counts.parquet",
    "stream_counts.parquet",
    "duties.parquet",
    "rejected.csv",
}
WRITE_AGAIN = """
import random, sys
from pathlib import Path
from audit.reports.run_folder import leave
from tests.unit.test_reports_run_folder import FLOWS, audit_of
flows = random.Random(int(sys.argv[2])).sample(FLOWS, len(FLOWS))
leave(audit_of(*flows), Path(sys.argv[1]), ["csv", "json", "graphml"])
"""


def audit_of(*flows: Flow) -> Audit:
    return audited(judgement(*flows), parties(carrier(), partner("PTR-1", "service")))


def manifest_of(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return told


def test_a_run_leaves_the_files_that_were_promised(tmp_path: Path) -> None:
    leave(audit_of(*FLOWS), tmp_path / "run")
    assert {file.name for file in (tmp_path / "run").iterdir()} == ALWAYS
    assert [file.name for file in tmp_path.iterdir()] == ["run"]
    assert verify(tmp_path / "run") == ()


def test_formats_come_beside_the_tables(tmp_path: Path) -> None:
    leave(audit_of(*FLOWS), tmp_path / "run", FORMATS)
    assert {file.name for file in (tmp_path / "run").iterdir()} == ALWAYS | {
        "verdicts.csv",
        "edges.csv",
        "findings.csv",
        "duties.csv",
        "report.json",
        "graph.graphml",
        "baseline.json",
        "report.html",
        "report.pdf",
        "ropa.xlsx",
        "ropa.html",
        "ropa.jsonld",
        "ropa.pdf",
        "workpaper.html",
        "workpaper.pdf",
        "report.sarif",
        "junit.xml",
        "report.xlsx",
    }


def test_the_manifest_tells_what_went_in_and_what_came_out(tmp_path: Path) -> None:
    audit = audit_of(*FLOWS)
    leave(audit, tmp_path / "run")
    told = manifest_of(tmp_path / "run")
    assert told["run_id"] == audit.run_id
    assert told["inputs"] == [
        {"table": "flows", "name": "flows.csv", "digest": "f" * 64, "rows": 4}
    ]
    assert told["packs"][0]["id"] == "telecom_agreement"
    assert told["rows"]["flows"] == {"rows": 4, "judged": 3, "rejected": 1, "repeated": 0}
    assert told["verdicts"]["contract"]["violation"] == 1
    assert sum(told["findings"].values()) == audit.findings.height
    assert set(told["versions"]) == {"consent-audit", "polars", "python"}
    assert set(told["files"]) == ALWAYS - {"manifest.json"}


def test_rejected_rows_are_there_as_text(tmp_path: Path) -> None:
    leave(audit_of(*FLOWS), tmp_path / "run")
    lines = (tmp_path / "run" / "rejected.csv").read_text("utf-8-sig").splitlines()
    assert lines == [
        "table,file,position,column,value,code,reason",
        "flows,flows.csv,9,occurred_at,2025-**,unreadable,'=not a time",
    ]


def test_the_same_run_leaves_the_same_bytes(tmp_path: Path) -> None:
    house = Path(__file__).parents[2]
    for number in range(2):
        environment = os.environ | {
            "PYTHONHASHSEED": str(number),
            "POLARS_MAX_THREADS": str(number + 1),
            "TZ": ("Asia/Shanghai", "America/New_York")[number],
            "LC_ALL": ("C", "C.UTF-8")[number],
            "PYTHONPATH": str(house),
        }
        arguments = [sys.executable, "-c", WRITE_AGAIN, str(tmp_path / f"{number}"), str(number)]
        subprocess.run(arguments, env=environment, cwd=house, check=True)
    runs = [
        {file.name: file.read_bytes() for file in folder.iterdir()} for folder in tmp_path.iterdir()
    ]
    assert runs[0] == runs[1]


def test_a_run_is_named_by_what_it_read_and_was_told() -> None:
    audit = audit_of(*FLOWS)
    renamed = replace(audit.inputs[0], name="other.csv")
    changed = replace(audit.inputs[0], digest="0" * 64)
    assert replace(audit, inputs=(renamed,)).run_id == audit.run_id
    assert replace(audit, inputs=(changed,)).run_id != audit.run_id
    assert replace(audit, packs=()).run_id != audit.run_id
    options = replace(audit.options, timezone="UTC")
    assert replace(audit, options=options).run_id != audit.run_id


@pytest.mark.parametrize(
    "rows",
    [RowCount(5, 3, 1), RowCount(4, 4, 0), RowCount(5, 3, 2), RowCount(3, 2, 1)],
    ids=["one lost", "one judged too often", "one without a reason", "one too many verdicts"],
)
def test_a_run_that_lost_a_row_is_never_published(rows: RowCount, tmp_path: Path) -> None:
    audit = audit_of(*FLOWS)
    with pytest.raises(Unaccounted):
        leave(replace(audit, rows={**audit.rows, "flows": rows}), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_layer_that_judged_only_some_flows_is_never_published(tmp_path: Path) -> None:
    some = replace(FLOWS[0], statute={"contact.phone": NO_GROUND})
    with pytest.raises(Unaccounted, match="statute"):
        leave(audit_of(some, *FLOWS[1:]), tmp_path / "run")


def test_no_subject_is_named_anywhere(tmp_path: Path) -> None:
    """The tables know subjects as numbers only to count them; none of them leaves."""
    leave(audit_of(Flow("F1", subject=987_654_321)), tmp_path / "run", ["csv", "json", "graphml"])
    text = b"".join(file.read_bytes() for file in (tmp_path / "run").iterdir())
    assert b"987654321" not in text


def test_a_folder_that_is_there_is_refused(tmp_path: Path) -> None:
    leave(audit_of(*FLOWS), tmp_path / "run")
    before = manifest_of(tmp_path / "run")
    with pytest.raises(UsageRefused):
        leave(audit_of(FLOWS[0]), tmp_path / "run")
    assert manifest_of(tmp_path / "run") == before
    leave(audit_of(FLOWS[0]), tmp_path / "run", replace=True)
    assert manifest_of(tmp_path / "run") != before


def test_a_run_without_a_single_flow_is_complete(tmp_path: Path) -> None:
    leave(audit_of(), tmp_path / "run", FORMATS)
    assert manifest_of(tmp_path / "run")["verdicts"] == {"contract": dict.fromkeys(Verdict, 0)}
    assert verify(tmp_path / "run") == ()
