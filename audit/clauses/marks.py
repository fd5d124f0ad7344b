"""How Chinese documents number their paragraphs: the marks of a line, and the steps of a cite."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

_CHINESE = "[〇零一二两三四五六七八九十百千]+"
_ARTICLE = rf"第\s*({_CHINESE}|\d{{1,4}})\s*条(?:\s*之\s*({_CHINESE}|\d{{1,2}}))?"
# What follows a mark when the line only mentions a paragraph of that number.
_MENTIONED = r"(?!\s*[第款项目条中规所的之及和或与至、,。;])"


class Level(IntEnum):
    """The kinds of mark, the outermost first: 第三条, (二), 9, (1)."""

    ARTICLE = 0
    SECTION = 1
    ENTRY = 2
    POINT = 3


@dataclass(frozen=True)
class Step:
    """One mark: its kind and number; `insertion` numbers what was put in later (第三条之一)."""

    level: Level
    number: int
    insertion: int = 0


Place = tuple[Step, ...]

_MARKS = {
    Level.ARTICLE: re.compile(_ARTICLE + _MENTIONED),
    Level.SECTION: re.compile(rf"\(\s*({_CHINESE})\s*\)" + _MENTIONED),
    Level.ENTRY: re.compile(r"(\d{1,3})\s*[、.](?!\d)"),
    Level.POINT: re.compile(r"\(\s*(\d{1,3})\s*\)" + _MENTIONED),
}
_STEPS = {
    Level.ARTICLE: re.compile(r"(?:《[^》]*》)?" + _ARTICLE),
    Level.SECTION: re.compile(rf"第?\(({_CHINESE})\)[款项]?"),
    Level.POINT: re.compile(r"第?\((\d{1,3})\)[项目]?"),
    Level.ENTRY: re.compile(r"第?(\d{1,3})[、.]?[项目]?"),
}


def path_of(cite: str) -> Place | None:
    """The steps that a cite names, from the article down; None where it is not of that form."""
    rest = "".join(plain(cite).split())
    path: list[Step] = []
    while rest:
        level, found = _first(_STEPS, rest)
        inward = level > path[-1].level if path else level is Level.ARTICLE
        if found is None or not inward:
            return None
        path.append(_step(level, found))
        rest = rest[found.end() :]
    return tuple(path) or None


def marks_of(line: str) -> Iterator[tuple[Step, str]]:
    """The marks with which a line begins, each further in than the one before, as they stand."""
    rest, outer = plain(line).strip(), -1
    while True:
        level, found = _first(_MARKS, rest)
        if found is None or level <= outer:
            return
        yield _step(level, found), found[0]
        rest, outer = rest[found.end() :].lstrip(), level


def plain(text: str) -> str:
    """The text with brackets and digits of full width as those of half width."""
    return unicodedata.normalize("NFKC", text)


def _first(patterns: dict[Level, re.Pattern[str]], text: str) -> tuple[Level, re.Match[str] | None]:
    for level, pattern in patterns.items():
        if found := pattern.match(text):
            return level, found
    return Level.ARTICLE, None


def _step(level: Level, found: re.Match[str]) -> Step:
    insertion = found[2] if level is Level.ARTICLE else None
    return Step(level, number(found[1]), number(insertion) if insertion else 0)


_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}


def number(numeral: str) -> int:
    """The value of a numeral, Chinese (一百二十三, 十五, 二〇) or of digits."""
    if numeral.isdigit():
        return int(numeral)
    if not any(character in _POWERS for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral))
    total, digit = 0, 0
    for character in numeral:
        if character in _POWERS:
            total, digit = total + (digit or 1) * _POWERS[character], 0
        else:
            digit = _DIGITS[character]
    return total + digit
