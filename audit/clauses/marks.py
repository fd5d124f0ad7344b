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
# A cite may write the mark as it stands, (二)9(1), or call it by its name, 第二款第九项第一目.
_NUMERAL = rf"({_CHINESE}|\d{{1,3}})"
_STEPS = {
    Level.ARTICLE: re.compile(r"(?:《[^》]*》)?" + _ARTICLE),
    Level.SECTION: re.compile(rf"第?\(({_CHINESE})\)[款项]?|第{_NUMERAL}款"),
    Level.POINT: re.compile(rf"第?\((\d{{1,3}})\)[项目]?|第{_NUMERAL}目"),
    Level.ENTRY: re.compile(rf"第{_NUMERAL}项|(\d{{1,3}})[、.]?项?"),
}
_SENTENCE = re.compile(rf"第{_NUMERAL}句$")
_DIVISION = re.compile(rf"第\s*(?:{_CHINESE}|\d{{1,3}})\s*[编章节](?!\w*[。;,])")
_PAGE = re.compile(r"[-—–·\s]*(?:第?\s*\d+\s*页.*|\d+\s*/\s*\d+|[-—–]\s*\d+\s*[-—–])\s*$")


def path_of(cite: str) -> Place | None:
    """The steps that a cite names, from the article down; None where it is not of that form."""
    rest = _SENTENCE.sub("", _closed_up(cite))
    path: list[Step] = []
    while rest:
        level, found = _first(_STEPS, rest)
        inward = level > path[-1].level if path else level is Level.ARTICLE
        if found is None or not inward:
            return None
        path.append(_step(level, found))
        rest = rest[found.end() :]
    return tuple(path) or None


def sentence_of(cite: str) -> int | None:
    """Which sentence of the paragraph a cite names (第三条(二)7第二句); None for all of it."""
    found = _SENTENCE.search(_closed_up(cite))
    return number(found[1]) if found else None


def cite_of(place: Place) -> str:
    """The place as people cite it: 第三条(二)9(1)."""
    return "".join(map(_spelled, place))


def name_of(place: Place) -> str:
    """The place as an id: 3-2-9.1; a level that is left out is 0."""
    steps = {step.level: step for step in place}
    depth = place[-1].level
    numbers = [str(steps[level].number) if level in steps else "0" for level in Level]
    article = steps[Level.ARTICLE]
    numbers[0] += f"_{article.insertion}" if article.insertion else ""
    outer = "-".join(numbers[: min(depth, Level.ENTRY) + 1])
    return f"{outer}.{numbers[Level.POINT]}" if depth is Level.POINT else outer


def marks_of(line: str) -> Iterator[tuple[Step, str]]:
    """The marks with which a line begins, each further in than the one before, as they stand."""
    rest, outer = plain(line).strip(), -1
    while True:
        level, found = _first(_MARKS, rest)
        if found is None or level <= outer:
            return
        yield _step(level, found), found[0]
        rest, outer = rest[found.end() :].lstrip(), level


def without_marks(text: str) -> str:
    """What the text says after the marks with which it begins, as it stands."""
    rest = text.strip()
    spent = sum(len(_closed_up(mark)) for _, mark in marks_of(rest.partition("\n")[0]))
    for place, character in enumerate(rest):
        if not spent:
            return rest[place:].lstrip()
        spent -= min(len(_closed_up(character)), spent)
    return ""


def is_noise(line: str) -> bool:
    """Whether the line says where one is in the paper: a chapter's heading, a page number."""
    spelled = plain(line).strip()
    return bool(_DIVISION.match(spelled) or _PAGE.match(spelled))


def plain(text: str) -> str:
    """The text with brackets and digits of full width as those of half width."""
    return unicodedata.normalize("NFKC", text)


def _first(patterns: dict[Level, re.Pattern[str]], text: str) -> tuple[Level, re.Match[str] | None]:
    for level, pattern in patterns.items():
        if found := pattern.match(text):
            return level, found
    return Level.ARTICLE, None


def _step(level: Level, found: re.Match[str]) -> Step:
    if level is Level.ARTICLE:
        return Step(level, number(found[1]), number(found[2]) if found[2] else 0)
    return Step(level, number(next(filter(None, found.groups()))))


def _closed_up(text: str) -> str:
    return "".join(plain(text).split())


def _spelled(step: Step) -> str:
    match step.level:
        case Level.ARTICLE:
            later = f"之{numeral(step.insertion)}" if step.insertion else ""
            return f"第{numeral(step.number)}条{later}"
        case Level.SECTION:
            return f"({numeral(step.number)})"
        case Level.ENTRY:
            return str(step.number)
        case Level.POINT:
            return f"({step.number})"


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


def numeral(value: int) -> str:
    """The number as Chinese documents write it: 一百零五, 十五; the opposite of `number`."""
    digits = "零一二三四五六七八九"
    spelled, gap = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // power % 10
        if digit:
            spelled += ("零" if gap and spelled else "") + digits[digit] + unit
        gap = not digit
    return spelled.removeprefix("一") if spelled.startswith("一十") else spelled or digits[0]
