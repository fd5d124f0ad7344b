"""Decisions in a real browser: seen after a reload, told where stale, and nobody kept out."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Locator, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.conftest import Look
from tests.browser.looking import Looking
from tests.browser.serving import Served, served


@pytest.fixture(scope="module")
def runs(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the run of the example, about which something may be decided."""
    folder = tmp_path_factory.mktemp("decided") / "runs"
    shutil.copytree(workspace, folder)
    return folder


@pytest.fixture(scope="module")
def deciding(runs: Path) -> Iterator[Served]:
    with served(runs, "--lang", "en") as running:
        yield running


@pytest.fixture
def names(runs: Path) -> list[str]:
    return pl.read_parquet(runs / "small_carrier" / "findings.parquet")["fingerprint"].to_list()


def filled(tab: Looking, finding: str, state: str, by: str) -> Looking:
    """The form of the finding, open and filled in but for who approves."""
    tab.open("violations", finding=finding)
    tab.page.get_by_text("Decide", exact=True).click()
    choose(tab, state)
    tab.page.get_by_label("Reason").fill(f"because {by} says so")
    tab.page.get_by_label("Decided by").fill(by)
    return tab


def choose(tab: Looking, state: str) -> None:
    """Open the list until it stays: it closes where the page moves beneath it."""
    box = tab.page.get_by_role("combobox", name="Decision")
    option = tab.page.get_by_role("option", name=state)
    for _ in range(9):
        box.click()
        try:
            option.click(timeout=4000)
        except PlaywrightTimeout:
            tab.page.keyboard.press("Escape")
        else:
            break
    expect(box).to_have_value(state)


def record(tab: Looking) -> None:
    tab.page.get_by_role("button", name="Record the decision").click()


def told(tab: Looking, words: str) -> Locator:
    return tab.page.get_by_text(re.compile(words)).first


def test_what_an_officer_decides_stands_there_after_a_reload(
    look: Look, deciding: Served, names: list[str]
) -> None:
    tab = filled(look(deciding.url), names[0], "False positive", "Li")
    assert not tab.barriers(), "with the form open"
    record(tab)
    expect(told(tab, "Recorded as entry 1 of the log: False positive")).to_be_visible()
    expect(told(tab, "1 of these are set aside")).to_be_visible()
    tab.keep("decided-en")
    tab.page.emulate_media(color_scheme="dark")
    tab.open("violations", finding=names[0], lang="zh")
    expect(told(tab, "Li 于 .* 决定（记录第 1 条）")).to_be_visible()
    expect(told(tab, "理由：because Li says so")).to_be_visible()
    assert not tab.barriers()
    tab.open("overview", lang="en")
    tab.page.get_by_text("1 set aside").click()
    tab.drawn("violations")
    expect(told(tab, "From row 1, of 1")).to_be_visible()


def test_of_two_tabs_the_slower_is_told_and_keeps_what_it_typed(
    look: Look, deciding: Served, names: list[str]
) -> None:
    slow = filled(look(deciding.url), names[1], "Being remedied", "Wang")
    quick = filled(look(deciding.url), names[1], "Under review", "Li")
    record(quick)
    expect(told(quick, "Recorded as entry")).to_be_visible()
    record(slow)
    expect(told(slow, "Changed by Li meanwhile, at .*Under review")).to_be_visible()
    expect(slow.page.get_by_label("Reason")).to_have_value("because Wang says so")
    record(slow)
    expect(told(slow, "Recorded as entry .*Being remedied")).to_be_visible()
