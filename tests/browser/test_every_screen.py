"""Every screen in both languages, light and dark: looked at, and nobody kept out."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from dashboards.parts.page import SCREENS
from tests.browser.conftest import Look, Start
from tests.browser.looking import Looking
from tests.dutiful import Case, kept


# The overview is looked at in both languages, by day and by night, in `test_violations`.
@pytest.mark.parametrize("screen", [screen for screen in SCREENS if screen != "overview"])
def test_nobody_is_kept_out_in_chinese_by_day_or_in_english_by_night(
    tab: Looking, screen: str
) -> None:
    tab.open(screen, lang="zh")
    expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
    tab.keep(f"{screen}-zh")
    by_day = tab.barriers()
    tab.page.emulate_media(color_scheme="dark")
    tab.open(screen, lang="en")
    tab.keep(f"{screen}-en-dark")
    assert not by_day + tab.barriers()


def test_a_duty_in_full_keeps_nobody_out_either(look: Look, start: Start, tmp_path: Path) -> None:
    cases = [Case(), Case("tell-first", "fulfilled", "F-0703", done_by="evidence:EV-NTC-16")]
    kept(tmp_path / "runs", cases)
    tab = look(start(tmp_path / "runs", "--lang", "zh").url, dark=True)
    tab.open("duties", lang="zh", case="statute|correct|EV-1|BUR-CREDIT")
    expect(tab.page.get_by_text("20 日之内")).to_be_visible()
    tab.keep("duties-one-zh-dark")
    assert not tab.barriers()
