"""Which rows a page shows, of all that were found."""

from dataclasses import dataclass

import polars as pl

MOST_ROWS = 1000  # of a page


@dataclass(frozen=True)
class Leaf:
    """The places that a page shows; total: how many there are on all pages.

    number: the page given, the last where a later one was asked.
    """

    places: pl.Series
    total: int
    number: int
    pages: int


def leaf(places: pl.Series, number: int, size: int) -> Leaf:
    """The page of this number, from 1, where pages have this size."""
    rows = min(max(size, 1), MOST_ROWS)
    pages = max(-(-places.len() // rows), 1)
    given = min(max(number, 1), pages)
    return Leaf(places.slice((given - 1) * rows, rows), places.len(), given, pages)
