"""The ratios that the gates ask for: `python -m tests.gates.figures FOLDER TURNS`, as JSON.

A process of its own, since it waits for every process that the measured ones leave behind, and
holds next to nothing, since the peak memory of a child counts from what its parent holds.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from tests.benchmarks.measuring.costs import ENDINGS, Cost, python, spent
from tests.benchmarks.measuring.exports import Export

# Registers small enough to be made and compiled in seconds: the gates are on what flows cost.
_REGISTERS = ("--subjects", "100000", "--consents", "200000", "--evidence", "20000")
_MILLION = 1_000_000


def figures(folder: Path, turns: int) -> Mapping[str, float]:
    """CPU over the floor, peak of 4M flows over that of 1M, times over a loop; and their parts.

    By turns, so that what else the machine does meanwhile weighs on both sides of a ratio.
    """
    small, large = (Export("gates", many * _MILLION, _REGISTERS) for many in (1, 4))
    export = small.ready(folder)
    _run(small.few.ready(folder), folder / "run_few", folder)  # leaves the registers compiled
    floors, runs, loops = _floors(export, folder), list[Cost](), list[float]()
    for turn in range(turns):
        run = folder / f"run_{turn}"
        runs.append(_run(export, run, folder))
        loops.append(_loop(export, run))
        floors += _floors(export, folder)
    four = _run(large.ready(folder), folder / "run_four", folder)
    # Of the runs the cheaper: what else is at work only ever adds.
    cpu, one = min(each.cpu for each in runs), min(each.peak_mb for each in runs)
    parts = {"floor": median(floors), "product": cpu, "peak of 1M": one, "peak of 4M": four.peak_mb}
    return {
        "over the floor": cpu / median(floors),
        "4M over 1M": four.peak_mb / one,
        "over the loop": median(loops) / (cpu / _MILLION),
        **parts,
    }


def _floors(export: Path, folder: Path) -> list[float]:
    """CPU seconds of the floor; it takes less than one, so only a median of many is steady."""
    command = python("tests.benchmarks.floor", export, folder / "floor.parquet")
    return [spent(command, {"POLARS_MAX_THREADS": "1"})[0].cpu for _ in range(2)]


def _run(export: Path, run: Path, folder: Path) -> Cost:
    """A thread, so that neither CPU nor memory depends on the cores there are."""
    environment = {"POLARS_MAX_THREADS": "1", "XDG_CACHE_HOME": str(folder / "cache")}
    asked = python("audit", "run", export, "--out", run, "--quiet")
    return spent(asked, environment, ENDINGS)[0]


def _loop(export: Path, run: Path) -> float:
    """CPU seconds that the loop takes for a flow."""
    told = json.loads(spent(python("tests.benchmarks.peers.loop", "loop", export, run), {})[1])
    assert not told["differ"], "the loop judges otherwise: its time means nothing"
    seconds: float = sum(told[step] for step in ("validating", "judging", "edges"))
    return seconds / float(told["flows"])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(figures(Path(sys.argv[1]), int(sys.argv[2]))))
