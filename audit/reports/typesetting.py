"""A paper as PDF: set by typst, which gets every text as data and never as markup."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from audit.reports.fonts import Fonts, fonts
from audit.reports.markup import joined, paragraph
from audit.reports.tree import Node, tree
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from audit.reports.paper import Paper

_TEMPLATE, _CONTENTS = "paper.typ", "paper.json"
_UNBROKEN, _PIECE = 16, 4  # letters of a word that is not cut, and of the pieces of one that is
_LONG = re.compile(f"[!-~]{{{_UNBROKEN + 5},}}")  # in a sentence; Chinese is broken anywhere
_MOST_NAMED = 40  # characters without a shape that are named one by one
_FULL, _HALF = 2, 1
_ROOM, _LEAST_TEXT, _MOST_TEXT = 120, 4, 60  # of a line of a table, and of columns
_BESIDE = 3  # the room at both sides of a cell
_WORD = re.compile(r"[\w.\[\]()-]+", re.ASCII)


class Unprinted(Exception):
    """A print lacks something of its paper: a bug of ours, for which no file is left."""


@dataclass
class _Spelling:
    """Texts in the characters that there is a shape for; what else was met, and how often."""

    shapes: frozenset[str]
    lacking: Counter[str] = field(default_factory=Counter)

    def spelled(self, text: str) -> str:
        return "".join(each if each in self.shapes else self._written_out(each) for each in text)

    def _written_out(self, letter: str) -> str:
        self.lacking[letter] += 1
        return f"[U+{ord(letter):04X}]"


def typeset(paper: Paper, font_files: Sequence[Path] = ()) -> bytes:
    """The paper as PDF with its fonts in it; the same bytes each time, given the same fonts.

    A character of no shape is written as its code point, and the last section says so. Raises
    UsageRefused where fonts cannot be had (fonts.fonts), and Unprinted where typst has a complaint.
    """
    import typst  # noqa: PLC0415 (an extra)

    with fonts(font_files) as known:
        template = files("audit.reports").joinpath(_TEMPLATE).read_bytes()
        contents = json.dumps(_contents(paper, known)).encode()
        try:
            pdf, complaints = typst.compile_with_warnings(  # type: ignore[call-overload]
                {"main.typ": template, _CONTENTS: contents},  # which its types leave out
                font_paths=known.found,
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards="ua-1",
                timestamp=0,
            )
        except typst.TypstError as error:
            raise Unprinted(error.message, error.trace) from error
    if complaints:
        raise Unprinted(*(each.message for each in complaints))
    return cast("bytes", pdf)


def _contents(paper: Paper, known: Fonts) -> dict[str, Any]:
    """The paper as the template reads it; what is said of the print comes last of all."""
    roots = [(each, tree(each.inside)) for each in paper.sections]
    own = {each.name for each in paper.sections}
    places = own | {node.attributes["id"] for _, root in roots for node in _with_id(root)}
    printer = _Printer(_Spelling(known.shapes), frozenset(places), own)
    told, meant = paper.conclusion
    contents = {
        "language": paper.language.value,
        "title": printer.text(paper.title),
        "mark": printer.text(paper.mark),
        "under": printer.text(paper.under),
        "conclusion": printer.text(told),
        "meant": meant.value,
        "contents": printer.text(phrase("html-contents", paper.language)),
        "sections": [
            {"name": each.name, "heading": printer.text(each.heading), "in": printer.inside(root)}
            for each, root in roots
        ],
        "signed": [printer.text(each) for each in paper.signed],
    }
    named = phrase("html-list", paper.language).join(known.families)
    set_in = printer.text(phrase("print-set-in", paper.language, families=named))
    lacking = _lacking(printer, paper.language)
    return contents | {"fonts": known.families, "set_in": set_in, "lacking": lacking}


def _with_id(node: Node) -> Iterator[Node]:
    for each in node.inside:
        if isinstance(each, Node):
            if "id" in each.attributes:
                yield each
            yield from _with_id(each)


def _lacking(printer: _Printer, language: Language) -> list[Any]:
    """What is said of characters that no font has; nothing where there are none."""
    found = printer.spelling.lacking
    if not found:
        return []
    most = sorted(found.items(), key=lambda each: (-each[1], each[0]))[:_MOST_NAMED]
    named = phrase("html-list", language).join(
        phrase("print-lacking-one", language, code=f"U+{ord(letter):04X}", times=times)
        for letter, times in most
    )
    told = [paragraph(phrase("print-lacking", language, letters=len(found), named=named))]
    if len(found) > _MOST_NAMED:
        left = len(found) - _MOST_NAMED
        told.append(paragraph(phrase("print-lacking-more", language, left=left)))
    return printer.inside(tree(joined(told)))


@dataclass(frozen=True)
class _Printer:
    """Elements as the template knows them."""

    spelling: _Spelling
    places: frozenset[str]
    met: set[str]

    def text(self, text: str) -> str:
        return self.spelling.spelled(text)

    def inside(self, node: Node) -> list[Any]:
        broken = node.tag == "code" or node.kind == "any"
        told: list[Any] = []
        for each in node.inside:
            if isinstance(each, Node):
                told.append(self._element(each))
            else:
                told += self._runs(each, broken=broken)
        return told

    def _element(self, node: Node) -> dict[str, Any]:
        told: dict[str, Any] = {"tag": node.tag, "kind": node.kind}
        own = node.attributes.get("id")
        if own is not None and own not in self.met:  # a link leads to the first of that name
            self.met.add(own)
            told["id"] = own
        link = node.attributes.get("href", "").removeprefix("#")
        if link in self.places:
            told["to"] = link
        match node.tag:
            case "table":
                return told | self._table(node)
            case "svg":
                return told | self._drawing(node)
        return told | {"in": self.inside(node)}

    def _runs(self, text: str, *, broken: bool) -> Iterator[Any]:
        """The text; what is long and has no place to be broken at comes in pieces."""
        if broken and len(text) > _UNBROKEN:
            yield self._pieces(text)
            return
        start = 0
        for long in _LONG.finditer(text):
            yield self.text(text[start : long.start()])
            yield self._pieces(long[0])
            start = long.end()
        yield self.text(text[start:])

    def _pieces(self, text: str) -> dict[str, Any]:
        cut = [text[place : place + _PIECE] for place in range(0, len(text), _PIECE)]
        return {"tag": "pieces", "in": [self.text(piece) for piece in cut]}

    def _table(self, node: Node) -> dict[str, Any]:
        head = [*node.elements("th")]
        rows = [[*row.elements("td")] for row in node.elements("tr")]
        body = [row for row in rows if row]
        return {
            "columns": _shares(head, body),
            "numbers": [cell.kind == "number" for cell in head],
            "head": [self.inside(cell) for cell in head],
            "rows": [[self.inside(cell) for cell in row] for row in body],
        }

    def _drawing(self, node: Node) -> dict[str, Any]:
        """Bars with their labels; of a sign in a legend only the colour counts."""
        parts = [
            {"tag": each.tag, "kind": each.kind, "end": "text-anchor" in each.attributes}
            | {name: float(each.attributes.get(name, 0)) for name in ("x", "y", "width", "height")}
            | {"text": self.text(each.text) if each.tag == "text" else ""}
            for each in node.elements("rect", "text")
        ]
        size = {name: float(node.attributes[name]) for name in ("width", "height")}
        alternative = self.text(node.attributes.get("aria-label", ""))
        return {**size, "alternative": alternative, "parts": parts}


def _shares(head: Sequence[Node], rows: Sequence[Sequence[Node]]) -> list[float]:
    """The share of the width that each column gets: room for its words, then by what it holds."""
    columns = [[cell, *(row[place] for row in rows)] for place, cell in enumerate(head)]
    least = [max(map(_longest_word, cells)) + _BESIDE for cells in columns]
    wanted = [max(few, _usual(cells)) for few, cells in zip(least, columns, strict=True)]
    spare, more = max(_ROOM - sum(least), 0), sum(wanted) - sum(least)
    given = min(spare / more, 1) if more else 0
    return [few + (most - few) * given for few, most in zip(least, wanted, strict=True)]


def _usual(cells: Sequence[Node]) -> int:
    """What four of five cells need; the others get lines more."""
    lengths = sorted(_length(cell.text) for cell in cells)
    return min(lengths[len(lengths) * 4 // 5], _MOST_TEXT)


def _longest_word(cell: Node) -> int:
    """Of what is not cut; Chinese is broken anywhere."""
    words = map(len, _WORD.findall(cell.text))
    return max((letters for letters in words if letters <= _UNBROKEN), default=_LEAST_TEXT)


def _length(text: str) -> int:
    """In half-width letters."""
    return sum(_HALF if letter < "\u2e80" else _FULL for letter in text)
