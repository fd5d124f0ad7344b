"""How a verdict looks: colour, sign and line, so that colour is never the only one that tells."""

from dataclasses import dataclass
from enum import StrEnum

from audit import Language, Verdict, phrase


class LineStyle(StrEnum):
    """A line as a chart draws it."""

    solid = "solid"
    dashed = "dashed"
    dotted = "dotted"


@dataclass(frozen=True)
class Look:
    """One verdict on the screen; `width` of a line in pixels."""

    colour: str
    sign: str
    line: LineStyle
    width: int


# Told apart by every common kind of colour blindness, three to one against both backgrounds.
LOOKS = {
    Verdict.PERMITTED: Look("#4C8FCB", "✓", LineStyle.solid, 1),
    Verdict.EXCEPTED: Look("#A626E8", "◇", LineStyle.dotted, 2),
    Verdict.INDETERMINATE: Look("#948F00", "?", LineStyle.dashed, 2),
    Verdict.VIOLATION: Look("#B23A4A", "✕", LineStyle.solid, 4),
}


def look(verdict: Verdict | str) -> Look:
    """How this verdict looks."""
    return LOOKS[Verdict(verdict)]


def label(verdict: Verdict | str, language: Language) -> str:
    """The verdict in words, with its sign."""
    return f"{look(verdict).sign} {word(verdict, language)}"


def word(verdict: Verdict | str, language: Language) -> str:
    """The verdict in words."""
    return phrase(f"verdict-{Verdict(verdict).value}", language)


def worst_first() -> tuple[Verdict, ...]:
    """The verdicts, the gravest first."""
    return tuple(reversed(tuple(Verdict)))
