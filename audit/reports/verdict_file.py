"""verdicts.parquet: what flows of one outcome share is encoded once, and written by its number.

The texts and lists of a verdict are the outcome's. As a dictionary with the place of each, they
cost a third of what they cost written out flow by flow; who reads the file sees plain text.
"""

from __future__ import annotations

from itertools import chain
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
    flows = _once(cut(judgement.flows.pieces(), ROWS_IN_A_GROUP), judgement.flows.height)
    write_tables(
        (_rows(each, shared) for each in flows),
        path,
        ROWS_IN_A_GROUP,
        use_dictionary=[*shared, *_OWN[1:]],  # for ids, which are unique, it is no use
        store_schema=False,
    )


def write_tables(
    tables: Iterator[pa.Table],
    path: Path | pa.NativeFile,
    rows: int,
    **own: bool | list[str],
) -> None:
    """Write the tables, one at least, as one file in groups of so many rows.

    What a file does not choose as its `own` is the same for all; nothing is left for the writer.
    """
    first = next(tables)
    with parquet.ParquetWriter(
        path,
        first.schema,
        version="2.6",
        compression="zstd",
        compression_level=1,
        data_page_size=1 << 20,
        write_statistics=True,
        **own,
    ) as writer:
        for table in chain([first], tables):
            writer.write_table(table, row_group_size=rows)


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
