"""An export holds every finding of the filter, in words; a spreadsheet computes no cell of it."""

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from audit.casework import exporting, findings
from audit.casework.exporting import Export, Form, export
from audit.casework.findings import ALL, Filter
from audit.casework.roles import NotAllowed
from audit.casework.workspace import KeptRun
from audit.problems import UsageRefused
from audit.wording import Language, sentence
from tests.judged import DAWN, partner
from tests.kept import OFFICER, VIEWER, kept, several

HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tTAB",
    "\rCR",
    "＝1+1",
    "http://example.invalid/x",
    "<b>bold</b>\x0b",
    "00123",
    "x" * 40_000,
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    flows = [
        flow
        for number, name in enumerate(HOSTILE)
        for flow in several(f"F{number}", people=2, recipient=f"={number}" if number else name)
    ]
    rows = [partner(f"={n}" if n else name, name=name) for n, name in enumerate(HOSTILE)]
    return kept(tmp_path_factory.mktemp("runs") / "run", flows, *rows)


def rows_of(made: Export) -> list[list[object]]:
    """The rows of every sheet or of the CSV, headings first."""
    if made.name.endswith(".xlsx"):
        sheets = load_workbook(io.BytesIO(made.body), data_only=False).worksheets
        told = [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in sheets]
        return [told[0][0], *(row for sheet in told for row in sheet[1:])]
    body = made.body
    if made.name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            (inside,) = archive.namelist()
            body = archive.read(inside)
    assert body.startswith(b"\xef\xbb\xbf")
    text = body.decode("utf-8-sig")
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""))]


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("language", Language)
def test_an_export_holds_every_finding_in_order(
    run: KeptRun, form: Form, language: Language
) -> None:
    heading, *rows = rows_of(export(run, OFFICER, ALL, form, language))
    table = pl.read_parquet(run.file("findings.parquet"))
    assert [row[-1] for row in rows] == table["fingerprint"].to_list()
    assert len(heading) == len(set(heading)) == len(rows[0])
    assert heading[0] == {Language.zh: "严重程度", Language.en: "severity"}[language]
    place = heading.index({Language.zh: "流转数", Language.en: "flows"}[language])
    assert [int(str(row[place])) for row in rows] == table["flows"].to_list()
    assert str(rows[0][2]) in {"违规", "violation", "", "None"}


@pytest.mark.parametrize("form", Form)
def test_an_export_holds_only_what_the_filter_asks(run: KeptRun, form: Form) -> None:
    asked = Filter(parties=("=3",))
    _, *rows = rows_of(export(run, OFFICER, asked, form, Language.en))
    page = findings.page(run, OFFICER, asked)
    assert [row[-1] for row in rows] == page.frame["fingerprint"].to_list()
    assert rows


@pytest.mark.parametrize("form", Form)
def test_no_cell_is_ever_a_formula_or_a_link(run: KeptRun, form: Form) -> None:
    made = export(run, OFFICER, ALL, form, Language.zh)
    cells = [str(cell) for row in rows_of(made) for cell in row if isinstance(cell, str)]
    assert not [cell for cell in cells if cell.startswith(FORMULA)]
    assert {"'=1+1", "'@SUM(A1)", "'=3"} <= set(cells)
    if form is Form.XLSX:
        kinds = {
            (cell.data_type, cell.hyperlink)
            for row in load_workbook(io.BytesIO(made.body)).worksheets[0].iter_rows()
            for cell in row
        }
        assert kinds == {("s", None), ("n", None)}


@pytest.mark.parametrize("form", Form)
def test_the_whole_customer_base_is_said_and_not_counted(form: Form, tmp_path: Path) -> None:
    flows = several("A", people=3)
    both = [replace(flows[0], flow_id="B-0", subject=None)]
    alone = [replace(flows[0], flow_id="C-0", subject=None, recipient="PTR-2")]
    told = kept(tmp_path / "run", [*flows, *both, *alone])
    heading, *rows = rows_of(export(told, OFFICER, ALL, form, Language.zh))
    places = [heading.index(name) for name in ("接收方编号", "涉及人数", "涉及全体客户")]
    found = {tuple(str(row[place] or "") for place in places) for row in rows if row[1]}
    assert found == {("PTR-1", "3", "全体客户"), ("PTR-2", "", "全体客户")}


def test_times_are_those_of_the_zone_of_the_run(run: KeptRun) -> None:
    heading, first, *_ = rows_of(export(run, OFFICER, ALL, Form.CSV, Language.en))
    told = str(first[heading.index("first seen")])
    assert DAWN.isoformat() == "2025-01-01T00:00:00+00:00"
    assert told == "2025-01-01 08:00:00+08:00"


def test_a_long_csv_comes_in_an_archive(run: KeptRun, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = rows_of(export(run, OFFICER, ALL, Form.CSV, Language.en))
    monkeypatch.setattr(exporting, "MOST_PLAIN", 3)
    packed = export(run, OFFICER, ALL, Form.CSV, Language.en)
    assert packed.name.endswith(".csv.zip")
    assert rows_of(packed) == plain


def test_too_many_findings_for_a_workbook_are_refused_and_never_cut_off(
    run: KeptRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rows_of(export(run, OFFICER, ALL, Form.XLSX, Language.en))
    monkeypatch.setattr(exporting, "MOST_IN_A_WORKBOOK", len(whole) - 1)
    assert rows_of(export(run, OFFICER, ALL, Form.XLSX, Language.en)) == whole
    monkeypatch.setattr(exporting, "MOST_IN_A_WORKBOOK", len(whole) - 2)
    with pytest.raises(UsageRefused) as refused:
        export(run, OFFICER, ALL, Form.XLSX, Language.en)
    (problem,) = refused.value.problems
    for language in Language:
        assert f"{len(whole) - 1:,}" in sentence(problem, language)
        assert f"{len(whole) - 2:,}" in sentence(problem, language)
    assert len(rows_of(export(run, OFFICER, ALL, Form.CSV, Language.en))) == len(whole)


@pytest.mark.parametrize("form", Form)
def test_nothing_found_is_a_file_with_headings(run: KeptRun, form: Form) -> None:
    made = export(run, OFFICER, Filter(parties=("NOBODY",)), form, Language.zh)
    assert len(rows_of(made)) == 1


@pytest.mark.parametrize("form", Form)
def test_the_same_findings_are_the_same_bytes(run: KeptRun, form: Form) -> None:
    bodies = {export(run, OFFICER, ALL, form, Language.zh).body for _ in range(2)}
    assert len(bodies) == 1


@pytest.mark.parametrize("form", Form)
def test_rows_leave_for_officers_only(run: KeptRun, form: Form) -> None:
    with pytest.raises(NotAllowed):
        export(run, VIEWER, ALL, form, Language.zh)


def test_an_unregistered_party_has_no_name(tmp_path: Path) -> None:
    run = kept(tmp_path / "run", several("A", people=2, recipient="STRANGER"))
    heading, *rows = rows_of(export(run, OFFICER, ALL, Form.CSV, Language.en))
    ours = next(row for row in rows if row[heading.index("recipient")] == "STRANGER")
    assert ours[heading.index("recipient name")] == ""
