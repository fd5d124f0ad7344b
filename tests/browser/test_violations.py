"""The findings in a real browser: the right one stays chosen, and leaves as it was filtered."""

import csv
import io
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl  # type: ignore[import-untyped]
import polars as pl
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Look
from tests.browser.looking import Looking
from tests.browser.serving import Served

A_PAGE = 12


@pytest.fixture
def findings(workspace: Path) -> pl.DataFrame:
    return pl.read_parquet(workspace / "small_carrier" / "findings.parquet")


def detail(tab: Looking, finding: str, word: str = "Finding") -> Locator:
    """What names the finding that is shown below the table."""
    return tab.page.get_by_text(f"{word} {finding[:12]}", exact=True)


def code(tab: Looking, name: str) -> str | None:
    return next(iter(parse_qs(urlsplit(tab.address()).query).get(name, [])), None)


def turn(tab: Looking, page: int) -> None:
    """Turn to the page and wait until its rows are there, for a click is for the rows one sees."""
    tab.turn_to(page)
    expect(tab.page.get_by_text(f"From row {(page - 1) * A_PAGE + 1}, of").first).to_be_visible()


def choose(tab: Looking, field: str, word: str) -> None:
    """Choose a code of a field of the filter, as hands on a keyboard do."""
    before = tab.script_run("violations")
    tab.page.get_by_role("combobox", name=field).click()
    tab.page.get_by_role("option", name=word).first.click()
    tab.page.keyboard.press("Escape")
    tab.drawn("violations", after=before)


def test_the_finding_chosen_stays_chosen_while_pages_are_turned(
    tab: Looking, findings: pl.DataFrame
) -> None:
    prints = findings["fingerprint"].to_list()
    tab.open("violations")
    tab.row(3)
    expect(detail(tab, prints[3])).to_be_visible()
    turn(tab, 2)
    expect(detail(tab, prints[3])).to_be_visible()
    assert code(tab, "finding") == prints[3]
    tab.row(0)
    expect(detail(tab, prints[A_PAGE])).to_be_visible()
    expect(detail(tab, prints[3])).to_have_count(0)
    turn(tab, 1)
    expect(detail(tab, prints[A_PAGE])).to_be_visible()
    assert code(tab, "finding") == prints[A_PAGE]


def test_the_finding_chosen_stays_chosen_while_the_filter_changes(
    tab: Looking, findings: pl.DataFrame
) -> None:
    wanted = findings.filter(pl.col("severity") == "high").row(5, named=True)
    tab.open("violations", finding=wanted["fingerprint"])
    expect(detail(tab, wanted["fingerprint"])).to_be_visible()
    choose(tab, "Severity", "high")
    assert code(tab, "severity") == "high"
    expect(detail(tab, wanted["fingerprint"])).to_be_visible()
    left = findings.filter(pl.col("severity") == "high").height
    expect(tab.page.get_by_text(f"of {left}").first).to_be_visible()
    choose(tab, "Verdict", "indeterminate")
    expect(tab.page.get_by_text("is not among those of the filter")).to_be_visible()
    expect(detail(tab, wanted["fingerprint"])).to_be_visible()


def test_a_link_opens_the_page_on_which_its_finding_stands(
    tab: Looking, findings: pl.DataFrame
) -> None:
    place = 40
    wanted = findings.row(place, named=True)
    tab.open("violations", finding=wanted["fingerprint"])
    expect(detail(tab, wanted["fingerprint"])).to_be_visible()
    page = place // A_PAGE + 1
    expect(tab.page.get_by_text(f"From row {(page - 1) * A_PAGE + 1}, of").first).to_be_visible()
    expect(tab.page.locator(f'[aria-current="page"][aria-label="Page {page}"]')).to_have_count(1)
    expect(tab.page.get_by_text(wanted["cause_en"]).last).to_be_visible()


def test_the_language_switches_and_the_finding_stays(tab: Looking, findings: pl.DataFrame) -> None:
    wanted = findings.row(20, named=True)
    tab.open("violations", finding=wanted["fingerprint"])
    expect(tab.page.get_by_text(wanted["cause_en"]).last).to_be_visible()
    tab.side().get_by_text("中文").click()
    expect(detail(tab, wanted["fingerprint"], "发现")).to_be_visible()
    expect(tab.page.get_by_text(wanted["cause_zh"]).last).to_be_visible()
    assert (code(tab, "lang"), code(tab, "finding")) == ("zh", wanted["fingerprint"])


def test_another_flow_of_the_same_cause_is_explained(tab: Looking, findings: pl.DataFrame) -> None:
    wanted = findings.filter(pl.col("flows") > 3).row(0, named=True)
    tab.open("violations", finding=wanted["fingerprint"])
    expect(tab.page.get_by_text(f"Why flow {wanted['examples'][0]} got")).to_be_visible()
    tab.row(2, table=1)
    expect(tab.page.get_by_text(f"Why flow {wanted['examples'][0]} got")).to_have_count(0)
    expect(tab.page.get_by_text("Why flow ")).to_be_visible()
    expect(detail(tab, wanted["fingerprint"])).to_be_visible()


@pytest.mark.parametrize("form", ["CSV", "Excel"])
def test_the_filter_leaves_as_a_file(tab: Looking, findings: pl.DataFrame, form: str) -> None:
    tab.open("violations", severity="high", clause="no-ground")
    mask = (pl.col("severity") == "high") & (pl.col("clause") == "no-ground")
    wanted = findings.filter(mask)["fingerprint"].to_list()
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name=form).click()
    raw = Path(download.value.path()).read_bytes()
    if form == "CSV":
        assert download.value.suggested_filename.endswith(".csv")
        rows = [tuple(row) for row in csv.reader(io.StringIO(raw.decode("utf-8-sig")))]
    else:
        assert download.value.suggested_filename.endswith(".xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(raw)).active
        assert sheet is not None
        rows = [tuple(map(str, row)) for row in sheet.iter_rows(values_only=True)]
    column = next(place for place, cell in enumerate(rows[1]) if cell == wanted[0])
    assert [row[column] for row in rows[1:]] == wanted


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nobody_is_kept_out(
    look: Look, dashboard: Served, findings: pl.DataFrame, *, dark: bool, language: str
) -> None:
    tab = look(dashboard.url, dark=dark)
    name = f"{'dark' if dark else 'light'}-{language}"
    tab.open("overview", lang=language)
    expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
    whole(tab, 3000).keep(f"overview-{name}")
    assert not tab.barriers()
    wanted = findings.filter(pl.col("verdict") == "indeterminate").row(0, named=True)
    tab.open("violations", lang=language, finding=wanted["fingerprint"])
    word = {"zh": "发现", "en": "Finding"}[language]
    expect(detail(tab, wanted["fingerprint"], word)).to_be_visible()
    whole(tab, 3600).keep(f"violations-{name}")
    assert not tab.barriers()


def whole(tab: Looking, height: int) -> Looking:
    """The tab so high that all of the screen is in sight, every part of it drawn."""
    tab.page.set_viewport_size({"width": 1400, "height": height})
    expect(tab.page.get_by_test_id("stSkeleton")).to_have_count(0)
    return tab
