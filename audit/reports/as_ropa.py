"""The record of processing as a workbook: a sheet for each of its tables, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from audit.outcome import Audit, product_version
from audit.reports.neutralising import neutral_text
from audit.reports.ropa_paper import conclusion_of, limits_told
from audit.reports.ropa_words import RecordWords
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from xlsxwriter import Workbook

    from audit.publishing import Writer
    from audit.reports.duties import Key

_LONGEST_CELL = 32_767
_MOST_ROWS = 1_048_575
_NO_CLOCK = datetime(1980, 1, 1, tzinfo=UTC)
_AS_WRITTEN = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDTH, _PAGE = 30, 110  # letters: of a column, and of one that has the sheet for itself


def render(
    audit: Audit, _key: Key = None, language: Language | None = None
) -> Mapping[str, Writer]:
    """ropa.xlsx: what it is, contradictions, activities, entrusted parties, supply abroad, parties.

    No customer is named, and no cell is ever computed.
    """
    return {"ropa.xlsx": partial(_write, audit, language or audit.options.language)}


def _write(audit: Audit, language: Language, path: Path) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415 (a fifth of a second)

    words, body = RecordWords(audit, language), BytesIO()
    with Workbook(body, _AS_WRITTEN) as workbook:
        workbook.set_properties({"created": _NO_CLOCK})
        title = phrase("ropa-title", language)
        _sheet(workbook, title, [title], [(line,) for line in _about(words)])
        for table in words.tables():
            name = phrase(f"ropa-{table.name}", language)
            _sheet(workbook, name, table.headings(language), table.rows)
    path.write_bytes(body.getbuffer())


def _about(words: RecordWords) -> Iterator[str]:
    language = words.language
    yield conclusion_of(words)[0]
    yield phrase("ropa-how", language)
    yield phrase("ropa-bands", language)
    yield from limits_told(words)
    yield f"{phrase('html-run', language)} {words.audit.run_id}"
    yield f"consent-audit {product_version()}"


def _sheet(
    workbook: Workbook, name: str, headings: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """A sheet of one table; what a sheet cannot hold goes on in a further one."""
    lines = list(rows)
    for number, start in enumerate(range(0, max(len(lines), 1), _MOST_ROWS), start=1):
        sheet = workbook.add_worksheet(_title(name, number))
        bold = workbook.add_format({"bold": True})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        for place, heading in enumerate(headings):
            sheet.set_column(place, place, _WIDTH if len(headings) > 1 else _PAGE)
            sheet.write_string(0, place, heading, bold)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, min(len(lines) - start, _MOST_ROWS), len(headings) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)  # in print no column falls on a page of its own
        sheet.repeat_rows(0)
        for line, row in enumerate(lines[start : start + _MOST_ROWS], start=1):
            for place, cell in enumerate(row):
                sheet.write_string(line, place, _cut(cell), wrapped)


def _title(name: str, number: int) -> str:
    """At most 31 letters, none of which a workbook forbids; ours have none of those."""
    return name[:31] if number == 1 else f"{name[:26]} ({number})"


def _cut(text: str) -> str:
    told = neutral_text(text)
    return told if len(told) <= _LONGEST_CELL else f"{told[: _LONGEST_CELL - 1]}…"
