"""Cells as they are meant: no blanks around them, null where nothing is left, lists as lists."""

from collections.abc import Callable

import polars as pl

from audit.records.looking import Look, look_at

SEPARATOR = ";"
_TEXT = (pl.String, pl.Categorical)


def tidied(cells: pl.Series, look: Look) -> tuple[pl.Series, Look]:
    """Text, or lists of text, without blanks around, and a look at it; `look` is from before.

    Blank text and empty lists are null; an item of a list that is blank stays, and is a fault.
    """
    if isinstance(cells.dtype, pl.List):
        return _tidied_lists(cells, look)
    if cells.dtype not in _TEXT or _is_tidy(look):
        return cells, look
    tidy = by_distinct(cells.cast(pl.String), look, tidy_text)
    return tidy, look_at(tidy)


def split(cells: pl.Series, look: Look) -> tuple[pl.Series, Look]:
    """Tidied text as lists; a separator may close a list, other empty items stay as faults."""
    lists = by_distinct(cells, look, as_lists)
    return lists, look_at(lists)


def tidy_text(cells: pl.Series) -> pl.Series:
    """Text without blanks around, null where nothing is left."""
    bare = cells.str.strip_chars()
    return pl.select(pl.when(bare != "").then(bare)).to_series().alias(cells.name)


def as_lists(cells: pl.Series) -> pl.Series:
    """Tidied text as lists; a separator may close a list."""
    closed = cells.str.strip_chars_end(SEPARATOR + " ")
    items = closed.str.split(SEPARATOR).list.eval(pl.element().str.strip_chars())
    return pl.select(pl.when(closed != "").then(items)).to_series().alias(cells.name)


def by_distinct(
    cells: pl.Series, look: Look, change: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """`change(cells)`, for a change that looks at one cell at a time; asked per value where few."""
    if look.distinct is None:
        return change(cells)
    if look.places is not None:
        return change(look.distinct).gather(look.places).alias(cells.name)
    pairs = pl.DataFrame({"cell": look.distinct, "changed": change(look.distinct)})
    each = cells.alias("cell").to_frame()
    joined = each.join(
        pairs, on="cell", how="left", nulls_equal=True, maintain_order="left", validate="m:1"
    )
    return joined["changed"].alias(cells.name)


def _is_tidy(look: Look) -> bool:
    """Whether nothing in the column starts or ends in a blank, or is empty."""
    if look.distinct is None:
        return look.letters is not None and look.lengths[0] > 0
    return tidy_text(look.distinct).equals(look.distinct, null_equal=True)


def _tidied_lists(cells: pl.Series, look: Look) -> tuple[pl.Series, Look]:
    if not _is_tidy(look):
        cells = cells.list.eval(pl.element().str.strip_chars())
        look = look_at(cells)
    some = pl.when(cells.list.len() > 0).then(cells)
    return pl.select(some).to_series().alias(cells.name), look
