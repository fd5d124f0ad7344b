"""The run's tables in Parquet: the promised columns, and the same bytes for the same rows."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from pyarrow import parquet

from audit.reports import as_parquet
from audit.reports.as_parquet import render, write_parquet, write_pieces
from tests.judged import DAWN, Flow, audited, carrier, judgement, parties, partner

PER_LAYER = ("verdict", "decided_by", "possible", "failing", "nearest")
SAME_TABLE = """
import sys, polars as pl
from pathlib import Path
from audit.reports.as_parquet import write_parquet
rows = 140_001
table = pl.DataFrame({
    "flow_id": [f"F{n:07}" for n in range(rows)],
    "verdict": ["permitted", "violation", None] * (rows // 3),
    "decided_by": [["3-2-7b", "consent"], [], None] * (rows // 3),
})
write_parquet(table, Path(sys.argv[1]))
"""


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_tables_have_the_promised_columns(tmp_path: Path) -> None:
    audit = audited(judgement(Flow("F1")), parties(carrier(), partner("PTR-1")))
    for name, write in render(audit).items():
        write(tmp_path / name)
    read = {file.stem: pl.read_parquet(file) for file in tmp_path.iterdir()}
    assert read["verdicts"].columns == [
        "flow_id",
        *(f"{layer}_{name}" for layer in ("contract", "statute") for name in PER_LAYER),
        "overall",
        "conflict",
        "inferred",
        "consents",
    ]
    edge = ["sender", "recipient", "operation", "purpose", "data_category"]
    counts = ["flows", "subjects", "records", "first_seen", "last_seen"]
    assert read["edges"].columns[:10] == edge + counts
    promised = ["fingerprint", "layer", "clause", *edge[:4], "categories", "severity", *counts]
    assert {*promised, "cause", "remedy", "examples"} <= set(read["findings"].columns)
    assert read["clause_counts"].columns[:4] == ["layer", "clause", "flows", "subjects"]
    assert read["party_counts"].columns[:4] == ["party_id", "side", "flows", "subjects"]
    assert read["relation_counts"].columns[:4] == ["sender", "recipient", "flows", "subjects"]


@pytest.mark.parametrize("rows", [1, 7, 40])
def test_pieces_leave_no_trace(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_parquet, "ROWS_IN_A_GROUP", 20)
    table = pl.select(
        id=pl.int_range(41).cast(pl.String), codes=pl.concat_list(pl.lit("a"), pl.int_range(41))
    )
    write_parquet(table, tmp_path / "whole", rows)
    write_pieces(table.iter_slices(3), tmp_path / "pieces", rows)
    assert digest(tmp_path / "pieces") == digest(tmp_path / "whole")
    assert parquet.ParquetFile(tmp_path / "whole").num_row_groups == -(-41 // rows)
    write_pieces(iter([table.clear()]), tmp_path / "none")
    assert pl.read_parquet(tmp_path / "none").schema == table.schema


def test_what_is_read_back_is_what_was_written(tmp_path: Path) -> None:
    audit = audited(judgement(Flow("F1"), Flow("F2")), parties(carrier()))
    for name, write in render(audit).items():
        write(tmp_path / name)
    assert pl.read_parquet(tmp_path / "verdicts.parquet").equals(audit.verdicts)
    assert pl.read_parquet(tmp_path / "findings.parquet").equals(audit.findings)


def test_every_party_registered_or_met_is_told_as_it_stood(tmp_path: Path) -> None:
    idle = partner("PTR-2", "marketing", data_categories=["health"], agreement_from=DAWN)
    flows = (Flow("F1"), Flow("F2", recipient="STRANGER"), Flow("F3", recipient="CUSTOMER"))
    audit = audited(judgement(*flows), parties(carrier(), partner("PTR-1", "service"), idle))
    render(audit)["parties.parquet"](tmp_path / "parties")
    told = pl.read_parquet(tmp_path / "parties")
    assert told.select("party_id", "role", "registered", "seen").rows() == [
        ("CAR", "carrier", True, True),
        ("CUSTOMER", "subject", True, True),
        ("PTR-1", "authorized_partner", True, True),
        ("PTR-2", "authorized_partner", True, False),
        ("STRANGER", None, False, True),
    ]
    terms = ("purposes", "data_categories", "agreement_from", "agreement_until")
    assert told.select(terms).row(3) == (["marketing"], ["health"], DAWN, None)


def test_a_page_of_findings_lies_in_a_small_group(tmp_path: Path) -> None:
    audit = audited(judgement(Flow("F1")), parties(carrier()))
    many = pl.concat([audit.findings] * 5000)
    render(replace(audit, findings=many))["findings.parquet"](tmp_path / "findings")
    file = parquet.ParquetFile(tmp_path / "findings")
    assert file.metadata.row_group(0).num_rows == 2048
    assert file.metadata.num_rows == many.height


@pytest.mark.parametrize("cuts", [[1], [7, 150_000], list(range(0, 200_000, 10_000))])
def test_chunks_leave_no_trace(cuts: list[int], tmp_path: Path) -> None:
    table = pl.DataFrame({"a": range(200_000), "b": [["x"], None] * 100_000})
    edges = [0, *cuts, table.height]
    parts = [table[start:end] for start, end in pairwise(edges)]
    write_parquet(table, tmp_path / "whole")
    write_parquet(pl.concat(parts, rechunk=False), tmp_path / "parts")
    assert digest(tmp_path / "whole") == digest(tmp_path / "parts")


def test_threads_and_hash_seeds_leave_no_trace(tmp_path: Path) -> None:
    for number, threads in enumerate(("1", "4")):
        environment = os.environ | {
            "POLARS_MAX_THREADS": threads,
            "PYTHONHASHSEED": str(number),
            "TZ": f"UTC+{number}",
        }
        arguments = [sys.executable, "-c", SAME_TABLE, str(tmp_path / threads)]
        subprocess.run(arguments, env=environment, check=True)
    assert len({digest(file) for file in tmp_path.iterdir()}) == 1
