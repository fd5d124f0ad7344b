"""One look at a column of text, which spares asking every cell: its few values, or its bytes."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from audit.sources.raw import Letters

_PROBE = 1000
_FEW = 250
_FIRST_VISIBLE, _LAST_VISIBLE = 0x21, 0x7E  # of ASCII


@dataclass(frozen=True)
class Look:
    """What a look at a column tells; a column of lists is looked at item by item.

    `distinct` has the values where a first look finds few, for finding them costs more than asking
    where they are many; if the reader knew them, `places` has which of them each cell is. Else
    `letters` has the text end to end, nulls left out, if every byte is a visible ASCII character,
    with the shortest and longest length.
    """

    distinct: pl.Series | None = None
    places: pl.Series | None = None
    letters: Letters | None = None
    lengths: tuple[int, int] = (0, 0)


def look_at(cells: pl.Series, letters: Letters | None = None) -> Look:
    """A look at a column of text or of lists of text; of anything else it tells nothing.

    `letters` are the column's bytes, end to end, if they are at hand.
    """
    values = items_of(cells)
    if values.dtype != pl.String:
        return Look()
    if values.head(_PROBE).n_unique() <= _FEW:
        return Look(distinct=values.unique())
    if letters is None:
        letters = np.frombuffer(values.to_arrow().buffers()[2], np.uint8)
    if not letters.size or letters.min() < _FIRST_VISIBLE or letters.max() > _LAST_VISIBLE:
        return Look()
    lengths = values.str.len_bytes().drop_nulls().to_numpy()
    return Look(letters=letters, lengths=(int(lengths.min()), int(lengths.max())))


def items_of(cells: pl.Series) -> pl.Series:
    """The items of all lists as one column; a column of anything else is its own."""
    if not isinstance(cells.dtype, pl.List):
        return cells
    return cells.explode(empty_as_null=False, keep_nulls=False)
