"""Text as a terminal lays it out: how wide it is, where it breaks, what must not reach it."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

_WIDE = {"W", "F"}
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_CLOSING = "，。；：、！？）」』》”…,.;:!?)"


def visible(text: str) -> str:
    """The text with every character that could steer a terminal written out, as Python would."""
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    return character.encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """How many columns of a terminal the text fills."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1


def padded(text: str, columns: int, *, right: bool = False) -> str:
    """The text filled up with blanks."""
    blanks = " " * (columns - width(text))
    return blanks + text if right else text + blanks


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns; Chinese breaks anywhere, words stay whole."""
    lines = [""]
    for piece in _pieces(text):
        if width(lines[-1]) + width(piece.rstrip()) > columns and lines[-1]:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> Iterator[str]:
    """What may not be torn: a word with its blanks, one wide character with what closes it."""
    piece = ""
    for character in text:
        if piece and _may_break(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    yield piece


def _may_break(before: str, after: str) -> bool:
    if after in _CLOSING or after == " ":
        return False
    return before == " " or _columns(before) == 2 or _columns(after) == 2  # noqa: PLR2004 (wide)


def columns_of(rows: Iterable[Sequence[str]]) -> list[int]:
    """The width of each column of a table."""
    return [max(map(width, cells)) for cells in zip(*rows, strict=True)]
