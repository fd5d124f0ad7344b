"""CSV, plain or compressed: every cell as text, every record held to the width of the heading.

The parser (Arrow's) runs in this process: it streams blocks of bounded size and answers a broken
file with an exception, so a child process would only copy the data once more.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv

from audit.problems import InputRefused, Problem
from audit.sources.export import TableFile
from audit.sources.lines import LineCount, Misfit, Numbers
from audit.sources.raw import BATCH_ROWS, POSITION, Fit, Layout, RawBatch, Spoiled, nothing
from audit.sources.text import Encoding, Writing, opened, survey

_HEADING_BYTES = 1 << 18
_BLOCK_BYTES = 4 << 20  # no record may be longer
_BREAKS = "breaks"
_BREAK = r"\r\n|\r|\n"


def read(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    """The file's records in order; `position` is the line on which a record starts.

    Lines without any content are no records. Raises InputRefused for a file that is no CSV.
    """
    writing = survey(file.path, file.name)
    if writing.quotes % 2:
        raise InputRefused(Problem("quotes-odd", {"file": file.name}))
    headings = _headings(file, writing)
    reading = _Reading(file, writing, headings, layout.fit(headings, file.name))
    try:
        yield from reading.batches()
    except (pa.ArrowException, OSError) as fault:
        raise InputRefused(Problem("csv-unreadable", {"file": file.name})) from fault
    except UnicodeError as fault:
        raise InputRefused(Problem("encoding-unknown", {"file": file.name})) from fault


def _headings(file: TableFile, writing: Writing) -> list[str]:
    with opened(file.path, writing.encoding) as stream:
        head = stream.read(_HEADING_BYTES)
    try:
        text = (
            codecs.getincrementaldecoder(writing.encoding.opened)()
            .decode(head)
            .removeprefix("\ufeff")
        )
        headings = next(csv.reader(io.StringIO(text, newline="")), [])
    except (UnicodeError, csv.Error) as fault:
        raise InputRefused(Problem("encoding-unknown", {"file": file.name})) from fault
    if not any(heading.strip() for heading in headings):
        raise InputRefused(Problem("heading-missing", {"file": file.name}))
    return headings


@dataclass
class _Reading:
    """One pass over one file."""

    file: TableFile
    writing: Writing
    headings: list[str]
    fit: Fit
    count: LineCount = field(default_factory=LineCount)

    def batches(self) -> Iterator[RawBatch]:
        with opened(self.file.path, self.writing.encoding) as stream:
            for blocks in self._gathered(stream):
                yield self._batch(self._frame(blocks))
        if self.count.waiting:
            yield self._misfits_left()

    def _gathered(self, stream: BinaryIO) -> Iterator[list[pa.RecordBatch]]:
        """The parser's small blocks, as many at a time as make a batch."""
        gathered: list[pa.RecordBatch] = []
        for block in self._blocks(stream):
            gathered.append(block)
            if sum(block.num_rows for block in gathered) >= BATCH_ROWS:
                yield gathered
                gathered = []
        if gathered:
            yield gathered

    def _blocks(self, stream: BinaryIO) -> Iterator[pa.RecordBatch]:
        try:
            yield from pyarrow.csv.open_csv(stream, **self._options())
        except pa.ArrowInvalid as fault:
            if "Empty CSV" not in str(fault):  # a heading without a line's end, and nothing else
                raise

    def _options(self) -> dict[str, object]:
        names = [_name(place) for place in range(len(self.headings))]
        return {
            "read_options": pyarrow.csv.ReadOptions(
                use_threads=False,  # with threads a misfit does not tell its number
                block_size=_BLOCK_BYTES,
                autogenerate_column_names=True,
                encoding="latin-1" if self._foreign else "utf-8",
            ),
            "parse_options": pyarrow.csv.ParseOptions(
                newlines_in_values=self.writing.quotes > 0,
                ignore_empty_lines=False,
                invalid_row_handler=self._set_aside,
            ),
            "convert_options": pyarrow.csv.ConvertOptions(
                check_utf8=False,  # the survey has
                column_types=dict.fromkeys(names, pa.string()),
                # Line breaks hide in any column, and so do bytes that are not GB18030.
                include_columns=names if self._every_column else self._wanted,
                null_values=[],
            ),
        }

    @property
    def _foreign(self) -> bool:
        """Whether cells are decoded once they are apart.

        No byte of a GB18030 character is a comma, a quote or a line's end, so such a file is split
        as if it were Latin: much faster than decoding it first.
        """
        return self.writing.encoding is Encoding.gb18030

    @property
    def _every_column(self) -> bool:
        return self.writing.quotes > 0 or self._foreign

    @property
    def _wanted(self) -> list[str]:
        return [_name(place) for place in self.fit.columns]

    def _set_aside(self, row: pyarrow.csv.InvalidRow) -> str:
        self.count.waiting.append(Misfit(row.number, row.actual_columns, _breaks(row.text)))
        return "skip"

    def _frame(self, blocks: list[pa.RecordBatch]) -> pl.DataFrame:
        frame = pl.DataFrame(pl.from_arrow(pa.Table.from_batches(blocks), rechunk=False))
        return frame.select(map(_decoded, frame)) if self._foreign else frame

    def _batch(self, frame: pl.DataFrame) -> RawBatch:
        breaks = self._breaks_inside(frame)
        first = self.count.records == 0
        lines, misfits = self.count.place(breaks)
        frame = frame.with_columns(pl.Series(POSITION, lines), pl.Series(_BREAKS, breaks))
        frame = self._with_content(frame.slice(int(first)))
        swallowed = self._swallowed(frame.filter(pl.col(_BREAKS) > 0))
        places = [record.position for record in swallowed]
        kept = frame.filter(~pl.col(POSITION).is_in(places)) if places else frame
        columns = {_name(place): column for place, column in self.fit.columns.items()}
        return RawBatch(
            kept.select(POSITION, *columns).rename(columns),
            (*swallowed, *self._misfits(misfits)),
            self._notices,
        )

    def _with_content(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The records, blank lines left out."""
        if not (frame[self._wanted[0]] == "").any():
            return frame
        return frame.filter(~pl.all_horizontal(pl.col(self._wanted) == ""))

    def _misfits_left(self) -> RawBatch:
        _, misfits = self.count.place(np.zeros(0, np.int64))
        return RawBatch(nothing(), self._misfits(misfits), self._notices)

    def _misfits(self, misfits: list[tuple[int, Misfit]]) -> tuple[Spoiled, ...]:
        expected = len(self.headings)
        return tuple(
            Spoiled(line, Problem("row-width", {"expected": expected, "found": misfit.width}))
            for line, misfit in misfits
        )

    def _breaks_inside(self, frame: pl.DataFrame) -> Numbers:
        if not self.writing.quotes:
            return np.zeros(frame.height, np.int64)
        return (
            frame.select(pl.sum_horizontal(pl.all().str.count_matches(_BREAK).cast(pl.Int64)))
            .to_series()
            .to_numpy()
        )

    def _swallowed(self, broken: pl.DataFrame) -> tuple[Spoiled, ...]:
        """Records with whole lines of the table inside a cell: a quote was never closed."""
        commas = len(self.headings) - 1
        return tuple(
            Spoiled(record[POSITION], Problem("lines-swallowed", {"lines": record[_BREAKS] + 1}))
            for record in broken.to_dicts()
            if commas and any(_like_a_line(record[name], commas) for name in broken.columns[:-2])
        )

    @property
    def _notices(self) -> tuple[Problem, ...]:
        foreign = (Problem("read-as-gb18030", {"file": self.file.name}),) if self._foreign else ()
        return (*self.fit.notices, *foreign)


def _name(place: int) -> str:
    """What Arrow calls the column at this place."""
    return f"f{place}"


def _breaks(text: str) -> int:
    return len(re.findall(_BREAK, text))


def _like_a_line(cell: str, commas: int) -> bool:
    return any(line.count(",") >= commas for line in re.split(_BREAK, cell)[1:])


def _decoded(column: pl.Series) -> pl.Series:
    """The column's bytes, carried as Latin letters, as the GB18030 text that they are."""
    foreign = column.filter(column.str.len_bytes() != column.str.len_chars()).unique()
    if foreign.is_empty():
        return column
    decoded = [cell.encode("latin-1").decode("gb18030") for cell in foreign]
    return column.replace(foreign, decoded)
