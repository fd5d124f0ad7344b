"""What went wrong, as values: a code of the wording files and the facts that fill it."""

import errno
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

EXHAUSTED = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
    }
)
_RAW_ERROR = re.compile(r"\(os error (\d+)\)")  # so polars tells the number; others spell it


@dataclass(frozen=True)
class Problem:
    """One fault: `code` is a key of the wording files, `facts` fill its placeholders."""

    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict, hash=False)


class Refusal(Exception):
    """The run stops here; carries every problem that was found, not only the first."""

    exit_code: ClassVar[int]

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "; ".join(_unworded(problem) for problem in self.problems)


class UsageRefused(Refusal):
    """The command, a pack or the configuration must be mended."""

    exit_code = 2


class InputRefused(Refusal):
    """The tables as a whole cannot be audited."""

    exit_code = 3


class ResourcesExhausted(Refusal):
    """Disk, memory or file descriptors ran out."""

    exit_code = 5


def system_error(error: BaseException) -> int | None:
    """The system's number for the error, where it is one; some libraries only tell it in words."""
    if isinstance(error, MemoryError):
        return errno.ENOMEM
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    text = str(error)
    told = _RAW_ERROR.search(text)
    spelled = (number for number in sorted(EXHAUSTED) if os.strerror(number) in text)
    return int(told[1]) if told else next(spelled, None)


def _unworded(problem: Problem) -> str:
    """The problem without its sentence, for a log that has no language."""
    facts = ", ".join(f"{name}={value}" for name, value in problem.facts.items())
    return f"{problem.code} ({facts})" if facts else problem.code
