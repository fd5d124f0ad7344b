"""Cells of which a spreadsheet computes none."""

import re

import polars as pl

# What makes a spreadsheet compute a cell, the full-width signs of a Chinese keyboard included.
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"


def neutral(table: pl.DataFrame) -> pl.DataFrame:
    """The table in cells of which a spreadsheet computes none; lists and instants as text."""
    return table.select(_plain(name, dtype) for name, dtype in table.schema.items())


def neutral_text(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would compute it."""
    return f"'{text}" if re.match(_FORMULA, text) else text


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    match dtype:
        case pl.List():
            return _text(column.list.join(";")).alias(name)
        case pl.String():
            return _text(column).alias(name)
        case pl.Datetime():
            return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        case _:
            return column


def _text(column: pl.Expr) -> pl.Expr:
    formula = column.str.contains(_FORMULA)
    return pl.when(formula).then(pl.concat_str(pl.lit("'"), column)).otherwise(column)
