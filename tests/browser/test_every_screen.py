"""Every screen in both languages, light and dark: looked at, and nobody kept out."""

import pytest
from playwright.sync_api import expect

from dashboards.parts.page import SCREENS
from tests.browser.looking import Looking


@pytest.mark.parametrize("screen", SCREENS)
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
