"""The dashboard measured in a browser: `make bench-dashboard`, or run it with `--date DAY`.

A real server on runs of many findings, a real chromium on the same machine; every time is counted
by the page itself, from the click to the moment the screen stands. Writes a page on it.
"""

import argparse
import asyncio
import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.async_api import Browser, ViewportSize, async_playwright

from audit.casework.workspace import opened
from audit.problems import UsageRefused
from audit.reports.run_folder import leave
from tests.benchmarks.dashboard_page import Figures, page
from tests.benchmarks.findings import audited
from tests.benchmarks.measure import CACHE
from tests.benchmarks.measuring.costs import HOUSE, machine
from tests.benchmarks.memory import Watched
from tests.benchmarks.visiting import Visit
from tests.browser.conftest import NAMES
from tests.browser.serving import served

PAGE = HOUSE / "docs" / "dashboard-benchmarks.md"
WORKSPACE = CACHE / "dashboard"
SIZES, CROWD, SEED = (200_000, 1_000_000), 8, 1
WINDOW: ViewportSize = {"width": 1400, "height": 1300}  # nothing has to be scrolled to
Times = Mapping[str, list[float]]


def ready(findings: int) -> str:
    """The run of so many findings in the workspace, made anew unless it can be read; its id."""
    folder = WORKSPACE / f"findings_{findings}"
    try:
        return opened(folder).run_id
    except UsageRefused:
        shutil.rmtree(folder, ignore_errors=True)
        leave(audited(findings, SEED), folder)
        return opened(folder).run_id


def measure(findings: int, sessions: int, times: int) -> Figures:
    """So many servers one after the other, each visited from its first page on."""
    run, taken, peaks, loads = ready(findings), defaultdict(list), [], []
    for _ in range(times):
        loads.append(os.getloadavg()[0])
        with served(WORKSPACE, "--lang", "en") as server, Watched(server.process.pid) as watched:
            for name, seconds in asyncio.run(_visited(server.url, run, sessions)).items():
                taken[name].extend(seconds)
            assert server.process.poll() is None, "the server ended"
        peaks.append(watched.peak_mb)
    return Figures(findings, sessions, times, dict(taken), max(peaks), max(loads))


async def _visited(url: str, run: str, sessions: int) -> Times:
    """What every step took in every session; in each step all of them start together."""
    told: dict[str, list[float]] = defaultdict(list)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_chromium())
        together = asyncio.Barrier(sessions)
        one = [_session(browser, url, run, place, together, told) for place in range(sessions)]
        await asyncio.gather(*one)
        await browser.close()
    return told


async def _session(
    browser: Browser,
    url: str,
    run: str,
    place: int,
    together: asyncio.Barrier,
    told: dict[str, list[float]],
) -> None:
    """One tab through all steps."""
    context = await browser.new_context(viewport=WINDOW, locale="en-GB")
    visit = Visit(await context.new_page())

    async def step(name: str, taken: Callable[[], Awaitable[float]]) -> None:
        await together.wait()
        told[name].append(await taken())

    address = f"{url}/?{urlencode({'run': run[:12], 'lang': 'en'})}"
    await step("overview", lambda: visit.first(address, "overview"))
    await step("violations", lambda: visit.follow("Violations", "violations"))
    for number in (2, 3, 4):
        await step("turn", lambda number=number: visit.turn(number))  # type: ignore[misc]
    await step("turn", lambda: visit.turn(visit.last_page))
    for name, code in (("Severity", place % 4), ("Verdict", place // 4), ("Purpose", place % 3)):
        await step("filter", lambda n=name, c=code: visit.choose(n, c))  # type: ignore[misc]
    await step("filter", visit.clear)
    for word in ("中文", "English", "中文", "English"):
        await step("language", lambda word=word: visit.language(word))  # type: ignore[misc]
    await step("overview again", lambda: visit.follow("Overview", "overview"))
    await visit.sound()
    await context.close()


def _chromium() -> str:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise SystemExit("there is no chromium; `make browser` installs it")
    return program


def main() -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", required=True, help="the day that the page names")
    parser.add_argument("--times", type=int, default=3, help="servers started for each figure")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--sessions", type=int, nargs="+", default=(1, CROWD))
    parser.add_argument("--page", type=Path, default=PAGE)
    asked: Any = parser.parse_args()
    for size in SIZES:
        ready(size)
    measured = [
        measure(size, sessions, asked.times) for size in asked.sizes for sessions in asked.sessions
    ]
    said = page(measured, machine(), asked.date)
    asked.page.write_text(said, encoding="utf-8")
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
