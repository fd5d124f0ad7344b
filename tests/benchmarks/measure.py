"""The speed measured: the product, the floor and the peers as whole processes, and a page on it.

`make bench`, or `python -m tests.benchmarks.measure --date DAY`. This process imports nothing
large, since the peak memory of a child counts from what its parent holds when it is started.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from tests.benchmarks.page import Cost, Machine, Measured, page

HERE, HOUSE = Path(__file__).parent, Path(__file__).parents[2]
# These do not make the export.
OURS = (
    *("measure.py", "page.py", "export.py", "floor.py", "findings.py", "reading.py"),
    *("dashboard.py", "dashboard_page.py", "memory.py", "visiting.py"),
)
CACHE = HOUSE / "runs" / "benchmarks"
PAGE = HOUSE / "docs" / "benchmarks.md"
CLEAN, VIOLATIONS = 0, 1  # exit codes of a run that came to an end


@dataclass(frozen=True)
class Work:
    """Where the export, the run and the floor's file lie; which flows there are."""

    folder: Path
    flows: int

    @property
    def export(self) -> Path:
        """The export, one for each size and state of what makes it."""
        makers = sorted({*HERE.glob("*.py"), *HERE.glob("*.toml")} - {HERE / each for each in OURS})
        state = sha256(b"".join(maker.read_bytes() for maker in makers)).hexdigest()
        return self.folder / f"export_{self.flows}_{state[:8]}"

    @property
    def run(self) -> Path:
        """What the product leaves."""
        return self.folder / f"run_{self.flows}"


def measure(work: Work, times: int) -> Measured:
    """Medians of so many runs, floor and product by turns, after one that does not count.

    The first leaves the compiled registers in the cache, from which all others take them.
    """
    _ready(work)
    floor, product, cold = [], [], []
    for _ in range(times + 1):
        floor.append(_cost("tests.benchmarks.floor", work.export, work.folder / "floor.parquet"))
        cold.append(_audited(work, "--no-cache"))
        product.append(_audited(work))
    return Measured(
        flows=work.flows,
        times=times,
        floor=_median(floor[1:]),
        product=_median(product[1:]),
        cold=_median(cold[1:]),
        loop=_peer("loop", work),
        validation=_peer("validation", work),
    )


def _audited(work: Work, *options: str) -> Cost:
    _removed(work.run)
    return _cost("audit", "run", work.export, "--out", work.run, "--quiet", *options)


def _ready(work: Work) -> None:
    """The export, made anew unless a whole one is there."""
    if not work.export.exists():
        half = work.export.with_suffix(".half")
        _cost("tests.benchmarks.generate", half, "--flows", work.flows)
        half.rename(work.export)


def _removed(run: Path) -> None:
    for file in run.glob("*"):
        file.unlink()
    if run.exists():
        run.rmdir()


def _peer(name: str, work: Work) -> Mapping[str, float]:
    command = _python("tests.benchmarks.peers.loop", name, work.export, work.run)
    told = subprocess.run(command, cwd=HOUSE, check=True, stdout=subprocess.PIPE).stdout
    figures: dict[str, float] = json.loads(told)
    if figures["differ"]:
        raise SystemExit(f"{name}: {figures['differ']:.0f} flows come out otherwise: not measured")
    return figures


def _python(module: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", module, *map(str, arguments)]


def _cost(module: str, *arguments: object) -> Cost:
    """What a process costs, from its start to its end."""
    started = perf_counter()
    process = subprocess.Popen(_python(module, *arguments), cwd=HOUSE, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {CLEAN, VIOLATIONS}:
        raise SystemExit(f"{module} ended with {process.returncode}: not measured")
    return Cost(
        cpu=usage.ru_utime + usage.ru_stime,
        wall=perf_counter() - started,
        peak_mb=usage.ru_maxrss / 1024,
    )


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(*(median(getattr(cost, name) for cost in costs) for name in vars(costs[0])))


def machine() -> Machine:
    """Where this runs."""
    words = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next(line.partition(": ")[2] for line in words if line.startswith("model name"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return Machine(model, len(os.sched_getaffinity(0)), memory, sys.version.split()[0])


def main() -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", required=True, help="the day that the page names")
    parser.add_argument("--flows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=CACHE)
    parser.add_argument("--page", type=Path, default=PAGE)
    asked: Any = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    measured = measure(Work(asked.folder.resolve(), asked.flows), asked.times)
    said = page(measured, machine(), asked.date)
    asked.page.write_text(said, encoding="utf-8")
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
