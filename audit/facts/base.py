"""What a consents row is: a base agreement row, or something a customer allowed or refused."""

from __future__ import annotations

import polars as pl


def is_base() -> pl.Expr:
    """Whether a consents row is a base agreement row, which is never a consent to anyone."""
    blanket = pl.all_horizontal(pl.col("recipient", "purposes", "data_categories").is_null())
    return (pl.col("kind") == "agreement") & (pl.col("effect") == "allow") & blanket
