"""A page is one of those that there are, of a size that can be shown."""

import polars as pl
import pytest

from audit.casework.paging import MOST_ROWS, Sheet, paged


def asked(total: int, number: int, size: int) -> tuple[list[int], int, int, int]:
    page = paged(pl.int_range(total, eager=True), Sheet(number, size), lambda rows: rows.to_frame())
    return page.frame.to_series().to_list(), page.total, page.number, page.pages


@pytest.mark.parametrize(
    ("total", "number", "size", "rows", "given", "pages"),
    [
        (10, 1, 4, [0, 1, 2, 3], 1, 3),
        (10, 3, 4, [8, 9], 3, 3),
        (10, 99, 4, [8, 9], 3, 3),
        (10, 0, 4, [0, 1, 2, 3], 1, 3),
        (10, -7, 4, [0, 1, 2, 3], 1, 3),
        (8, 2, 4, [4, 5, 6, 7], 2, 2),
        (0, 1, 4, [], 1, 1),
        (3, 2, 0, [1], 2, 3),
    ],
)
def test_a_page_is_one_that_there_is(
    total: int, number: int, size: int, rows: list[int], given: int, pages: int
) -> None:
    assert asked(total, number, size) == (rows, total, given, pages)


def test_no_page_is_longer_than_can_be_shown() -> None:
    rows, _, _, pages = asked(10 * MOST_ROWS, 1, 10**9)
    assert (len(rows), pages) == (MOST_ROWS, 10)
