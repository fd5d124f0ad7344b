"""The shell in a real browser: address, language, safety, and nobody kept out."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Look, Start
from tests.browser.looking import Looking
from tests.browser.serving import Served


def codes(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_the_address_says_what_the_tab_shows(tab: Looking) -> None:
    tab.open("duties")
    assert codes(tab.address())["lang"] == "en"
    assert re.fullmatch(r"[0-9a-f]{12}", codes(tab.address())["run"])


def test_switching_the_language_changes_the_screen_the_address_and_the_page(tab: Looking) -> None:
    tab.open("duties")
    assert tab.page.locator("html").get_attribute("lang") == "en"
    tab.side().get_by_text("中文").click()
    expect(tab.side().get_by_text("当前角色：管理员")).to_be_visible()
    expect(tab.page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(tab.page).to_have_url(re.compile(r"[?&]lang=zh(&|$)"))
    assert tab.page.get_by_role("heading", level=1).inner_text() == "履行义务"


def test_an_address_that_asks_for_chinese_is_chinese_from_the_first_byte(tab: Looking) -> None:
    answer = tab.page.request.get(f"{tab.url}/duties?lang=zh")
    assert '<html lang="zh-CN">' in answer.text()
    tab.open("duties", lang="zh")
    expect(tab.side().get_by_text("当前角色：管理员")).to_be_visible()


def test_the_language_stays_when_another_screen_is_opened(tab: Looking) -> None:
    tab.open("duties", lang="zh")
    tab.side().get_by_role("link", name="参与方").click()
    tab.drawn("parties")
    assert codes(tab.address())["lang"] == "zh"
    assert tab.page.get_by_role("heading", level=1).inner_text() == "参与方"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nobody_is_kept_out_of_the_frame(look: Look, dashboard: Served, *, dark: bool) -> None:
    tab = look(dashboard.url, dark=dark).open("duties")
    tab.keep(f"shell-{'dark' if dark else 'light'}")
    assert not tab.barriers()


def test_a_tab_asks_nothing_of_anybody_else(tab: Looking) -> None:
    tab.open("duties")
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.page.reload()
    tab.drawn("duties")
    assert asked
    assert not [url for url in asked if not url.startswith((tab.url, "data:", "blob:"))]


def test_the_browser_itself_would_refuse_what_comes_from_elsewhere(tab: Looking) -> None:
    tab.open("duties")
    blocked = tab.page.evaluate(
        """() => new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", (e) => resolve(e.blockedURI));
            new Image().src = "http://127.0.0.2/pixel.png";
        })"""
    )
    assert blocked == "http://127.0.0.2/pixel.png"
    assert any("Content Security Policy" in complaint for complaint in tab.complaints)
    tab.complaints.clear()
    tab.foreign.clear()


def test_the_keyboard_reaches_the_navigation(tab: Looking) -> None:
    tab.open("duties")
    names = []
    for _ in range(30):
        tab.page.keyboard.press("Tab")
        names.append(tab.page.evaluate("document.activeElement.innerText || ''").strip())
    assert any("Parties" in name for name in names)


def test_the_side_gives_way_on_a_narrow_window(look: Look, dashboard: Served) -> None:
    tab = look(dashboard.url, width=480).open("duties")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 480
    tab.keep("shell-narrow")


def test_no_run_yet(start: Start, look: Look, tmp_path: Path) -> None:
    tab = look(start(tmp_path, "--lang", "zh").url).open("overview")
    expect(tab.page.get_by_text("这里还没有审计结果")).to_be_visible()
    tab.keep("shell-no-run")
