"""What the children share that make tables of foreign files: what is asked, how they answer.

First come the rows, a line of JSON each, then what was met. One file that cannot be understood
refuses them all, since nobody knows what it would have changed.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.problems import InputRefused
from audit.sources.limits import refused, tell
from audit.sources.strict import columns, required

Cells = Mapping[str, Any]


class Broken(Exception):
    """Why a file cannot be understood: a key of the wording files, and its facts."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass
class Asked:
    """The table that is asked for, the files that it is made of, and how; `reading` is the file."""

    table: str
    files: list[tuple[Path, str]]
    how: Mapping[str, Any]
    reading: str = ""

    def each(self) -> Iterator[tuple[Path, str]]:
        """The files, of which the one that is read is remembered."""
        for path, name in self.files:
            self.reading = name
            yield path, name


def make(file: str, rows: Callable[[Asked, Counter[str]], Iterator[Cells]]) -> int:
    """Write the rows that are asked for in the file, or last of all why they cannot be had."""
    told = json.loads(Path(file).read_text(encoding="utf-8"))
    files = [(Path(path), name) for path, name in told.pop("files")]
    asked = Asked(told.pop("table"), files, told)
    try:
        _tell_rows(asked, rows)
    except Broken as fault:
        tell(refused(fault.code, **{"file": asked.reading, **fault.facts}))
    except InputRefused as fault:
        tell(refused(fault.problems[0].code, file=asked.reading))
    except (MemoryError, RecursionError):
        tell(refused("file-overwhelms", file=asked.reading))
    except OSError as fault:
        tell(refused("file-unreachable", file=asked.reading, cause=fault.strerror or "-"))
    return 0


def _tell_rows(asked: Asked, rows: Callable[[Asked, Counter[str]], Iterator[Cells]]) -> None:
    names, due = [*columns(asked.table)], required(asked.table)
    met, lacking, incomplete = Counter[str](), Counter[str](), 0
    for cells in rows(asked, met):
        empty = [name for name in names if not cells.get(name)]
        lacking.update(empty)
        incomplete += not due.isdisjoint(empty)
        tell(["row", [cells.get(name) for name in names]])
    tell(["told", {"met": met, "lacking": lacking, "incomplete": incomplete}])
