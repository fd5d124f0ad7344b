"""What is handed over about people, as files: a dossier, the tail of withdrawals, an index."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from audit.casework.handout import as_csv, as_html, as_xlsx
from audit.casework.handout.as_json import dossier_json, tail_json
from audit.casework.handout.tail import tail_told
from audit.casework.handout.telling import told

if TYPE_CHECKING:
    import polars as pl

    from audit.casework.dossier import Dossier
    from audit.casework.handout.document import Document
    from audit.casework.handout.words import Words


class Paper(StrEnum):
    """The formats of a document; each is also the ending of its file."""

    html = "html"
    json = "json"
    csv = "csv"
    xlsx = "xlsx"


MIMES = {
    Paper.html: as_html.MIME,
    Paper.json: "application/json",
    Paper.csv: as_csv.MIME,
    Paper.xlsx: as_xlsx.MIME,
}
_RENDER = {Paper.html: as_html.render, Paper.csv: as_csv.render, Paper.xlsx: as_xlsx.render}


def dossier_file(dossier: Dossier, words: Words, paper: Paper) -> bytes:
    """A dossier that `handed_over` made, as a file; JSON has codes, the others words."""
    if paper is Paper.json:
        return dossier_json(dossier, words.about)
    return document_file(told(dossier, words), paper)


def tail_file(tail: pl.DataFrame, words: Words, paper: Paper, *, notices: bool) -> bytes:
    """The tail of withdrawals as a file."""
    if paper is Paper.json:
        return tail_json(tail, words.about, notices=notices)
    return document_file(tail_told(tail, words, notices=notices), paper)


def document_file(document: Document, paper: Paper) -> bytes:
    """A document as a file for people to read."""
    return _RENDER[paper](document)
