"""A page as a test looks at it: it waits for marks, never for time, and sees every request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, Request

SHOTS = Path(__file__).parents[1] / "artefacts"
OWN = {"127.0.0.1", "localhost", "::1", ""}  # the last: data: and blob: name no host
GRAVE = {"serious", "critical"}
# What Streamlit itself does, that a screen cannot mend: rule -> why it does no harm.
KNOWN: Mapping[str, str] = {}
# On a screen's own address Streamlit's page looks for its server below that address first.
PROBED = re.compile(r"/\w+/_stcore/(health|host-config)$")
PATIENCE = 45_000  # milliseconds
_FAULTS_ALONE = {"resultTypes": ["violations"]}  # of what is in order axe need not tell every node
_IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_MARK = """([screen, before]) => [...document.querySelectorAll(`[data-done="${screen}"]`)]
    .some((mark) => Number(mark.dataset.run) > before)"""


@dataclass
class Looking:
    """One tab on one dashboard; keeps what went wrong in it."""

    page: Page
    url: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", self._requested)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, screen: str, **codes: str) -> "Looking":
        """Open a screen by its address and wait until it is drawn."""
        path = "" if screen == "overview" else screen
        query = f"?{urlencode(codes)}" if codes else ""
        self.page.goto(f"{self.url}/{path}{query}")
        return self.drawn(screen, after=0)

    def drawn(self, screen: str, after: int | None = None) -> "Looking":
        """Wait until this screen came to its end, in a script run later than `after`."""
        self.page.wait_for_function(_MARK, arg=[screen, after or 0])
        self.page.wait_for_selector(_IDLE, state="attached")
        return self

    def script_run(self, screen: str) -> int:
        """How often the tab was drawn up to now, for `drawn(screen, after=...)`."""
        mark = self.page.locator(f'[data-done="{screen}"]').last
        return int(mark.get_attribute("data-run") or 0)

    def address(self) -> str:
        """What stands in the address bar; `page.url` lags behind it."""
        return str(self.page.evaluate("location.href"))

    def row(self, number: int, table: int = 0) -> None:
        """Choose the row at this place (from 0) of the table at that place, as a mouse does."""
        grid = self.page.get_by_test_id("stDataFrameResizable").nth(table)
        grid.scroll_into_view_if_needed()
        grid.click(position={"x": 15, "y": 35 * (number + 1) + 17})

    def turn_to(self, number: int) -> None:
        """Turn to this page of the first table that has pages."""
        self.page.get_by_role("button", name=f"Page {number}", exact=True).first.click()
        self.page.wait_for_selector(f'[aria-current="page"][aria-label="Page {number}"]')

    def side(self) -> Locator:
        """The side of the screen: navigation, language, run, role."""
        return self.page.get_by_test_id("stSidebar")

    def keep(self, name: str) -> Path:
        """A picture of the whole page among the artefacts of the tests."""
        SHOTS.mkdir(exist_ok=True)
        path = SHOTS / f"{re.sub(r'[^a-z0-9_-]+', '-', name.lower())}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def barriers(self) -> list[str]:
        """What keeps people out who cannot see or use a mouse, as axe finds it; grave ones only."""
        found = Axe().run(self.page, options=_FAULTS_ALONE).response["violations"]
        return [
            f"{each['id']} ({each['impact']}): {node['html'][:200]} {node.get('failureSummary')}"
            for each in found
            if each["impact"] in GRAVE and each["id"] not in KNOWN
            for node in each["nodes"]
        ]

    def close(self) -> None:
        """Close the tab, where a test ends a server before its own end."""
        for page in self.page.context.pages:
            page.close()

    def _requested(self, request: Request) -> None:
        if (urlsplit(request.url).hostname or "") not in OWN:
            self.foreign.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        url = str(message.location.get("url", ""))
        if message.type == "error" and not PROBED.search(url):
            self.complaints.append(f"{message.text} {url}")
