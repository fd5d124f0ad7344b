"""A real browser on a real dashboard; a test fails where either is missing, it never skips."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.looking import PATIENCE, Looking
from tests.browser.serving import Served, served
from tests.example_run import EXAMPLE
from tests.screens.keeping import keep

NAMES = ("chromium", "chromium-browser", "google-chrome")
WINDOW = {"width": 1400, "height": 900}
Look = Callable[..., Looking]
Start = Callable[..., Served]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run, that of the example carrier; made once, never written to."""
    folder = tmp_path_factory.mktemp("runs")
    keep(EXAMPLE, folder / "small_carrier")
    return folder


@pytest.fixture(scope="session")
def dashboard(workspace: Path) -> Iterator[Served]:
    """The dashboard on that workspace, in English."""
    with served(workspace, "--lang", "en") as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium, which resolves no name and so reaches nothing but this machine."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.fail("there is no chromium; `make test` installs it, or: apt-get install chromium")
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        running = playwright.chromium.launch(executable_path=program, args=arguments)
        yield running
        running.close()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts dashboards of a test's own, `start(runs, "--lang", "zh")`; they end after its tabs."""
    with ExitStack() as running:
        yield lambda *what, **how: running.enter_context(served(*what, **how))


@pytest.fixture(scope="session")
def unused() -> list[BrowserContext]:
    """Contexts that no test uses now; nothing is left in them but what scripts were compiled to.

    A screen takes three times as long in a context that has yet to compile them.
    """
    return []


@pytest.fixture
def look(browser: Browser, unused: list[BrowserContext], start: Start) -> Iterator[Look]:
    """Opens tabs, each in a context of its own; `look(url, dark=True, width=500)`.

    At the end the test fails where a tab asked for anything off this machine, or complained.
    """
    _ = start  # which is torn down after this
    tabs: list[Looking] = []

    def opened(url: str, *, dark: bool = False, width: int = WINDOW["width"]) -> Looking:
        page = (unused.pop() if unused else _context(browser)).new_page()
        page.set_viewport_size({"width": width, "height": WINDOW["height"]})
        page.emulate_media(color_scheme="dark" if dark else "light")
        tabs.append(Looking(page, url))
        return tabs[-1]

    yield opened
    for tab in tabs:
        tab.close()
        tab.page.context.set_storage_state({})
        unused.append(tab.page.context)
    assert not [request for tab in tabs for request in tab.foreign]
    assert not [complaint for tab in tabs for complaint in tab.complaints]


def _context(browser: Browser) -> BrowserContext:
    return browser.new_context(
        viewport={"width": WINDOW["width"], "height": WINDOW["height"]},
        locale="en-GB",
        timezone_id="Asia/Shanghai",
        accept_downloads=True,
    )


@pytest.fixture
def tab(look: Look, dashboard: Served) -> Looking:
    """One tab on the dashboard of the example."""
    return look(dashboard.url)
