"""How fast a kept run is read: `python -m tests.benchmarks.reading RUN`, in a process of its own.

Make the run with tests.benchmarks.findings first. Times are medians in wall time, and beside them
in processor time, which tells more on a busy machine.
"""

import argparse
import resource
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from audit.casework.desk import Desk
from audit.casework.findings import ALL, Filter, Order, Turn
from audit.casework.indexing import COLUMNS, column_of
from audit.casework.roles import Reader, Role
from audit.casework.workspace import opened

_TIMES = 5
_MONTH = (datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC))


def questions(desk: Desk) -> dict[str, Callable[[int], object]]:
    """What a reader asks, with a number that is another one each time."""
    clause = Filter(severities=("critical",), clauses=("3-2-7c",))
    period = Filter(since=_MONTH[0], until=_MONTH[1])
    return {
        "page turn": lambda n: desk.page(ALL, Turn(1 + 1777 * n)),
        "filter: severity and clause": lambda n: desk.page(clause, Turn(1 + n)),
        "filter: one party of 1,200": lambda n: desk.page(Filter(parties=(f"P-{400 + n:04}",))),
        "filter: a month": lambda n: desk.page(period, Turn(1 + n)),
        "filter: text": lambda n: desk.page(Filter(text=f"演示机构{500 + n:04}")),
        "order: latest first": lambda n: desk.page(ALL, Turn(1 + n, order=Order.last_seen)),
        "facets of everything": lambda _: desk.facets(),
        "facets of a filter": lambda _: desk.facets(clause),
        "overview": lambda _: desk.overview(),
    }


def timed(ask: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the wall and of the processor."""
    wall, work = perf_counter(), process_time()
    ask()
    return perf_counter() - wall, process_time() - work


def told(name: str, times: list[tuple[float, float]]) -> None:
    """One line."""
    wall, work = (median(each) for each in zip(*times, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{name:36} {wall:7.3f} s {work:7.3f} s processor, {peak:5.0f} MB at the most")  # noqa: T201


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    run = opened(parser.parse_args().run)
    told("digests, once a process", [timed(run.faults)])
    told("index, once a process", [timed(lambda: [column_of(run, name) for name in COLUMNS])])
    for role in (Role.officer, Role.viewer):
        desk = Desk(run, Reader(role))
        told(f"{role}: first page", [timed(desk.page)])
        for name, ask in questions(desk).items():
            told(f"{role}: {name}", [timed(partial(ask, number)) for number in range(_TIMES)])


if __name__ == "__main__":
    main()
