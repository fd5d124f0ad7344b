"""verdicts.parquet: what flows of one outcome share is encoded once, and written by its number.

The texts and lists of a verdict are the outcome's. As a dictionary with the place of each, they
cost a third of what they cost written out flow by flow; who reads the file sees plain text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import parquet

from audit.evaluation.judgement import outcome_table
from audit.evaluation.ordered import cut
from audit.outcome import Unaccounted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from audit.evaluation.judgement import Judgement

VERDICTS = "verdicts.parquet"
ROWS_IN_A_GROUP = 131_072
_OWN = ("flow_id", "inferred", "consents")  # what a flow does not share


def write_verdicts(judgement: Judgement, path: Path | pa.NativeFile) -> None:
    """Write the table that `verdict_table` gives, in groups of rows, sorted by flow_id."""
    shared = _shared(judgement.outcomes)
    writer: parquet.ParquetWriter | None = None
    try:
        for flows in _once(cut(judgement.flows.pieces(), ROWS_IN_A_GROUP), judgement.flows.height):
            rows = _rows(flows, shared)
            writer = writer or _writer(path, rows.schema)
            writer.write_table(rows, row_group_size=ROWS_IN_A_GROUP)
    finally:
        if writer is not None:
            writer.close()


def _once(pieces: Iterator[pl.DataFrame], height: int) -> Iterator[pl.DataFrame]:
    """The same pieces; raises Unaccounted unless their flows are so many, none of them twice."""
    rows, last = 0, None
    for flows in pieces:
        ids = flows["flow_id"]
        distinct = int(ids.ne_missing(ids.shift(fill_value=last)).sum()) if len(ids) else 0
        if distinct < len(ids):
            raise Unaccounted("a flow has two verdicts")
        rows, last = rows + len(ids), ids[-1] if len(ids) else None
        yield flows
    if rows != height:
        raise Unaccounted(f"{height} flows were judged, {rows} are written")


def _shared(outcomes: pl.DataFrame) -> Mapping[str, pa.Array]:
    """Per column what each outcome says, at the place that is the outcome's number."""
    told = outcome_table(outcomes)
    if not told["outcome"].equals(pl.Series(np.arange(told.height, dtype=np.uint32))):
        raise RuntimeError("outcomes are not numbered one after the other")
    return {each.name: _numbered(each) for each in told.drop("outcome")}


def _numbered(column: pl.Series) -> pa.Array:
    """The column with each text as its place in a dictionary; anything else as it is."""
    match column.dtype:
        case pl.String():
            return _dictionary(column)
        case pl.List():
            items = column.explode(empty_as_null=False, keep_nulls=False)
            ends = column.list.len().fill_null(0).cum_sum().to_numpy()
            first = pl.Series(np.concatenate([[0], ends]).astype(np.int32)).to_arrow()
            mask = column.is_null().to_arrow() if column.null_count() else None
            return pa.ListArray.from_arrays(first, _dictionary(items), mask=mask)
        case _:
            return column.to_arrow()


def _dictionary(texts: pl.Series) -> pa.DictionaryArray:
    words = texts.drop_nulls().unique().sort()
    places = texts.replace_strict(words, range(len(words)), default=None, return_dtype=pl.Int32)
    dictionary = words.to_arrow().cast(pa.string())
    return pa.DictionaryArray.from_arrays(places.to_arrow(), dictionary)


def _rows(flows: pl.DataFrame, shared: Mapping[str, pa.Array]) -> pa.Table:
    outcome = flows["outcome"].to_arrow()
    own = {name: flows[name].to_arrow() for name in _OWN}
    said = {name: column.take(outcome) for name, column in shared.items()}
    return pa.table({"flow_id": own.pop("flow_id"), **said, **own})


def _writer(path: Path | pa.NativeFile, schema: pa.Schema) -> parquet.ParquetWriter:
    """A writer that is left nothing to choose; a dictionary of ids that are unique is no use."""
    return parquet.ParquetWriter(
        path,
        schema,
        version="2.6",
        compression="zstd",
        compression_level=1,
        data_page_size=1 << 20,
        write_statistics=True,
        use_dictionary=[name for name in schema.names if name != "flow_id"],
        store_schema=False,
    )
