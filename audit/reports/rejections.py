"""Why rows were rejected: each reason once, with its rows and an example."""

from typing import Any

import polars as pl


def rejections(rejected: pl.DataFrame) -> list[dict[str, Any]]:
    """table, code, rows and one reason in words, the most frequent first."""
    counted = (
        rejected.group_by("table", "code")
        .agg(
            pl.struct("file", "position").n_unique().alias("rows"),
            pl.col("file", "position", "reason").sort_by("file", "position").first(),
        )
        .sort("rows", "table", "code", descending=[True, False, False])
    )
    return list(counted.to_dicts())
