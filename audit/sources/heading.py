"""The head of a CSV file: what its columns are called, and which seem to be of few words."""

import codecs
import csv
import io
from dataclasses import dataclass

from audit.problems import InputRefused, Problem
from audit.sources.export import TableFile
from audit.sources.text import Writing, opened_as_utf8

_HEAD_BYTES = 1 << 18
_FEWER = 4  # records to a distinct word, at least, for a column to be taken for one of few


@dataclass(frozen=True)
class Head:
    """The headings, and the places of columns that seem to be of few words.

    The latter only says what is tried first: whether they are few is seen batch by batch.
    """

    headings: list[str]
    few: frozenset[int] = frozenset()


def head_of(file: TableFile, writing: Writing) -> Head:
    """What the first records tell; raises InputRefused where there is no heading."""
    try:
        with opened_as_utf8(file.path, writing.encoding) as stream:
            head = stream.read(_HEAD_BYTES)
        text = codecs.getincrementaldecoder("utf-8")().decode(head).removeprefix("\ufeff")
        records = csv.reader(io.StringIO(text, newline=""))
        headings = next(records, [])
    except (UnicodeError, csv.Error) as fault:
        raise InputRefused(Problem("encoding-unknown", {"file": file.name})) from fault
    if not any(heading.strip() for heading in headings):
        raise InputRefused(Problem("heading-missing", {"file": file.name}))
    try:
        told = [record for record in records if len(record) == len(headings)]
    except csv.Error:  # such as a cell beyond its limit, of which the parser knows none
        told = []
    return Head(headings, _few(told))


def _few(records: list[list[str]]) -> frozenset[int]:
    words = map(set, zip(*records, strict=True))
    return frozenset(
        place for place, found in enumerate(words) if len(found) * _FEWER <= len(records)
    )
