"""A PDF as a reader finds it: its text, where it stands, its bookmarks, its fonts."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pypdfium2.raw

_MARGIN = 72 * 16 / 25.4  # 16 mm
_HAIR = 1.5


@dataclass(frozen=True)
class Print:
    """text: all that is written, without blanks and line ends. outside: what the margins hold."""

    pages: int
    text: str
    outside: str
    bookmarks: tuple[str, ...]
    embedded: frozenset[bool]

    def has(self, text: str) -> bool:
        """Whether the text stands in it, wherever its lines end."""
        return squeezed(text) in self.text


def squeezed(text: str) -> str:
    """The text without blanks; pdfium takes a hyphen where a line ends for a soft one."""
    return "".join(text.split()).replace("\x02", "-").replace("\ufffe", "-")


def lost(told: str, printed: Print) -> Counter[str]:
    """The characters of which the print has fewer than were told."""
    return Counter(squeezed(told)) - Counter(printed.text)


def read_print(file: Path) -> Print:
    """What is found on its pages."""
    with pypdfium2.PdfDocument(file) as document:
        pages = [document[number] for number in range(len(document))]
        texts = [page.get_textpage() for page in pages]
        return Print(
            pages=len(pages),
            text=squeezed("".join(each.get_text_bounded() for each in texts)),
            outside="".join(map(_outside, pages, texts)),
            bookmarks=tuple(each.get_title() for each in document.get_toc()),
            embedded=frozenset(map(_embedded, pages)),
        )


def _outside(page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage) -> str:
    """What stands to the left or to the right of the room for text, or off the page."""
    width, height = page.get_size()
    written = text.get_text_range()
    found = []
    for place in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(place)
        beside = left < _MARGIN - _HAIR or right > width - _MARGIN + _HAIR
        if right > left and (beside or bottom < 0 or top > height):
            found.append(written[place : place + 1])
    return "".join(found).strip()


def _embedded(page: pypdfium2.PdfPage) -> bool:
    """Whether every font that a text of the page is set in is in the file."""
    kinds = [pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
    fonts = {
        pypdfium2.raw.FPDFFont_GetIsEmbedded(pypdfium2.raw.FPDFTextObj_GetFont(each.raw))
        for each in page.get_objects(filter=kinds)
    }
    return fonts == {1}
