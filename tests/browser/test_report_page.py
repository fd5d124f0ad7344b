"""The page of a run in a real browser: nothing is asked for, nothing is refused, and it prints."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from audit.wording import Language, phrase
from tests.reported import example, written


@pytest.mark.parametrize("language", Language)
def test_the_page_shows_itself_and_prints_without_asking_for_anything(
    browser: Browser, tmp_path: Path, language: Language
) -> None:
    file = written(example(), "html", tmp_path, language)
    page = browser.new_page(viewport={"width": 500, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert page.title().startswith(phrase("html-title", language))
    assert page.evaluate("getComputedStyle(document.querySelector('article')).borderLeftWidth") == (
        "5px"  # so the policy let our style through
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    assert (said, asked) == ([], [file.as_uri()])
    page.close()
