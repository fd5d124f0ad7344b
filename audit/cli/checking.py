"""What validation found, as a page: rows by table, what would be rejected and why, what to know."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from audit.cli.page import Block, Heading, Line, Table, Tone
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    from audit import Checked, Problem
    from audit.outcome import RowCount

_MOST_ROWS = 20
_MOST_NOTICES = 20


def checked_page(checked: "Checked", language: Language) -> Iterator[Block]:
    """Rows, then each reason with the first rows that have it, then notices."""
    yield from rows_page(checked.rows, language)
    for table, code, rows in _reasons(checked.rejected):
        yield from _reason(table, code, rows, language)
    yield from notices_page(checked.notices, language)
    rejected = sum(each.rejected for each in checked.rows.values())
    yield Line("")
    if rejected:
        yield Line(phrase("check-rejected", language, rows=rejected), Tone.doubt)
    else:
        yield Line(phrase("check-sound", language), Tone.good)


def rows_page(rows: Mapping[str, "RowCount"], language: Language) -> Iterator[Block]:
    """What became of the rows of each table."""
    names = ("rows-table", "rows-read", "rows-used", "rows-rejected", "rows-repeated")
    told = [(name, *_numbers(each)) for name, each in rows.items()]
    headings = tuple(phrase(name, language) for name in names)
    yield Heading(phrase("rows-accounted", language))
    yield Table(headings, tuple(told), numbers=frozenset({1, 2, 3, 4}))
    registers = sum(each.rejected for name, each in rows.items() if name != "flows")
    if registers:
        yield Line(phrase("rows-tainting", language, rows=registers), Tone.doubt, indent=1)


def _numbers(count: "RowCount") -> tuple[str, ...]:
    return tuple(f"{each:,}" for each in (count.rows, count.judged, count.rejected, count.repeated))


def notices_page(notices: tuple["Problem", ...], language: Language) -> Iterator[Block]:
    """What the reader should know of the data, each thing once."""
    told = dict.fromkeys(sentence(notice, language) for notice in notices)
    if told:
        yield Heading(phrase("notices", language))
        yield from (Line(f"- {notice}", Tone.doubt, indent=1) for notice in [*told][:_MOST_NOTICES])
    if len(told) > _MOST_NOTICES:
        left = len(told) - _MOST_NOTICES
        yield Line(phrase("notices-more", language, notices=left), Tone.doubt, indent=1)


def _reasons(rejected: Any) -> Iterator[tuple[str, str, Any]]:  # noqa: ANN401 (polars comes late)
    """Each table and code with its rejected rows, in the order of their places."""
    ordered = rejected.sort("table", "code", "file", "position", "column")
    for (table, code), rows in ordered.group_by("table", "code", maintain_order=True):
        yield str(table), str(code), rows


def _reason(table: str, code: str, rows: Any, language: Language) -> Iterator[Block]:  # noqa: ANN401
    facts = {"table": table, "code": code, "rows": f"{rows.height:,}"}
    yield Heading(phrase("check-reason", language, **facts))
    for row in rows.head(_MOST_ROWS).to_dicts():
        key = "check-row-empty" if row["value"] is None else "check-row"
        yield Line(phrase(key, language, **row), indent=1)
    if rows.height > _MOST_ROWS:
        left = f"{rows.height - _MOST_ROWS:,}"
        yield Line(phrase("check-more", language, rows=left), Tone.faint, indent=1)
