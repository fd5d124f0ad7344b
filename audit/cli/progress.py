"""How far a run is: a bar on a terminal, a line for each step in a pipe, nothing when told so."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    """The step in words, with the rows read up to now."""
    return phrase(f"stage-{progress.stage}", language, rows=f"{progress.rows:,}")


@contextmanager
def _bar(language: Language) -> Iterator["Tell"]:
    """How many rows there are is not known before they are read, so the bar only moves."""
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True, markup=False, highlight=False)
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda progress: bar.update(task, description=told(progress, language))
