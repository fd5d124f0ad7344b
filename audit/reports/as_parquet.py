"""The run's tables as Parquet, the same bytes for the same rows."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import polars as pl
from pyarrow import parquet

from audit.evaluation.counting import clause_counts, party_counts, stream_counts
from audit.flowgraph.relations import relation_counts
from audit.outcome import Audit
from audit.publishing import Writer

ROWS_IN_A_GROUP = 131_072
FINDINGS_IN_A_GROUP = 2048  # few, so that a page of findings is read without the others
_PARTY = ("party_id", "name", "role", "legal_role", "country")
_TERMS = ("purposes", "data_categories", "agreement_from", "agreement_until")


def render(audit: Audit) -> Mapping[str, Writer]:
    """Every table of the run, each in its total order."""
    tables = {
        "verdicts": audit.verdicts,
        "edges": audit.edges,
        "parties": _parties(audit),
        "findings": audit.findings,
        "clause_counts": clause_counts(audit.judgement),
        "party_counts": party_counts(audit.judgement),
        "relation_counts": relation_counts(audit.judgement),
        "stream_counts": stream_counts(audit.judgement),
    }
    groups = {"findings": FINDINGS_IN_A_GROUP}
    return {
        f"{name}.parquet": partial(write_parquet, table, rows=groups.get(name, ROWS_IN_A_GROUP))
        for name, table in tables.items()
    }


def _parties(audit: Audit) -> pl.DataFrame:
    """Every party registered or seen, as the register stood at the run."""
    terms = audit.parties.select("party_id", *_TERMS)
    told = audit.graph.nodes.join(terms, on="party_id", how="left", validate="1:1")
    return told.select(*_PARTY, *_TERMS, "registered", "seen").sort("party_id")


def write_parquet(table: pl.DataFrame, path: Path, rows: int = ROWS_IN_A_GROUP) -> None:
    """Write the table in groups of so many rows; nothing is left for the writer to choose.

    Pages follow the chunks of a table, so it is made one chunk first. pyarrow writes lists eight
    times as fast as polars does, and in one thread.
    """
    parquet.write_table(
        table.rechunk().to_arrow().combine_chunks(),
        path,
        version="2.6",
        compression="zstd",
        compression_level=3,
        row_group_size=rows,
        data_page_size=1 << 20,
        write_statistics=True,
        use_dictionary=True,
    )
