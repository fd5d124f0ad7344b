"""A tab that times what it is asked to do: from the click until the screen stands."""

import re
from dataclasses import dataclass, field

from playwright.async_api import ConsoleMessage, Locator, Page

from tests.browser.looking import PROBED

_PATIENCE = 60_000  # milliseconds
_A_PAGE = re.compile(r"^Page \d+$")
_STANDS = """
    const marks = (screen) => [...document.querySelectorAll(`[data-done="${screen}"]`)];
    const run = (screen) => Math.max(0, ...marks(screen).map((mark) => Number(mark.dataset.run)));
    const idle = () => document.querySelector(
        '[data-testid="stApp"][data-test-script-state="notRunning"]')
        && !document.querySelector('[data-testid="stSkeleton"]');
    const told = (words) => [...document.querySelectorAll('[data-testid="stText"]')]
        .some((each) => each.innerText.includes(words));
"""
_FIRST = f"(screen) => {{ {_STANDS} return run(screen) > 0 && idle() && performance.now() }}"
# What is clicked next starts the clock; `stands` is asked each time the page is painted.
_ARMED = f"""([screen, words]) => {{ {_STANDS}
    const before = run(screen);
    const stands = words ? () => told(words) : () => run(screen) > before;
    window.taken = new Promise((tell) => document.addEventListener("click", () => {{
        const clicked = performance.now();
        const look = () => stands() && idle()
            ? tell(performance.now() - clicked) : requestAnimationFrame(look);
        requestAnimationFrame(look);
    }}, {{ capture: true, once: true }}));
}}"""


@dataclass
class Visit:
    """One session; the screen that is open, and what went wrong."""

    page: Page
    screen: str = "overview"
    complaints: list[str] = field(default_factory=list)
    last_page: int = 0

    def __post_init__(self) -> None:
        self.page.set_default_timeout(_PATIENCE)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def first(self, url: str, screen: str) -> float:
        """Seconds from the first byte asked for, nothing cached, until the screen stands."""
        await self.page.goto(url)
        taken = await self.page.wait_for_function(_FIRST, arg=screen)
        self.screen = screen
        return float(await taken.json_value()) / 1000

    async def follow(self, name: str, screen: str) -> float:
        """Open another screen by its name at the side."""
        link = self.page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True)
        self.screen = screen
        taken = await self._clicked(link)
        if screen == "violations":
            pages = self.page.get_by_role("button", name=_A_PAGE).last
            self.last_page = int((await pages.get_attribute("aria-label") or "").split()[-1])
        return taken

    async def turn(self, number: int) -> float:
        """Turn the table to this page."""
        button = self.page.get_by_role("button", name=f"Page {number}", exact=True)
        size = 12
        return await self._clicked(button, f"From row {(number - 1) * size + 1}, of")

    async def choose(self, name: str, place: int) -> float:
        """Choose the code at this place (or the last) of a field, and let go of the field."""
        await self.page.get_by_role("combobox", name=name).click()
        options = self.page.get_by_role("option")
        await options.first.wait_for()
        taken = await self._clicked(options.nth(min(place, await options.count() - 1)))
        await self.page.keyboard.press("Escape")
        return taken

    async def clear(self) -> float:
        """Ask for everything again."""
        return await self._clicked(self.page.get_by_role("button", name="Clear the filter"))

    async def language(self, word: str) -> float:
        """Switch the language at the side."""
        return await self._clicked(self.page.get_by_test_id("stSidebar").get_by_text(word))

    async def sound(self) -> None:
        """Nothing failed, here or in the server."""
        failed = await self.page.get_by_test_id("stException").count()
        assert not failed, "the server failed"
        assert not self.complaints, self.complaints

    async def _clicked(self, what: Locator, words: str = "") -> float:
        await self.page.evaluate(_ARMED, [self.screen, words])
        await what.click()
        return float(await self.page.evaluate("window.taken")) / 1000

    def _said(self, message: ConsoleMessage) -> None:
        url = str(message.location.get("url", ""))
        if message.type == "error" and not PROBED.search(url):
            self.complaints.append(f"{message.text} {url}")
