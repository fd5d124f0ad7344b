"""A document as a workbook: a sheet of facts and notes, then one for each section."""

import io
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import chain, count
from typing import TYPE_CHECKING

from audit.casework.handout.document import Cell, Document, Section
from audit.problems import Problem, UsageRefused
from audit.reports.neutralising import neutral_text

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NO_CLOCK = datetime(1980, 1, 1, tzinfo=UTC)
# Row by row; a text that looks like a formula, an address or a number stays a text.
_AS_WRITTEN = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_LONGEST_CELL, _LONGEST_NAME = 32_767, 31
_MOST_ROWS = 1_048_575  # below the headings
_WIDE, _NARROW = 60, 18
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def render(document: Document) -> bytes:
    """The workbook; a section longer than a sheet goes on in the next one.

    Raises UsageRefused where the library that writes workbooks is not installed.
    """
    if find_spec("xlsxwriter") is None:
        raise UsageRefused(Problem("subject-no-xlsx"))
    # A fifth of a second, for which nobody waits who asks for no workbook.
    from xlsxwriter import Workbook  # noqa: PLC0415

    body = io.BytesIO()
    with Workbook(body, _AS_WRITTEN) as workbook:
        workbook.set_properties({"created": _NO_CLOCK})
        bold = workbook.add_format({"bold": True})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        _front(workbook, document, bold, wrapped)
        for section in document.sections:
            _sheets(workbook, section, bold, wrapped)
    return body.getvalue()


def _front(workbook: "Workbook", document: Document, bold: "Format", wrapped: "Format") -> None:
    sheet = workbook.add_worksheet(_name(workbook, document.title))
    sheet.set_column(0, 0, _NARROW + 6)
    sheet.set_column(1, 1, 2 * _WIDE)
    sheet.write_string(0, 0, _shown(document.title), bold)
    lines = [*document.facts, *(("", note) for note in document.notes)]
    for place, (name, told) in enumerate(lines, start=2):
        sheet.write_string(place, 0, _shown(name), bold)
        sheet.write_string(place, 1, _shown(told), wrapped)


def _sheets(workbook: "Workbook", section: Section, bold: "Format", wrapped: "Format") -> None:
    """The section, on as many sheets as it takes."""
    for start in range(0, max(len(section.rows), 1), _MOST_ROWS):
        sheet = workbook.add_worksheet(_name(workbook, section.title))
        for column, heading in enumerate(section.headings):
            sheet.write_string(0, column, _shown(heading), bold)
            sheet.set_column(column, column, _WIDE if column in section.wide else _NARROW)
        sheet.freeze_panes(1, 0)
        if not section.rows:
            sheet.write_string(1, 0, _shown(section.empty))
        for place, row in enumerate(section.rows[start : start + _MOST_ROWS], start=1):
            _write(sheet, place, row, wrapped)


def _write(sheet: "Worksheet", place: int, row: tuple[Cell, ...], wrapped: "Format") -> None:
    for column, cell in enumerate(row):
        match cell:
            case str():
                sheet.write_string(place, column, _shown(cell), wrapped)
            case int():
                sheet.write_number(place, column, cell, wrapped)


def _shown(text: str) -> str:
    return neutral_text(text)[:_LONGEST_CELL]


def _name(workbook: "Workbook", title: str) -> str:
    """The name of a sheet, short enough, with no sign that a workbook forbids, and its own."""
    plain = title.translate(_FORBIDDEN).strip()[:_LONGEST_NAME]
    taken = {sheet.name.casefold() for sheet in workbook.worksheets()}
    longer = (f"{plain[: _LONGEST_NAME - 4]} {number}" for number in count(2))
    return next(each for each in chain([plain], longer) if each.casefold() not in taken)
