"""CSV, plain or compressed: every cell as text, every record held to the width of the heading.

The parser (Arrow's) runs in this process: it streams blocks of bounded size and answers a broken
file with an exception, so a child process would only copy the data once more.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from audit.problems import InputRefused, Problem
from audit.sources import columns
from audit.sources.export import TableFile
from audit.sources.heading import Head, head_of
from audit.sources.laying import laid
from audit.sources.lines import LineCount, Misfit, Numbers
from audit.sources.raw import BATCH_ROWS, Fit, Layout, RawBatch, Spoiled, nothing
from audit.sources.text import Encoding, Writing, opened_as_utf8, survey

_BLOCK_BYTES = 4 << 20  # no record may be longer
_NUMBERED = pa.dictionary(pa.int32(), pa.string())
_BLOCKS = 32  # of a batch, at most


def read(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    """The file's records in order; `position` is the line on which a record starts.

    Lines without any content are no records. Raises InputRefused for a file that is no CSV.
    """
    writing = survey(file.path, file.name)
    if writing.quotes % 2:
        raise InputRefused(Problem("quotes-odd", {"file": file.name}))
    head = head_of(file, writing)
    reading = _Reading(file, writing, head, layout.fit(head.headings, file.name))
    try:
        yield from reading.batches()
    except (pa.ArrowException, OSError) as fault:
        raise InputRefused(Problem("csv-unreadable", {"file": file.name})) from fault
    except UnicodeError as fault:
        raise InputRefused(Problem("encoding-unknown", {"file": file.name})) from fault


@dataclass
class _Reading:
    """One pass over one file."""

    file: TableFile
    writing: Writing
    head: Head
    fit: Fit
    count: LineCount = field(default_factory=LineCount)

    def batches(self) -> Iterator[RawBatch]:
        with opened_as_utf8(self.file.path, self.writing.encoding) as stream:
            for cells in self._gathered(stream):
                yield self._batch(cells)
        if self.count.waiting:
            yield self._misfits_left()

    def _gathered(self, stream: BinaryIO) -> Iterator[pa.RecordBatch]:
        """The parser's small blocks, as many at a time as make a batch; none outlasts it."""
        gathered: list[pa.RecordBatch] = []
        rows = 0
        for block in self._blocks(stream):
            gathered.append(block)
            rows += block.num_rows
            if rows >= BATCH_ROWS or len(gathered) == _BLOCKS:
                cells, gathered, rows = _together(gathered), [], 0
                yield cells
        if gathered:
            yield _together(gathered)

    def _blocks(self, stream: BinaryIO) -> Iterator[pa.RecordBatch]:
        try:
            yield from pyarrow.csv.open_csv(stream, **self._options())
        except pa.ArrowInvalid as fault:
            if "Empty CSV" not in str(fault):  # a heading without a line's end, and nothing else
                raise

    def _options(self) -> dict[str, object]:
        return {
            "read_options": pyarrow.csv.ReadOptions(
                use_threads=False,  # with threads a misfit does not tell its number
                block_size=_BLOCK_BYTES,
                autogenerate_column_names=True,
            ),
            "parse_options": pyarrow.csv.ParseOptions(
                newlines_in_values=self.writing.quotes > 0,
                ignore_empty_lines=False,
                invalid_row_handler=self._set_aside,
            ),
            "convert_options": pyarrow.csv.ConvertOptions(
                check_utf8=False,  # the survey has, or it was decoded
                column_types=self._types,
                # Line breaks hide in any column.
                include_columns=[*self._types] if self.writing.quotes else self._wanted,
                null_values=[],
            ),
        }

    @property
    def _types(self) -> Mapping[str, pa.DataType]:
        """Of every column; columns of few words are numbered while they are read."""
        return {
            _name(place): _NUMBERED if place in self.head.few else pa.string()
            for place in range(len(self.head.headings))
        }

    @property
    def _wanted(self) -> list[str]:
        return [_name(place) for place in self.fit.columns]

    def _set_aside(self, row: pyarrow.csv.InvalidRow) -> str:
        self.count.waiting.append(Misfit(row.number, row.actual_columns, _breaks(row.text)))
        return "skip"

    def _batch(self, cells: pa.RecordBatch) -> RawBatch:
        breaks = self._breaks_inside(cells)
        first = self.count.records == 0
        lines, misfits = self.count.place(breaks)
        told = self._with_content(cells)
        told[: int(first)] = False
        swallowed = self._swallowed(cells, lines, breaks, told & (breaks > 0))
        if swallowed:
            told &= ~np.isin(lines, [record.position for record in swallowed])
        wanted = {column: cells.column(_name(place)) for place, column in self.fit.columns.items()}
        if not told.all():
            mask = columns.mask(told)
            wanted = {column: array.filter(mask) for column, array in wanted.items()}
        spoiled = (*swallowed, *self._misfits(misfits))
        return replace(laid(lines[told], wanted), spoiled=spoiled, notices=self._notices)

    def _with_content(self, cells: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        """Whether each record is no blank line."""
        blank = columns.blank(cells.column(self._wanted[0]))
        if blank.any():
            blank = reduce(and_, (columns.blank(cells.column(name)) for name in self._wanted))
        return ~blank

    def _misfits_left(self) -> RawBatch:
        _, misfits = self.count.place(np.zeros(0, np.int64))
        return RawBatch(nothing(), self._misfits(misfits), self._notices)

    def _misfits(self, misfits: list[tuple[int, Misfit]]) -> tuple[Spoiled, ...]:
        expected = len(self.head.headings)
        return tuple(
            Spoiled(line, Problem("row-width", {"expected": expected, "found": misfit.width}))
            for line, misfit in misfits
        )

    def _breaks_inside(self, cells: pa.RecordBatch) -> Numbers:
        none = np.zeros(cells.num_rows, np.int64)
        return sum(map(columns.breaks, cells.columns), none) if self.writing.quotes else none

    def _swallowed(
        self,
        cells: pa.RecordBatch,
        lines: Numbers,
        breaks: Numbers,
        suspects: npt.NDArray[np.bool_],
    ) -> tuple[Spoiled, ...]:
        """Records with whole lines of the table inside a cell: a quote was never closed."""
        commas = len(self.head.headings) - 1
        if not commas or not suspects.any():
            return ()
        places = np.flatnonzero(suspects)
        found = zip(places, cells.filter(columns.mask(suspects)).to_pylist(), strict=True)
        return tuple(
            Spoiled(
                int(lines[place]), Problem("lines-swallowed", {"lines": int(breaks[place]) + 1})
            )
            for place, record in found
            if any(_like_a_line(cell, commas) for cell in record.values())
        )

    @property
    def _notices(self) -> tuple[Problem, ...]:
        if self.writing.encoding is not Encoding.gb18030:
            return self.fit.notices
        return (*self.fit.notices, Problem("read-as-gb18030", {"file": self.file.name}))


def _together(blocks: list[pa.RecordBatch]) -> pa.RecordBatch:
    """The blocks as one, each column in one piece."""
    table = pa.Table.from_batches(blocks)
    cells = [columns.whole(column) for column in table.columns]
    return pa.RecordBatch.from_arrays(cells, table.column_names)


def _name(place: int) -> str:
    """What Arrow calls the column at this place."""
    return f"f{place}"


def _breaks(text: str) -> int:
    return len(re.findall(columns.BREAK, text))


def _like_a_line(cell: str, commas: int) -> bool:
    return any(line.count(",") >= commas for line in re.split(columns.BREAK, cell)[1:])
