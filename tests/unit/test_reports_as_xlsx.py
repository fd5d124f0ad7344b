"""What a spreadsheet reads back from the workbook of a run."""

import errno
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl
import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from audit.outcome import Audit, InputFile
from audit.reports import as_xlsx
from audit.reports.duties import Key, Persons
from audit.wording import Language
from tests.judged import NO_GROUND, Flow, audited, carrier, judgement, parties, partner
from tests.reported import example, written

KEY = bytes(range(32))
Book: TypeAlias = Any  # openpyxl has no stubs
Sheet: TypeAlias = Any
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "{=1}", "https://example.org", "12")


def book(audit: Audit, folder: Path, language: Language = Language.en, key: Key = KEY) -> Book:
    return load_workbook(written(audit, "xlsx", folder, language, key))


def rows_of(sheet: Sheet) -> list[dict[str, Any]]:
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def few() -> Audit:
    flows = (Flow("F1"), Flow("F2", units={"contact.phone": NO_GROUND}))
    return audited(judgement(*flows), parties(carrier(), partner("PTR-1")))


@pytest.mark.parametrize(
    ("language", "names"),
    [
        (Language.en, ["summary", "findings", "duties", "edges", "parties", "rejected"]),
        (Language.zh, ["摘要", "发现", "义务", "流转关系", "参与方", "被拒收的行"]),
    ],
)
def test_every_table_has_a_sheet_whose_headings_stay_and_filter(
    tmp_path: Path, language: Language, names: list[str]
) -> None:
    workbook = book(example(), tmp_path, language)
    assert workbook.sheetnames == names
    for sheet in workbook:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions


def test_every_row_of_the_tables_is_there(tmp_path: Path) -> None:
    workbook, told = book(example(), tmp_path), example()
    heights = {sheet.title: sheet.max_row - 1 for sheet in workbook}
    assert heights["findings"] == told.findings.height
    assert heights["duties"] == told.duties.height
    assert heights["edges"] == told.edges.height
    assert heights["rejected"] == told.rejected.height


def test_findings_are_told_in_words_and_their_counts_are_numbers(tmp_path: Path) -> None:
    first = example().findings.row(0, named=True)
    told = rows_of(book(example(), tmp_path)["findings"])[0]
    assert told["finding"] == first["fingerprint"]
    assert told["cause"] == first["cause_en"]
    assert told["severity"] == first["severity"]
    assert told["flows"] == first["flows"]
    assert isinstance(told["records"], int)
    assert told["first seen"] == "2025-02-04 03:00:00+08:00"
    assert told["data categories"] == "Call detail record"


def test_the_summary_says_what_was_audited(tmp_path: Path) -> None:
    told = rows_of(book(example(), tmp_path)["summary"])
    said = " ".join(str(cell) for row in told for cell in row.values())
    assert example().run_id in said
    assert all(each.digest in said for each in example().inputs)
    assert all(pack.digest in said for pack in example().packs)
    assert sum(row["what"] == "about the data" for row in told) == len(example().notices) + len(
        example().graph.notices
    )


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_xlsx, "MOST_ROWS", 200)
    workbook = book(example(), tmp_path)
    assert workbook["findings"].max_row == 201
    rest = workbook["findings (2)"]
    assert rest.max_row == example().findings.height - 200 + 1
    assert (rest.freeze_panes, rest["A1"].value) == ("A2", "finding")
    every = rows_of(workbook["findings"]) + rows_of(rest)
    assert [row["finding"] for row in every] == example().findings["fingerprint"].to_list()


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_ever_computed(tmp_path: Path, formula: str) -> None:
    plain = few()
    evil = replace(
        plain,
        inputs=(InputFile("flows", formula, "0" * 64, 1),),
        findings=plain.findings.with_columns(
            pl.lit(formula).alias(name) for name in ("cause_en", "sender", "purpose")
        ),
        rejected=plain.rejected.with_columns(reason=pl.lit(formula)),
    )
    workbook = book(evil, tmp_path)
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)
    assert any(str(cell.value).lstrip("'") == formula for cell in cells)
    computed = tuple("=+-@\t＝")
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert not [text for text in texts if text.startswith(computed)]


def test_customers_have_pseudonyms_unless_their_ids_were_asked_for(tmp_path: Path) -> None:
    people = set(example().duties["subject"].drop_nulls()) - {"*"}
    for key, shown in ((KEY, set()), (None, set()), (Persons.REVEALED, people)):
        rows = rows_of(book(example(), tmp_path, key=key)["duties"])
        assert {row["customer"] for row in rows} & people == shown


def test_a_run_without_findings_has_headings_all_the_same(tmp_path: Path) -> None:
    plain = few()
    workbook = book(replace(plain, findings=plain.findings.clear()), tmp_path)
    assert workbook["findings"].max_row == 1
    assert workbook["findings"]["A1"].value == "finding"


def test_the_bytes_are_the_same_each_time(tmp_path: Path) -> None:
    digests = {
        hashlib.sha256(written(few(), "xlsx", tmp_path).read_bytes()).hexdigest() for _ in range(2)
    }
    assert len(digests) == 1


def test_a_full_disk_is_told_as_what_the_system_said() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("only Linux has a device that is always full")
    (write,) = as_xlsx.render(few()).values()
    with pytest.raises(OSError, match="No space left") as told:
        write(full)
    assert told.value.errno == errno.ENOSPC
