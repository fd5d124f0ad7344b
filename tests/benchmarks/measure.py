"""The speed measured: the product, the floor and the peers as whole processes, and a page on it.

`make bench`, `make bench-large`, or `python -m tests.benchmarks.measure --date DAY`. Every row is
kept as it comes and the page written anew, so that a run that is cut keeps what it has.

This process imports nothing large, since the peak memory of a child counts from what its parent
holds when it is started.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring.costs import HOUSE, machine
from tests.benchmarks.measuring.page import page
from tests.benchmarks.measuring.plan import PARTS, SIZES, Planner
from tests.benchmarks.measuring.rows import Row, kept
from tests.benchmarks.measuring.taking import Work

CACHE = HOUSE / "runs" / "benchmarks"
PAGE = HOUSE / "docs" / "benchmarks.md"


def main() -> None:
    """What the command line asks for."""
    asked = _asked()
    folder = asked.folder.resolve() / (f"a_{asked.scale}th" if asked.scale > 1 else "")
    folder.mkdir(parents=True, exist_ok=True)
    work, planner = Work(folder, asked.date), Planner(asked.scale)
    file = asked.page or (folder / "benchmarks.md" if asked.scale > 1 else PAGE)

    def told(row: Row) -> None:
        said = row.fault or "{cpu:.2f} CPU s, {wall:.2f} s, {peak_mb:,.0f} MB".format(
            **vars(row.costs[-1])
        )
        sys.stdout.write(f"{row.key}: {said}\n")
        sys.stdout.flush()
        file.write_text(page(kept(work.results), machine(), asked.scale), encoding="utf-8")

    for size in asked.flows:
        for part in asked.parts:
            if size in PARTS[part]:
                times = asked.times or planner.times(part, size)
                work.measure(planner.entries(part, size), times, told)
    sys.stdout.write(f"{file}\n")


def _asked() -> Any:  # noqa: ANN401 (argparse has no types)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", required=True, help="the day that the page names")
    parser.add_argument("--flows", nargs="+", choices=SIZES, default=["1M"])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--times", type=int, help="how often each row is measured")
    parser.add_argument("--scale", type=int, default=1, help="divide all sizes, to try this out")
    parser.add_argument("--folder", type=Path, default=CACHE)
    parser.add_argument("--page", type=Path, help="the page to write")
    return parser.parse_args()


if __name__ == "__main__":
    main()
