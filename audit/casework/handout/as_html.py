"""A document as one HTML file: nothing is fetched, nothing runs, and it prints."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from html import escape

from audit.casework.handout.document import Cell, Document, Section
from audit.clauses.pages import seen
from audit.wording import Language

MIME = "text/html"
_MINUTE = re.compile(r"(?:\d{4}-\d\d-\d\d \d\d:\d\d)?")
_LANGUAGES = {Language.zh: "zh-CN", Language.en: "en"}
_STYLE = """
body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #1c2430; background: #fff;
  line-height: 1.55; font-family: "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC",
    "Microsoft YaHei", system-ui, sans-serif; }
h1 { font-size: 1.55rem; margin: 0 0 .6rem; }
h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
h2 .count { color: #5a6675; font-weight: 400; font-size: .9rem; }
p { margin: .3rem 0; }
.lead, .empty, .notes { color: #39424e; font-size: .9rem; }
.notes { border-top: 1px solid #d5dbe3; margin-top: 2rem; padding-top: .6rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: 0; }
dt { color: #5a6675; }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .82rem; }
th { text-align: left; font-weight: 600; border-bottom: 2px solid #9aa5b1; }
th, td { padding: .3rem .5rem; vertical-align: top; overflow-wrap: break-word; min-width: 3.2rem; }
td { border-bottom: 1px solid #d5dbe3; }
td.wide { min-width: 9rem; }
.when { white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
tr.bad td:first-child { box-shadow: inset 4px 0 #b3261e; }
tr.doubt td:first-child { box-shadow: inset 4px 0 #b07a00; }
.sign { display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 2rem; margin-top: 2.4rem;
  color: #5a6675; font-size: .85rem; }
.sign span { border-bottom: 1px solid #5a6675; padding-bottom: 1.6rem; }
@page { size: A4 landscape; margin: 14mm 12mm; }
@media print { body { margin: 0; max-width: none; font-size: 9.5pt; padding: 0; }
  .scroll { overflow: visible; } table { font-size: 7.5pt; }
  th, td { min-width: 1.35cm; padding: 1mm 1.2mm; overflow-wrap: anywhere; }
  td.wide { min-width: 3cm; }
  thead { display: table-header-group; } tr, .sign { break-inside: avoid; }
  h1, h2, .lead { break-after: avoid; } tr td:first-child { print-color-adjust: exact; } }
"""


def render(document: Document) -> bytes:
    """The document; all of its text is escaped, and what has no shape is written out."""
    title = _text(document.title)
    lines = [
        "<!doctype html>",
        f'<html lang="{_LANGUAGES[document.language]}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        f"<header><h1>{title}</h1>",
        *_facts(document),
        "</header>",
        "<main>",
        *(line for section in document.sections for line in _section(section)),
        *_notes(document.notes),
        *_signed(document.signed),
        "</main>",
        "</body>",
        "</html>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _policy() -> str:
    """Nothing may be loaded, and no style but ours applies."""
    style = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    rules = ("default-src 'none'", f"style-src 'sha256-{style}'", "base-uri 'none'")
    return "; ".join((*rules, "form-action 'none'"))


def _text(text: str) -> str:
    return escape(seen(text))


def _facts(document: Document) -> Iterator[str]:
    yield "<dl>"
    yield from (f"<dt>{_text(name)}</dt><dd>{_text(fact)}</dd>" for name, fact in document.facts)
    yield "</dl>"


def _section(section: Section) -> Iterator[str]:
    count = f' <span class="count">({len(section.rows):,})</span>' if section.rows else ""
    yield f'<section id="{_text(section.key)}"><h2>{_text(section.title)}{count}</h2>'
    if section.rows:
        yield from ([f'<p class="lead">{_text(section.lead)}</p>'] if section.lead else [])
        yield from _table(section)
    else:
        yield f'<p class="empty">{_text(section.empty)}</p>'
    yield "</section>"


def _table(section: Section) -> Iterator[str]:
    numbers = _numbers(section)
    kinds = [_kind(place, section, numbers) for place in range(len(section.headings))]
    heads = zip(section.headings, kinds, strict=True)
    yield '<div class="scroll"><table><thead><tr>'
    yield "".join(f'<th scope="col"{kind}>{_text(head)}</th>' for head, kind in heads)
    yield "</tr></thead><tbody>"
    marks = section.marks or ("",) * len(section.rows)
    for row, mark in zip(section.rows, marks, strict=True):
        cells = zip(row, kinds, strict=True)
        marked = f' class="{_text(mark)}"' if mark else ""
        yield f"<tr{marked}>{''.join(f'<td{kind}>{_cell(cell)}</td>' for cell, kind in cells)}</tr>"
    yield "</tbody></table></div>"


def _numbers(section: Section) -> frozenset[int]:
    """The columns of which every cell is a number."""
    columns = enumerate(zip(*section.rows, strict=True))
    return frozenset(n for n, cells in columns if all(isinstance(each, int) for each in cells))


def _kind(place: int, section: Section, numbers: Iterable[int]) -> str:
    """What the style sheet calls the column: numbers, instants, sentences, or nothing."""
    if place in numbers:
        return ' class="number"'
    if place in section.wide:
        return ' class="wide"'
    return (
        ' class="when"'
        if all(_MINUTE.fullmatch(str(row[place] or "")) for row in section.rows)
        else ""
    )


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case int():
            return f"{cell:,}"
        case _:
            return _text(cell)


def _notes(notes: Iterable[str]) -> Iterator[str]:
    yield '<div class="notes">'
    yield from (f"<p>{_text(note)}</p>" for note in notes)
    yield "</div>"


def _signed(fields: Iterable[str]) -> Iterator[str]:
    told = "".join(f"<span>{_text(field)}</span>" for field in fields)
    if told:
        yield f'<div class="sign">{told}</div>'
