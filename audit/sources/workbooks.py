"""Excel workbooks: a child process reads them (`workbook_child`), columns are made of it here."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import cast

import polars as pl

from audit.problems import InputRefused, Problem
from audit.sources import confined
from audit.sources.export import TableFile
from audit.sources.raw import POSITION, Fit, Layout, RawBatch, Spoiled

_CHILD = "audit.sources.workbook_child"
_BATCH = 50_000
Row = tuple[int, list[str | None] | int]


def sheets(path: Path, name: str) -> tuple[str, ...]:
    """The names of the workbook's visible sheets, in order."""
    with confined.blaming(name):
        (names,) = confined.answers(_CHILD, str(path.absolute()))
    return tuple(cast("list[str]", names))


def read(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    """The rows of the sheet; `position` is Excel's row number. Rows without content are none.

    Dates are ISO text, whole numbers have no fraction. Raises InputRefused for a workbook that is
    damaged, locked, too much for the child, or merges cells below its headings.
    """
    with confined.blaming(file.name):
        yield from _batches(file, layout)


def _batches(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    answers = confined.answers(_CHILD, str(file.path.absolute()), str(file.sheet))
    rows = cast("Iterator[Row]", answers)
    _, headings = next(rows, (0, None))
    if not isinstance(headings, list):
        raise InputRefused(Problem("heading-missing", {"file": file.name}))
    fit = layout.fit([heading or "" for heading in headings], file.name)
    while some := list(islice(rows, _BATCH)):
        yield _batch(some, fit, len(headings))


def _batch(rows: list[Row], fit: Fit, width: int) -> RawBatch:
    fitting = [(number, cells) for number, cells in rows if isinstance(cells, list)]
    columns = [pl.Series(POSITION, [number for number, _ in fitting], pl.Int64)]
    for place, column in fit.columns.items():
        columns.append(pl.Series(column, [cells[place] for _, cells in fitting], pl.String))
    spoiled = tuple(
        Spoiled(number, Problem("row-width", {"expected": width, "found": wide}))
        for number, wide in rows
        if isinstance(wide, int)
    )
    return RawBatch(pl.DataFrame(columns), spoiled, fit.notices)
