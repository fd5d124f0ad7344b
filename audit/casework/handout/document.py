"""A document that is handed over: headings, facts and tables, in the words of one language."""

from dataclasses import dataclass

from audit.wording import Language

Cell = str | int | None


@dataclass(frozen=True)
class Section:
    """One table of a document, or the sentence that it is empty.

    wide: the places of columns that hold sentences. marks: how each row is meant, a word of the
    style sheet, or nothing.
    """

    key: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    lead: str = ""
    wide: frozenset[int] = frozenset()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """What is handed over. name: what its file is called, without the ending."""

    name: str
    title: str
    language: Language
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    signed: tuple[str, ...] = ()  # what somebody fills in by hand
