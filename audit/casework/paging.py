"""Pages of what is too long for one: which one is asked for, and what is given."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

MOST_ROWS = 1000  # of a page


@dataclass(frozen=True)
class Sheet:
    """Which page: its number from 1, and its size."""

    number: int = 1
    size: int = 50


FIRST_SHEET = Sheet()


@dataclass(frozen=True)
class Page:
    """Rows in order; what is in them says whoever gives the page.

    total: how many there are on all pages. number: the page given, the last where a later one was
    asked.
    """

    frame: pl.DataFrame
    total: int
    number: int
    pages: int


def paged(places: pl.Series, asked: Sheet, rows_at: Callable[[pl.Series], pl.DataFrame]) -> Page:
    """The page asked for of what was found at these places; `rows_at` reads the rows of some."""
    rows = min(max(asked.size, 1), MOST_ROWS)
    pages = max(-(-places.len() // rows), 1)
    number = min(max(asked.number, 1), pages)
    return Page(rows_at(places.slice((number - 1) * rows, rows)), places.len(), number, pages)
