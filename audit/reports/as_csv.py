"""The run's tables as CSV that a spreadsheet opens as text: no cell of it is ever a formula."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import polars as pl

from audit.outcome import Audit
from audit.publishing import Writer
from audit.reports.duties import Key, duty_table, imposed
from audit.reports.neutralising import neutral
from audit.reports.standings import marked
from audit.wording import Language

_ROWS = 1 << 17  # made harmless at a time, for which they are copied


def render(
    audit: Audit, key: Key = None, _language: Language | None = None
) -> Mapping[str, Writer]:
    """verdicts, edges, findings and duties, in the order of the Parquet files."""
    tables = {"verdicts": audit.verdicts, "edges": audit.edges, "findings": marked(audit)}
    if imposed(audit):
        tables["duties"] = duty_table(audit, key)
    return {f"{name}.csv": partial(write_csv, table) for name, table in tables.items()}


def write_csv(table: pl.DataFrame, path: Path) -> None:
    """Write the table by RFC 4180, UTF-8 with a byte order mark.

    Lists are joined with `;`, instants are ISO 8601 in UTC, null is empty; a text that a
    spreadsheet would compute gets an apostrophe in front.
    """
    with path.open("wb") as file:
        for start in range(0, max(table.height, 1), _ROWS):  # an empty table has its heading
            neutral(table.slice(start, _ROWS)).write_csv(
                file,
                include_bom=not start,
                include_header=not start,
                line_terminator="\r\n",
                quote_style="necessary",
            )
