"""What a spreadsheet reads back: every cell as text, no cell a formula."""

import csv
from pathlib import Path

import polars as pl
import pytest

from audit.reports.as_csv import render, write_csv
from tests.judged import NO_GROUND, Flow, audited, carrier, judgement, parties, partner


def read_back(table: pl.DataFrame, tmp_path: Path) -> list[dict[str, str]]:
    file = tmp_path / "table.csv"
    write_csv(table, file)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_text_is_a_formula(sign: str, tmp_path: Path) -> None:
    table = pl.DataFrame({"cause": [f"{sign}1+1"], "categories": [[f"{sign}1", "b"]]})
    (row,) = read_back(table, tmp_path)
    assert row == {"cause": f"'{sign}1+1", "categories": f"'{sign}1;b"}


@pytest.mark.parametrize("text", ['say "no", twice', "two\r\nlines", "a,b", "', =1", "客户", ""])
def test_any_other_text_comes_back_as_it_was(text: str, tmp_path: Path) -> None:
    assert read_back(pl.DataFrame({"cause": [text]}), tmp_path)[0]["cause"] == text


def test_the_file_says_that_it_is_utf8_and_ends_its_lines_as_the_standard_does(
    tmp_path: Path,
) -> None:
    file = tmp_path / "table.csv"
    write_csv(pl.DataFrame({"a": ["客户", None], "b": [1, -1]}), file)
    assert file.read_bytes() == "\ufeffa,b\r\n客户,1\r\n,-1\r\n".encode()


def test_every_table_of_a_run_is_there_in_full(tmp_path: Path) -> None:
    flows = (Flow("F1"), Flow("=F2", units={"contact.phone": NO_GROUND}))
    audit = audited(judgement(*flows), parties(carrier(), partner("PTR-1")))
    for name, write in render(audit).items():
        write(tmp_path / name)
    read = {file.name: file.read_text("utf-8-sig").splitlines() for file in tmp_path.iterdir()}
    assert set(read) == {"verdicts.csv", "edges.csv", "findings.csv", "duties.csv"}
    assert read["verdicts.csv"][0].startswith("flow_id,contract_verdict,contract_decided_by")
    assert read["verdicts.csv"][1].startswith("'=F2,violation,no-ground")
    assert read["edges.csv"][1].startswith("CAR,PTR-1,share,service.repair,contact.phone,2,1,2,")
    assert "2025-01-01T00:00:00.000000Z" in read["edges.csv"][1]
    assert len(read["findings.csv"]) == audit.findings.height + 1
