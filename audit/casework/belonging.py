"""Which flows a finding explains, exactly: as many as the audit counted, and the very same."""

from collections.abc import Mapping
from threading import Lock
from typing import Any

import polars as pl

from audit.casework.journal import Journal, holds_any, inquiry_of, journal_of
from audit.casework.remembering import remembered
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Verdict
from audit.findings.causes import Check
from audit.findings.missed import MISSED
from audit.problems import InputRefused, Problem, UsageRefused

_FINDINGS = 64  # of which the flows are remembered
_ASKING = Lock()


def flows_of(run: KeptRun, fingerprint: str) -> pl.Series:
    """The places in the journal of the flows that the finding explains, ascending.

    Raises UsageRefused where the run has no such finding, InputRefused where judging its flows
    again does not give as many as the run counted: another version of the product judged it.
    """
    with _ASKING:
        return _places(run, fingerprint)


@remembered(_FINDINGS)
def _places(run: KeptRun, fingerprint: str) -> pl.Series:
    """What is read in the journal may be told by itself; else its flows are judged once more."""
    table, journal = _finding(run, fingerprint), journal_of(run)
    finding = table.row(0, named=True)
    if finding["cause_code"] in MISSED:  # a duty is missed by what no flow did
        return journal.flows.head(0).with_row_index("place").select("place").collect()["place"]
    likely = _likely(finding, journal)
    found = likely if likely.height == finding["flows"] else _exact(run, table, likely)
    if found.height != finding["flows"]:
        facts = {"found": found.height, "flows": finding["flows"]}
        raise InputRefused(Problem("journal-flows-differ", facts))
    return found["place"]


def _finding(run: KeptRun, fingerprint: str) -> pl.DataFrame:
    rows = pl.scan_parquet(run.file("findings.parquet"), glob=False)
    found = rows.filter(pl.col("fingerprint") == fingerprint).collect()
    if found.is_empty():
        raise UsageRefused(Problem("no-such-finding", {"finding": fingerprint}))
    return found


def _exact(run: KeptRun, finding: pl.DataFrame, likely: pl.DataFrame) -> pl.DataFrame:
    edges = pl.read_parquet(run.file("edges.parquet"), glob=False)
    members = inquiry_of(run).members(finding, likely["flow_id"], edges)
    return likely.join(members, on="flow_id", how="semi", maintain_order="left")


def _likely(finding: Mapping[str, Any], journal: Journal) -> pl.DataFrame:
    """The flows that may be the finding's, place and flow_id; none of its own is left out.

    Where they are as many as the finding counts, they are its own.
    """
    rows = journal.flows.with_row_index("place")
    if finding["layer"] is None and finding["clause"] == Check.UNSEEN:
        return rows.head(0).select("place", "flow_id").collect()
    shapes = journal.shapes.filter(*_of_shape(finding, journal.shapes))
    said = journal.said.filter(*_of_said(finding))
    alike = [pl.col(table.columns[0]).is_in(_numbers(table)) for table in (shapes, said)]
    return rows.filter(*alike).select("place", "flow_id").collect()


def _numbers(table: pl.DataFrame) -> pl.Expr:
    return pl.lit(table.to_series().implode())


def _of_shape(finding: Mapping[str, Any], shapes: pl.DataFrame) -> list[pl.Expr]:
    """The finding's parties and codes; where it names a party alone, that is either end."""
    masks = [
        pl.col(name).is_in([code for code in shapes[name].unique() if code in finding[name]])
        for name in ("purpose", "operation")
        if finding[name]
    ]
    masks.append(holds_any("data_categories", finding["categories"]))
    if finding["sender"] is None:
        ends = [pl.col(end) == finding["recipient"] for end in ("sender", "recipient")]
        return [*masks, pl.any_horizontal(ends)]
    return [*masks, *(pl.col(end) == finding[end] for end in ("sender", "recipient"))]


def _of_said(finding: Mapping[str, Any]) -> list[pl.Expr]:
    """The verdict of the finding, or a graver one of another category."""
    layer = finding["layer"]
    if layer is None:
        return []
    verdict = pl.col(f"{layer}_verdict")
    violation = verdict == Verdict.VIOLATION.value
    if finding["verdict"] == Verdict.VIOLATION:
        decided = [_has(f"{layer}_decided_by", name) for name in finding["clauses"]]
        return [violation, holds_any(f"{layer}_failing", finding["categories"]), *decided]
    open_ = verdict == Verdict.INDETERMINATE.value
    may = [_has(f"{layer}_possible", name) for name in finding["clauses"]]
    return [violation | pl.all_horizontal([open_, *may])]


def _has(column: str, code: str) -> pl.Expr:
    return pl.col(column).list.contains(code).fill_null(False)
