"""Columns of CSV as the parser leaves them: text, numbered where words are few."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute
from pyarrow import types

from audit.sources import arrows
from audit.sources.lines import Numbers

# What goes between Arrow and numpy goes by way of polars: on its own Arrow loads pandas first.
_T = TypeVar("_T", bound=np.generic)

BREAK = r"\r\n|\r|\n"
_CR, _LF = b"\r\n"


def whole(column: pa.ChunkedArray) -> pa.Array:
    """The column in one piece, words numbered alike throughout."""
    if types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks()


def blank(cells: pa.Array) -> npt.NDArray[np.bool_]:
    """Which cells are empty."""
    if types.is_dictionary(cells.type):
        return _of_words(blank(cells.dictionary), cells)
    return (pl.Series(pa.compute.binary_length(cells)) == 0).to_numpy()


def breaks(cells: pa.Array) -> Numbers:
    """How many line breaks there are inside each cell."""
    if types.is_dictionary(cells.type):
        return _of_words(breaks(cells.dictionary), cells)
    letters = arrows.letters(cells)
    if not ((letters == _CR) | (letters == _LF)).any():
        return np.zeros(len(cells), np.int64)
    return pl.Series(pa.compute.count_substring_regex(cells, BREAK)).cast(pl.Int64).to_numpy()


def mask(records: npt.NDArray[np.bool_]) -> pa.BooleanArray:
    """These records, as Arrow wants to be told."""
    return pl.Series(records).to_arrow()


def _of_words(told: npt.NDArray[_T], cells: pa.DictionaryArray) -> npt.NDArray[_T]:
    """What is told of the words, of each cell."""
    of_cells: npt.NDArray[_T] = told[pl.Series(cells.indices).to_numpy()]
    return of_cells
