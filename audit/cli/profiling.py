"""Where the time and the memory of a run went, step by step (`--profile`)."""

import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audit.cli.page import Block, Heading, Line, Table
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.asking import Progress

WRITING = "writing"
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
_MEGABYTE = 1_000_000
_Row = tuple[str, str, str, str]
_COLUMNS = ("step", "clock", "cpu", "most")


@dataclass(frozen=True)
class _Mark:
    """A moment: seconds of the clock and of the processors, the most memory up to now in bytes."""

    clock: float = field(default_factory=time.perf_counter)
    cpu: float = field(default_factory=time.process_time)
    memory: int = field(
        default_factory=lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
    )


@dataclass
class Profile:
    """The steps of a run, each from when it is first told of until the next one is."""

    started: list[tuple[str, _Mark]] = field(default_factory=list)
    rows: int = 0
    spent: dict[str, Mapping[str, float]] = field(default_factory=dict)  # by step and work

    def heard(self, tell: "Callable[[Progress], None]") -> "Callable[[Progress], None]":
        """The same, listened to."""

        def told(progress: "Progress") -> None:
            self.at(str(progress.stage))
            self.rows = max(self.rows, progress.rows)
            self.spent[str(progress.stage)] = progress.spent
            tell(progress)

        return told

    def at(self, step: str) -> None:
        """A step begins, unless it is the one that is under way."""
        if not self.started or self.started[-1][0] != step:
            self.started.append((step, _Mark()))

    def page(self, language: Language) -> Iterator[Block]:
        """A row for each step up to now, with what its threads were at, and one for all of them."""
        end = _Mark()
        marks = [mark for _, mark in self.started] + [end]
        spans = zip(self.started, marks[1:], strict=True)
        rows = [row for (step, a), b in spans for row in self._step(step, a, b, language)]
        first = self.started[0][1]
        yield Heading(phrase("profile", language))
        headings = [phrase(f"profile-{what}", language) for what in _COLUMNS]
        total = (phrase("profile-total", language), *_cost(first, end))
        yield Table(tuple(headings), (*rows, total), numbers=frozenset({1, 2, 3}))
        rate = round(self.rows / max(end.clock - first.clock, 1e-9))
        yield Line(phrase("profile-rate", language, rows=f"{self.rows:,}", rate=f"{rate:,}"))

    def _step(self, step: str, begun: _Mark, ended: _Mark, language: Language) -> Iterator[_Row]:
        yield phrase(f"profile-{step}", language), *_cost(begun, ended)
        spent = self.spent.get(step)
        if spent:
            rest = ended.cpu - begun.cpu - sum(spent.values())
            for work, seconds in {**spent, "native": max(rest, 0)}.items():
                word = phrase(f"profile-{work}", language)
                yield phrase("profile-of-it", language, work=word), "", f"{seconds:.2f}", ""


def _cost(begun: _Mark, ended: _Mark) -> tuple[str, str, str]:
    """Seconds of the clock, of the processors, and megabytes at most until then."""
    return (
        f"{ended.clock - begun.clock:.2f}",
        f"{ended.cpu - begun.cpu:.2f}",
        f"{ended.memory // _MEGABYTE:,}",
    )
