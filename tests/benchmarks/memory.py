"""The memory of a process and of all that it started, watched while something is done with it."""

import math
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

_EVERY = 0.05  # seconds
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watched:
    """`with Watched(pid) as watched: ...`, then `watched.peak_mb`: resident memory, at its most.

    The process is killed where it takes more than `most_mb`, before the machine has none left.
    """

    def __init__(self, pid: int, most_mb: float = math.inf) -> None:
        self.peak_mb, self._most_mb = 0.0, most_mb
        self._pid, self._end = pid, Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(_EVERY):
            family = list(_tree(self._pid))
            now = sum(map(_resident if len(family) == 1 else _share, family))
            self.peak_mb = max(self.peak_mb, now / 2**20, _most(self._pid) / 2**10)
            if self.peak_mb > self._most_mb:
                with suppress(ProcessLookupError):
                    os.kill(self._pid, signal.SIGKILL)


def _tree(pid: int) -> Iterator[int]:
    """The process and what it started, as far as they still run."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = children.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in found:
            yield from _tree(int(child))


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _share(pid: int) -> int:
    """What is its own, and its part of what it shares: a fork has all that its parent has."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _most(pid: int) -> int:
    """The most that the process itself ever had, in kB, as the kernel keeps it."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
