"""The parts of a workbook: its sheets, the texts that cells share, what its styles mean.

After ECMA-376. Nothing but the standard library: it runs in a child process (`workbook_child`).
"""

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from posixpath import join, normpath
from typing import IO
from xml.parsers import expat

UNREADABLE = "\ufffd"  # before what is no empty cell and no value: no column takes it
DAY_ZERO, DAY_ZERO_OF_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001

_CHUNK = 1 << 16
_LONGEST = 32_767  # characters of a cell
_DATES = {14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 55), 57, 58}  # formats built in
_CLOCKS = {*range(18, 23), *range(32, 36), *range(45, 48), 55, 56}
_NO_TOKENS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Attributes = dict[str, str]
Relations = dict[str, tuple[str, str]]  # by id: the kind, and the part


class RefusedWorkbook(Exception):
    """The workbook cannot be read: a code of the wording files, and what fills its sentence."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True)
class Style:
    """How the numbers of a cell are meant."""

    day: bool = False
    clock: bool = False
    digits: int = 0  # a number shown with leading zeros to this width


@dataclass(frozen=True)
class Workbook:
    """What the cells of a workbook refer to."""

    sheets: dict[str, str]  # visible ones, by name: the part
    strings: list[str]
    styles: list[Style]
    first_day: datetime


def elements(part: IO[bytes]) -> Iterator[tuple[str, str, Attributes]]:
    """What a part holds, in order: ("start", name, attributes), ("text", text, {}), ("end", …)."""
    met: list[tuple[str, str, Attributes]] = []
    for _ in parsed(
        part,
        start=lambda name, found: met.append(("start", local(name), found)),
        end=lambda name: met.append(("end", local(name), {})),
        text=lambda text: met.append(("text", text, {})),
    ):
        yield from met
        met.clear()


def parsed(
    part: IO[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> Iterator[None]:
    """Tell what a part holds to the three, stopping now and then for what they gathered."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse_entities
    while chunk := part.read(_CHUNK):
        parser.Parse(chunk)
        yield
    parser.Parse(b"", True)
    yield


def refuse_entities(*_: object) -> None:
    """A workbook declares no entities; one that does means harm."""
    raise RefusedWorkbook("file-damaged")


def local(name: str) -> str:
    """A name without the prefix of its namespace."""
    return name.rpartition(":")[2]


def starts(parts: zipfile.ZipFile, path: str | None) -> Iterator[tuple[str, Attributes]]:
    """The elements of a part with their attributes; none where the workbook lacks the part."""
    if path is None:
        return
    with parts.open(path) as part:
        for event, name, found in elements(part):
            if event == "start":
                yield name, {local(word): value for word, value in found.items()}


def related(parts: zipfile.ZipFile, path: str) -> Relations:
    """What a part is related to: the kind and the part of each, by its id."""
    folder, _, name = path.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels".lstrip("/")
    return {
        found["Id"]: (
            found["Type"].rpartition("/")[2],
            normpath(join("/", folder, found["Target"])).lstrip("/"),
        )
        for name, found in starts(parts, rels)
        if name == "Relationship" and found.get("TargetMode") != "External"
    }


def of_kind(relations: Relations, kind: str) -> str | None:
    """The part of this kind, if there is one."""
    return next((part for named, part in relations.values() if named == kind), None)


def workbook(parts: zipfile.ZipFile) -> Workbook:
    """What the cells of the workbook refer to."""
    path = of_kind(related(parts, ""), "officeDocument")
    if path is None:
        raise RefusedWorkbook("file-damaged")
    relations = related(parts, path)
    sheets: dict[str, str] = {}
    first_day = DAY_ZERO
    for name, found in starts(parts, path):
        if name == "sheet" and found.get("state", "visible") == "visible":
            sheets[found["name"]] = relations[found["id"]][1]
        if name == "workbookPr" and found.get("date1904") in {"1", "true"}:
            first_day = DAY_ZERO_OF_1904
    return Workbook(
        sheets,
        strings(parts, of_kind(relations, "sharedStrings")),
        styles(parts, of_kind(relations, "styles")),
        first_day,
    )


def strings(parts: zipfile.ZipFile, path: str | None) -> list[str]:
    """The texts that cells share; what is said of their pronunciation is no part of them."""
    if path is None:
        return []
    shared: list[str] = []
    inside: list[str] = []
    with parts.open(path) as part:
        for event, name, _ in elements(part):
            if event == "start":
                inside.append(name)
                if name == "si":
                    shared.append("")
            elif event == "end":
                inside.pop()
            elif inside[-1] == "t" and "rPh" not in inside:
                shared[-1] = joined(shared[-1], name)
    return [unescaped(text) for text in shared]


def styles(parts: zipfile.ZipFile, path: str | None) -> list[Style]:
    """How the numbers of each style are meant."""
    codes: dict[int, str] = {}
    found_styles: list[Style] = []
    in_cells = False
    for name, found in starts(parts, path):
        if name == "numFmt":
            codes[int(found["numFmtId"])] = found.get("formatCode", "")
        elif name in {"cellXfs", "cellStyles", "dxfs"}:
            in_cells = name == "cellXfs"
        elif name == "xf" and in_cells:
            number = int(found.get("numFmtId", "0"))
            found_styles.append(style(number, codes.get(number)))
    return found_styles


def style(number: int, code: str | None) -> Style:
    """What a format, built in or of the workbook's own, makes of a number."""
    if code is None:
        return Style(day=number in _DATES, clock=number in _CLOCKS)
    shown = _NO_TOKENS.sub("", code).partition(";")[0].lower()
    if shown in {"general", "@"}:
        return Style()
    clock = "h" in shown or "s" in shown
    day = "y" in shown or "d" in shown or ("m" in shown and not clock)
    return Style(day, clock, len(shown) if set(shown) == {"0"} else 0)


def joined(text: str, more: str) -> str:
    """A text and what follows it; no cell is longer, and adding on without end takes for ever."""
    if len(text) + len(more) > _LONGEST:
        raise RefusedWorkbook("file-damaged")
    return text + more


def unescaped(text: str) -> str:
    """Text with the characters that a workbook writes as _xHHHH_."""
    return _ESCAPED.sub(lambda found: _character(int(found[1], 16)), text) if "_x" in text else text


def _character(code: int) -> str:
    """The character of this code; half a character is none."""
    return UNREADABLE if unicodedata.category(chr(code)) == "Cs" else chr(code)
