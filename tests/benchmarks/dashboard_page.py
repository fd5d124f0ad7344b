"""The page on how fast the dashboard is, from what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.measuring.costs import Machine

STEPS = {  # what is measured: how the page calls it, the seconds it may take
    "overview": ("the first page: nothing cached, the server just started", 4.0),
    "violations": ("Violations drawn for the first time", None),
    "turn": ("a page of findings turned", 0.5),
    "filter": ("a filter chosen or cleared", 0.6),
    "language": ("the language switched", 0.4),
    "overview again": ("back to the overview", None),
}
MOST_MB = 400
_PAGE = """\
# How fast the dashboard is

Written by `make bench-dashboard` on {date}: {cores} cores of {model}, {memory:.0f} GB,
Python {python}.
The server and the browser, Debian's chromium, share these cores. How often the server was started
anew for each column: {times}. The load is the machine's own average of the minute before, at its
highest: well above 2, other work was waiting for the same cores, and times are too long by that.
Seconds, counted by the page itself from the click (the first page: from the address) until the
screen stands: median, and from the quickest to the slowest.

With eight sessions all eight click at the same moment, each in a context of its own, all in one
browser; Violations stay open while pages are turned, filtered and told in the other language.

{table}

**Bold**: the median is over the budget. The budgets are for one session; of eight it is asked that
all of them end without an error, in the page, its console or the server: they did, or there would
be no figures here. Memory: the most that was resident of the server and what it starts, MB.
"""


@dataclass(frozen=True)
class Figures:
    """What was measured with so many findings and sessions; `taken` in seconds, per step."""

    findings: int
    sessions: int
    times: int
    taken: Mapping[str, Sequence[float]]
    peak_mb: float
    load: float


def page(measured: Sequence[Figures], machine: Machine, date: str) -> str:
    """The page, in Markdown."""
    rows = [
        ["", "budget", *(_title(each) for each in measured)],
        ["---", *["---:"] * (len(measured) + 1)],
        *(_step(name, measured) for name in STEPS),
        ["memory of the server", f"{MOST_MB} MB", *map(_memory, measured)],
        ["load", "", *(f"{each.load:.1f}" for each in measured)],
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return _PAGE.format(**vars(machine), date=date, times=measured[0].times, table=table)


def _title(of: Figures) -> str:
    sessions = "1 session" if of.sessions == 1 else f"{of.sessions} sessions"
    return f"{of.findings:,} findings, {sessions}"


def _step(name: str, measured: Sequence[Figures]) -> list[str]:
    told, most = STEPS[name]
    return [
        told,
        f"{most} s" if most else "",
        *(_seconds(each.taken[name], most) for each in measured),
    ]


def _seconds(taken: Sequence[float], most: float | None) -> str:
    middle = median(taken)
    return f"{_bold(middle, most, 2)} ({min(taken):.2f} to {max(taken):.2f})"


def _memory(of: Figures) -> str:
    return _bold(of.peak_mb, MOST_MB, 0)


def _bold(figure: float, most: float | None, digits: int) -> str:
    said = f"{figure:.{digits}f}"
    return f"**{said}**" if most and figure > most else said
