"""What a process costs: seconds of all processors, seconds by the clock, its peak of memory."""

import ctypes
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Timer
from time import perf_counter
from typing import IO

from tests.benchmarks.memory import Watched

HOUSE = Path(__file__).parents[3]
CLEAN, VIOLATIONS = 0, 1
ENDINGS = (CLEAN, VIOLATIONS)  # of a run that came to an end
_PATIENCE = 2 * 3600  # seconds; what takes longer is ended and has no figure
_MOST = 0.8  # of the machine's memory
_ADOPT = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


class NotMeasuredError(Exception):
    """Why there is no figure."""


@dataclass(frozen=True)
class Cost:
    """CPU seconds over all cores, seconds by the clock, resident memory at its most."""

    cpu: float
    wall: float
    peak_mb: float


@dataclass(frozen=True)
class Machine:
    """Where it was measured; memory in GB."""

    model: str
    cores: int
    memory: float
    python: str


def spent(
    command: Sequence[str], environment: Mapping[str, str], codes: Collection[int] = (CLEAN,)
) -> tuple[Cost, str]:
    """What a process and all that it started cost until the last of them ends; what it said.

    Raises NotMeasuredError where it does not end with one of these codes.

    What it leaves behind is adopted and waited for, or the processors' time of Spark's Java and of
    its workers would be nobody's.
    """
    ctypes.CDLL(None).prctl(_ADOPT, 1)
    most, before = _MOST * machine().memory * 1024, _processors()
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        started = perf_counter()
        process = subprocess.Popen(
            command, cwd=HOUSE, env={**os.environ, **environment}, stdout=said, stderr=complained
        )
        with Watched(process.pid, most) as watched, _ended_after(_PATIENCE, process):
            _, status, own = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        wall = perf_counter() - started
        _orphans_waited_for()
        if watched.peak_mb > most:
            raise NotMeasuredError(f"it took more than {most:,.0f} MB of memory and was ended")
        if process.returncode not in codes:
            raise NotMeasuredError(_ending(process.returncode, _read(complained)))
        peak = max(own.ru_maxrss / 1024, watched.peak_mb)
        return Cost(_processors() - before, wall, peak), _read(said)


def python(module: str, *arguments: object) -> list[str]:
    """The command that runs one of our modules."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def middle(costs: Sequence[Cost]) -> Cost:
    """The medians."""
    return Cost(*(median(getattr(cost, name) for cost in costs) for name in vars(costs[0])))


def machine() -> Machine:
    """Where this runs."""
    words = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next(line.partition(": ")[2] for line in words if line.startswith("model name"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return Machine(model, len(os.sched_getaffinity(0)), memory, sys.version.split()[0])


@contextmanager
def _ended_after(seconds: float, process: "subprocess.Popen[bytes]") -> Iterator[None]:
    timer = Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _processors() -> float:
    """The seconds of all that was started and waited for up to now."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _orphans_waited_for() -> None:
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _ending(code: int, complaint: str) -> str:
    lines = complaint.strip().splitlines() or ["nothing was said"]
    return f"it ended with code {code} ({lines[-1][:200]})"
