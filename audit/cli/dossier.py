"""A dossier and the tail of withdrawals in short, for a terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from audit.cli.page import Block, Heading, Line, Table, Tone

if TYPE_CHECKING:
    import polars as pl

    from audit.casework.dossier import Dossier
    from audit.casework.handout.document import Document, Section
    from audit.casework.handout.words import Words

_ROWS, _TAIL_ROWS = 6, 20
# The columns that a terminal has room for, by their places in the document.
_SHOWN = {
    "parties": (0, 4, 5, 6, 8),
    "holders": (0, 2, 3, 4, 8),
    "consents": (0, 1, 3, 9, 10),
    "history": (0, 1, 2),
    "findings": (0, 2, 3, 4),
    "duties": (0, 1, 4, 6),
    "evidence": (0, 1, 2, 8),
    "flows": (0, 1, 3, 5, 8),
    "tail": (0, 1, 2, 3, 4, 6, 7, 8),
}
_TONES = {"bad": Tone.bad, "doubt": Tone.doubt}


def dossier_page(dossier: "Dossier", words: "Words") -> Iterator[Block]:
    """Who it is about, then the first rows of each section."""
    from audit.casework.handout.telling import told

    return _page(told(dossier, words), words, _ROWS)


def tail_page(tail: "pl.DataFrame", words: "Words", *, notices: bool) -> Iterator[Block]:
    """How many, then the gravest."""
    from audit.casework.handout.tail import tail_told

    return _page(tail_told(tail, words, notices=notices), words, _TAIL_ROWS)


def _page(document: "Document", words: "Words", most: int) -> Iterator[Block]:
    yield Heading(document.title)
    yield from (
        Line(words.say("subject-fact", name=name, fact=fact), indent=1)
        for name, fact in document.facts
    )
    for section in document.sections:
        yield from _section(section, words, most)
    yield Line("")
    yield from (Line(note, Tone.faint) for note in document.notes)


def _section(section: "Section", words: "Words", most: int) -> Iterator[Block]:
    shown, every = section.rows[:most], len(section.rows)
    first = words.say("subject-first", shown=section.title, all=f"{every:,}")
    yield Heading(first if every > most else section.title)
    if not shown:
        yield Line(section.empty, indent=1)
        return
    places = _SHOWN[section.key]
    rows = tuple(tuple(_cell(row[place]) for place in places) for row in shown)
    numbers = {n for n, place in enumerate(places) if isinstance(shown[0][place], int)}
    tones = tuple(_TONES.get(mark, Tone.plain) for mark in section.marks[:most])
    headings = tuple(section.headings[place] for place in places)
    yield Table(headings, rows, frozenset(numbers), tones)


def _cell(cell: str | int | None) -> str:
    return "" if cell is None else f"{cell:,}" if isinstance(cell, int) else cell
