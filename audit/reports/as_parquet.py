"""The run's tables as Parquet, the same bytes for the same rows."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import polars as pl
from pyarrow import NativeFile

from audit.evaluation.counting import clause_counts, party_counts, stream_counts
from audit.evaluation.judgement import Judgement
from audit.evaluation.ordered import cut
from audit.evaluation.signing import Signed
from audit.flowgraph.relations import relation_counts
from audit.outcome import Audit
from audit.publishing import Writer
from audit.reports.duties import Key, duty_pieces, imposed
from audit.reports.parties import parties_told
from audit.reports.signatures import FLOW_SIGNATURE_FILE, SIGNATURE_FILE, conditions_told
from audit.reports.verdict_file import ROWS_IN_A_GROUP, VERDICTS, write_tables, write_verdicts
from audit.wording import Language

Write = Callable[[Path | NativeFile], object]

FINDINGS_IN_A_GROUP = 2048  # few, so that a page of findings or duties is read without the others


def render(
    audit: Audit, key: Key = None, _language: Language | None = None
) -> Mapping[str, Writer]:
    """Every table of the run, each in its total order; duties only where a pack imposes any."""
    return {
        **judged(audit.judgement),
        **owed(audit, key),
        "edges.parquet": partial(write_parquet, audit.edges),
        "parties.parquet": partial(_write_parties, audit),
        "findings.parquet": partial(write_parquet, audit.findings, rows=FINDINGS_IN_A_GROUP),
    }


def judged(judgement: Judgement) -> Mapping[str, Write]:
    """The tables that the judgement alone tells; the verdicts first, which take the longest."""
    verdicts = {VERDICTS: partial(write_verdicts, judgement)}
    counts = {f"{name}.parquet": partial(_write_counts, judgement, name) for name in _COUNTS}
    return {**verdicts, **_signatures(judgement.signed), **counts}


def owed(audit: Audit, key: Key) -> Mapping[str, Write]:
    """The table of duties, where a pack imposes any."""
    return {"duties.parquet": partial(_write_duties, audit, key)} if imposed(audit) else {}


def _write_duties(audit: Audit, key: Key, path: Path | NativeFile) -> None:
    write_pieces(duty_pieces(audit, key), path, rows=FINDINGS_IN_A_GROUP)


def _write_parties(audit: Audit, path: Path) -> None:
    write_parquet(parties_told(audit), path)


def _write_counts(judgement: Judgement, name: str, path: Path | NativeFile) -> None:
    write_parquet(_COUNTS[name](judgement), path)


def _signatures(signed: Signed | None) -> Mapping[str, Write]:
    """What a replay asks (ADR 0010); nothing where there were too many signatures to keep."""
    if signed is None:
        return {}
    said = conditions_told(signed.conditions)
    return {
        FLOW_SIGNATURE_FILE: partial(_write_of_flow, signed),
        SIGNATURE_FILE: partial(write_parquet, signed.table, said=said),
    }


def _write_of_flow(signed: Signed, path: Path | NativeFile) -> None:
    write_pieces((piece.select("signature") for piece in signed.flows.pieces()), path)


_COUNTS: Mapping[str, Callable[[Judgement], pl.DataFrame]] = {
    "clause_counts": clause_counts,
    "party_counts": party_counts,
    "relation_counts": relation_counts,
    "stream_counts": stream_counts,
}


def write_parquet(
    table: pl.DataFrame,
    path: Path | NativeFile,
    rows: int = ROWS_IN_A_GROUP,
    said: Mapping[bytes, bytes] | None = None,
) -> None:
    """Write the table in groups of so many rows; nothing is left for the writer to choose.

    What is `said` of the table stands in the file's own metadata.
    """
    write_pieces(iter([table]), path, rows, said)


def write_pieces(
    pieces: Iterator[pl.DataFrame],
    path: Path | NativeFile,
    rows: int = ROWS_IN_A_GROUP,
    said: Mapping[bytes, bytes] | None = None,
) -> None:
    """Write a table that comes in pieces, one at least; the bytes do not tell which.

    Pages follow the chunks of a table, so that some groups at a time are made one chunk. pyarrow
    writes lists eight times as fast as polars does, and in one thread.
    """
    made = cut(pieces, max(rows, ROWS_IN_A_GROUP // rows * rows))
    tables = (
        piece.rechunk().to_arrow().combine_chunks().replace_schema_metadata(said) for piece in made
    )
    write_tables(tables, path, rows, use_dictionary=True)
