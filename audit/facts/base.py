"""What the registers' rows have in common: their subject's place, and what a base row is."""

from __future__ import annotations

import polars as pl

SUBJECT = "subject"  # the column with the place of each row's subject, -1 where it names none


def is_base() -> pl.Expr:
    """Whether a consents row is a base agreement row, which is never a consent to anyone."""
    blanket = pl.all_horizontal(pl.col("recipient", "purposes", "data_categories").is_null())
    return (pl.col("kind") == "agreement") & (pl.col("effect") == "allow") & blanket


def base_rows(consents: pl.DataFrame) -> pl.Series:
    """Which rows are base agreement rows, found column by column.

    Of a register in many pieces an expression has polars copy all columns into one piece each.
    """
    blank = [consents[name].is_null() for name in ("recipient", "purposes", "data_categories")]
    agreed = (consents["kind"] == "agreement") & (consents["effect"] == "allow")
    return (agreed & blank[0] & blank[1] & blank[2]).fill_null(False)
