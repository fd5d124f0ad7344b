"""What the registers' rows have in common: their subject's place, and what a base row is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import polars as pl

_Cells = TypeVar("_Cells", pl.Expr, pl.Series)

SUBJECT = "subject"  # the column with the place of each row's subject, -1 where it names none


def is_base() -> pl.Expr:
    """Whether a consents row is a base agreement row, which is never a consent to anyone."""
    return _is_base(pl.col)


def base_rows(consents: pl.DataFrame) -> pl.Series:
    """Which rows are base agreement rows, found column by column.

    Of a register in many pieces an expression has polars copy all columns into one piece each.
    """
    return _is_base(consents.get_column).fill_null(False)


def _is_base(of: Callable[[str], _Cells]) -> _Cells:
    blanket = of("recipient").is_null() & of("purposes").is_null() & of("data_categories").is_null()
    return (of("kind") == "agreement") & (of("effect") == "allow") & blanket
