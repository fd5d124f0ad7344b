"""How far a run is: a bar on a terminal, a line for each step in a pipe, nothing when told so."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from audit.cli.screen import complain
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.running import Progress

    Tell = Callable[[Progress], None]


@contextmanager
def progress_shown(language: Language, *, quiet: bool = False) -> Iterator["Tell"]:
    """What a run tells its progress to; the standard output stays free for the answer."""
    if quiet:
        yield lambda _: None
    elif sys.stderr is not None and sys.stderr.isatty():
        with _bar(language) as tell:
            yield tell
    else:
        yield lambda progress: complain(told(progress, language))


def told(progress: "Progress", language: Language) -> str:
    """The step in words, with the rows read up to now, and of how many where that is known."""
    if progress.total is not None and progress.rows < progress.total:
        rows = phrase("stage-of", language, rows=f"{progress.rows:,}", total=f"{progress.total:,}")
    else:
        rows = f"{progress.rows:,}"
    return phrase(f"stage-{progress.stage}", language, rows=rows)


@contextmanager
def _bar(language: Language) -> Iterator["Tell"]:
    """Where nobody knows how many rows there are before they are read, the bar only moves."""
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True, markup=False, highlight=False)
    with Bar(*columns, TextColumn("{task.fields[left]}"), console=console, transient=True) as bar:
        task = bar.add_task("", total=None, left="")
        begun: dict[str, float] = {}

        def tell(progress: "Progress") -> None:
            since = begun.setdefault(progress.stage, monotonic())
            text, left = told(progress, language), pace(progress, monotonic() - since, language)
            done = progress.rows if progress.total else None
            bar.update(task, description=text, total=progress.total, completed=done, left=left)

        yield tell


def pace(progress: "Progress", seconds: float, language: Language) -> str:
    """Rows a second, and where the number of rows is known how long the others will take."""
    if not progress.rows or seconds <= 0:
        return ""
    rate = progress.rows / seconds
    told = phrase("stage-rate", language, rate=f"{rate:,.0f}")
    if progress.total is None or progress.rows >= progress.total:
        return told
    left = round((progress.total - progress.rows) / rate)
    return told + phrase("stage-left", language, minutes=left // 60, seconds=f"{left % 60:02}")
