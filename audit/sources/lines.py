"""On which line each record of a CSV file starts, misfits and breaks inside records counted."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Misfit:
    """A record that is not as wide as the heading."""

    record: int  # from 1, the heading being the first
    width: int
    breaks: int  # line breaks inside it


@dataclass
class LineCount:
    """Numbers the records of a file, batch by batch; the parser reports misfits on the side."""

    records: int = 0  # passed so far
    breaks: int = 0  # line breaks inside those
    waiting: list[Misfit] = field(default_factory=list)

    def place(self, breaks: Numbers) -> tuple[Numbers, list[tuple[int, Misfit]]]:
        """The lines of the next records, which have these breaks inside, and of misfits on the way.

        Without a record left it places every misfit that waits.
        """
        if not self.waiting and not breaks.any():
            return self._line_by_line(len(breaks)), []
        numbers = self._numbers(len(breaks))
        last = int(numbers[-1]) if len(numbers) else None
        passed = [misfit for misfit in self.waiting if last is None or misfit.record < last]
        self.waiting = self.waiting[len(passed) :]
        every = np.concatenate([numbers, [misfit.record for misfit in passed]]).astype(np.int64)
        inside = np.concatenate([breaks, [misfit.breaks for misfit in passed]]).astype(np.int64)
        lines = every + self.breaks + _earlier(every, inside)
        self.records = last or self.records
        self.breaks += int(inside.sum())
        there = lines[len(numbers) :].tolist()
        return lines[: len(numbers)], list(zip(there, passed, strict=True))

    def _line_by_line(self, count: int) -> Numbers:
        """The lines of the next records, where nothing is amiss."""
        first = self.records + 1
        self.records += count
        return np.arange(first, first + count, dtype=np.int64) + self.breaks

    def _numbers(self, count: int) -> Numbers:
        """The numbers of the next records that fit: those that no misfit has taken."""
        first = self.records + 1
        free = np.arange(first, first + count + len(self.waiting), dtype=np.int64)
        return free[~np.isin(free, [misfit.record for misfit in self.waiting])][:count]


def _earlier(records: Numbers, breaks: Numbers) -> Numbers:
    """For each record the breaks inside the records before it."""
    order = np.argsort(records)
    running = np.cumsum(breaks[order]) - breaks[order]
    earlier = np.empty_like(running)
    earlier[order] = running
    return earlier
