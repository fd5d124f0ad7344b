"""What a command has to show, as values that know nothing of terminals and pipes."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a line is meant; a terminal colours it, a pipe leaves it."""

    plain = "plain"
    good = "good"
    doubt = "doubt"
    bad = "bad"
    faint = "faint"


@dataclass(frozen=True)
class Heading:
    """What the blocks after it are about."""

    text: str


@dataclass(frozen=True)
class Line:
    """One sentence."""

    text: str
    tone: Tone = Tone.plain
    indent: int = 0


@dataclass(frozen=True)
class Table:
    """Rows under headings; the columns in `numbers` are set to the right."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    tones: tuple[Tone, ...] = ()  # one a row, or none at all


Block = Heading | Line | Table
Page = Sequence[Block]
