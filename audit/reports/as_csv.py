"""The run's tables as CSV that a spreadsheet opens as text: no cell of it is ever a formula."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import polars as pl

from audit.outcome import Audit
from audit.publishing import Writer
from audit.reports.duties import Key, duty_table, imposed
from audit.wording import Language

# What makes a spreadsheet compute a cell, the full-width signs of a Chinese keyboard included.
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"


def render(
    audit: Audit, key: Key = None, _language: Language | None = None
) -> Mapping[str, Writer]:
    """verdicts, edges, findings and duties, in the order of the Parquet files."""
    tables = {"verdicts": audit.verdicts, "edges": audit.edges, "findings": audit.findings}
    if imposed(audit):
        tables["duties"] = duty_table(audit, key)
    return {f"{name}.csv": partial(write_csv, table) for name, table in tables.items()}


def write_csv(table: pl.DataFrame, path: Path) -> None:
    """Write the table by RFC 4180, UTF-8 with a byte order mark.

    Lists are joined with `;`, instants are ISO 8601 in UTC, null is empty; a text that a
    spreadsheet would compute gets an apostrophe in front.
    """
    neutral(table).write_csv(
        path, include_bom=True, line_terminator="\r\n", quote_style="necessary"
    )


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
