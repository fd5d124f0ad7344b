"""Cells as they are meant: no blanks around them, null where nothing is left, lists as lists."""

from collections.abc import Callable

import numpy as np
import polars as pl

SEPARATOR = ";"
_PROBE = 1000
_FEW = 250
_FIRST_VISIBLE, _LAST_VISIBLE = 0x21, 0x7E  # of ASCII


def tidied(cells: pl.Series) -> pl.Series:
    """Text, or lists of text, without blanks around; blank text and empty lists are null."""
    if cells.dtype == pl.String:
        return by_distinct(cells, _tidied_text)
    return _tidied_lists(cells) if isinstance(cells.dtype, pl.List) else cells


def split(cells: pl.Series) -> pl.Series:
    """Tidied text as lists; a separator may close a list, other empty items stay and are faults."""
    return by_distinct(cells, _split)


def by_distinct(cells: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`change(cells)` for a change that looks at one cell at a time; asked per value where few."""
    distinct = few(cells)
    if distinct is None:
        return change(cells)
    changed = change(distinct)
    if changed.dtype == cells.dtype and changed.equals(distinct, null_equal=True):
        return cells
    pairs = pl.DataFrame({"cell": distinct, "changed": changed})
    both = (
        cells.alias("cell")
        .to_frame()
        .join(pairs, on="cell", how="left", nulls_equal=True, maintain_order="left", validate="m:1")
    )
    return both["changed"].alias(cells.name)


def few(cells: pl.Series) -> pl.Series | None:
    """The distinct cells where a first look finds few; else None, since finding them costs more."""
    return cells.unique() if cells.head(_PROBE).n_unique() <= _FEW else None


def visible_lengths(cells: pl.Series) -> tuple[int, int] | None:
    """The shortest and longest text where every byte is a visible ASCII character; else None.

    A few operations on the column's bytes tell what asking every cell would.
    """
    if cells.dtype != pl.String or not cells.count():
        return None
    letters = np.frombuffer(cells.to_arrow().buffers()[2] or b"", np.uint8)
    if not letters.size or letters.min() < _FIRST_VISIBLE or letters.max() > _LAST_VISIBLE:
        return None
    lengths = cells.str.len_bytes().drop_nulls().to_numpy()
    return int(lengths.min()), int(lengths.max())


def _tidied_text(cells: pl.Series) -> pl.Series:
    lengths = visible_lengths(cells)
    if lengths is not None and lengths[0] > 0:
        return cells
    bare = cells.str.strip_chars()
    return pl.select(pl.when(bare != "").then(bare)).to_series().alias(cells.name)


def _tidied_lists(cells: pl.Series) -> pl.Series:
    items = cells.explode(empty_as_null=False, keep_nulls=False)
    if not by_distinct(items, lambda each: each.str.strip_chars()).equals(items, null_equal=True):
        cells = cells.list.eval(pl.element().str.strip_chars())
    return pl.select(pl.when(cells.list.len() > 0).then(cells)).to_series().alias(cells.name)


def _split(cells: pl.Series) -> pl.Series:
    closed = cells.str.strip_chars_end(SEPARATOR + " ")
    items = closed.str.split(SEPARATOR).list.eval(pl.element().str.strip_chars())
    return pl.select(pl.when(closed != "").then(items)).to_series().alias(cells.name)
