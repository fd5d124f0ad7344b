"""What a reader finds in the record of processing: workbook, page and print alike."""

from dataclasses import replace
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import polars as pl
import pytest

from audit.outcome import Audit
from audit.reports import ropa_paper
from audit.reports.ropa_words import RecordWords
from audit.wording import Language, phrase
from tests.judged import Flow, audited, carrier, judgement, parties, partner
from tests.printed import lost, read_print
from tests.reported import example, written

FORMULA = "=1+1"


def sheets(file: Path) -> dict[str, list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(file)
    return {
        sheet.title: [tuple(c.value for c in row) for row in sheet.iter_rows()] for sheet in book
    }


def hostile() -> Audit:
    plain = audited(judgement(Flow("F1")), parties(carrier(), partner("PTR-1", "service")))
    graph = replace(plain.graph, nodes=plain.graph.nodes.with_columns(name=pl.lit(FORMULA)))
    return replace(plain, graph=graph)


@pytest.mark.parametrize("language", Language)
def test_the_workbook_has_a_sheet_for_each_table(tmp_path: Path, language: Language) -> None:
    found = sheets(written(example(), "ropa", tmp_path, language))
    words = RecordWords(example(), language)
    assert list(found) == [
        phrase("ropa-title", language),
        *(phrase(f"ropa-{table.name}", language) for table in words.tables()),
    ]
    for table in words.tables():
        head, *rows = found[phrase(f"ropa-{table.name}", language)]
        assert list(head) == table.headings(language)
        assert [tuple(cell or "" for cell in row) for row in rows] == list(table.rows)


def test_no_cell_is_computed(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(hostile(), "ropa", tmp_path))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert [cell for cell in cells if str(cell.value).startswith(f"'{FORMULA}")]


@pytest.mark.parametrize("language", Language)
def test_page_and_print_say_what_the_workbook_says(tmp_path: Path, language: Language) -> None:
    page = written(example(), "ropa-html", tmp_path, language).read_text(encoding="utf-8")
    printed = read_print(written(example(), "ropa-pdf", tmp_path, language))
    assert printed.outside == ""
    assert phrase("ropa-limits-country", language) in page
    rejected = example().rows["flows"].rejected
    assert phrase("ropa-limits-rejected", language, rows=rejected) in page.replace("&#x27;", "'")
    tables = RecordWords(example(), language).tables(ropa_paper.MOST_TOLD)
    rows = [row for table in tables for row in table.rows]
    assert not lost("".join(cell for row in rows for cell in row), printed)


def test_what_a_page_leaves_out_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ropa_paper, "MOST_TOLD", 3)
    page = written(example(), "ropa-html", tmp_path).read_text(encoding="utf-8")
    left = next(RecordWords(example(), Language.en).tables(3)).total - 3
    assert phrase("ropa-more", Language.en, shown="3", left=left) in page


def test_a_run_without_contradictions_and_supply_abroad_says_so(tmp_path: Path) -> None:
    page = written(_at_home(), "ropa-html", tmp_path).read_text(encoding="utf-8")
    assert phrase("ropa-no-contradictions", Language.en) in page
    assert phrase("ropa-no-transfers", Language.en) in page


def _at_home() -> Audit:
    plain = audited(judgement(Flow("F1")), parties(carrier(), partner("PTR-1", "service")))
    home = {"country": pl.lit("CN"), "legal_role": pl.lit("handler")}
    graph = replace(plain.graph, nodes=plain.graph.nodes.with_columns(**home))
    register = plain.parties.with_columns(purposes=pl.lit(["service"]), data_categories=None)
    return replace(plain, graph=graph, parties=register.cast(plain.parties.schema))


@pytest.mark.parametrize("name", ["ropa", "ropa-html", "ropa-jsonld"])
def test_the_bytes_are_the_same_each_time(tmp_path: Path, name: str) -> None:
    (tmp_path / "again").mkdir()
    first = written(example(), name, tmp_path).read_bytes()
    assert first == written(example(), name, tmp_path / "again").read_bytes()


def test_many_recipients_are_counted_in_a_cell_and_each_has_its_row(tmp_path: Path) -> None:
    flows = [Flow(f"F{number}", recipient=f"PTR-{number}") for number in range(1, 26)]
    plain = audited(
        judgement(*flows), parties(carrier(), *(partner(each.recipient) for each in flows))
    )
    page = written(plain, "ropa-html", tmp_path).read_text(encoding="utf-8")
    assert "and 5 more, each in the sheet Recipients" in page
    rows = sheets(written(plain, "ropa", tmp_path))["Recipients"]
    assert len(rows) == 1 + len(flows)
