"""What went wrong, as values: a code of the wording files and the facts that fill it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


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


def _unworded(problem: Problem) -> str:
    """The problem without its sentence, for a log that has no language."""
    facts = ", ".join(f"{name}={value}" for name, value in problem.facts.items())
    return f"{problem.code} ({facts})" if facts else problem.code
