"""A document as one CSV: a column says of which section a row is; no cell is a formula."""

import csv
import io
from collections.abc import Iterator

from audit.casework.handout.document import Cell, Document
from audit.reports.neutralising import neutral_text

MIME = "text/csv"


def render(document: Document) -> bytes:
    """UTF-8 with a byte order mark; every section begins with its headings, all rows are as wide.

    Facts and notes are sections of their own, the first and the last.
    """
    told = io.StringIO(newline="")
    writer = csv.writer(told, lineterminator="\r\n")
    rows = [*_rows(document)]
    wide = max(map(len, rows))
    for row in rows:
        writer.writerow([*map(_cell, row), *[""] * (wide - len(row))])
    return b"\xef\xbb\xbf" + told.getvalue().encode()


def _rows(document: Document) -> Iterator[tuple[Cell, ...]]:
    yield from ((document.title, *fact) for fact in document.facts)
    for section in document.sections:
        yield (section.title, *(section.headings if section.rows else (section.empty,)))
        yield from ((section.title, *row) for row in section.rows)
    yield from ((document.title, note) for note in document.notes)


def _cell(cell: Cell) -> str:
    return "" if cell is None else neutral_text(str(cell)) if isinstance(cell, str) else str(cell)
