"""The run as one JSON document: counts, findings, checks of the graph, edges."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from audit.flowgraph.building import plain
from audit.outcome import Audit, canonical
from audit.publishing import Writer
from audit.reports.duties import Key, duty_table, imposed
from audit.reports.manifest import manifest
from audit.reports.standings import as_json
from audit.wording import Language


def render(
    audit: Audit, key: Key = None, _language: Language | None = None
) -> Mapping[str, Writer]:
    """report.json: everything but the verdict of each single flow."""
    return {"report.json": partial(_write, audit, key)}


def _write(audit: Audit, key: Key, path: Path) -> None:
    path.write_bytes(canonical(_document(audit, key)) + b"\n")


def _document(audit: Audit, key: Key) -> dict[str, Any]:
    traces = audit.traces
    tables = {
        "findings": audit.findings,
        "edges": audit.edges,
        "onward": traces.onward,
        "unreceived": traces.unreceived,
        "unregistered": traces.unregistered,
        "unseen": traces.unseen,
    }
    if imposed(audit):
        tables["duties"] = duty_table(audit, key)
    rows = {name: _rows(table) for name, table in tables.items()}
    rows["findings"] = _marked(rows["findings"], audit)
    return {"run": manifest(audit, key)} | rows


def _marked(findings: list[dict[str, Any]], audit: Audit) -> list[dict[str, Any]]:
    """The findings, with what was decided about them where there was a log of it."""
    if audit.triaged is None:
        return findings
    standings = audit.triaged.standings.iter_rows(named=True)
    return [{**row, "triage": as_json(told)} for row, told in zip(findings, standings, strict=True)]


def _rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: _cell(value) for name, value in row.items()} for row in table.iter_rows(named=True)
    ]


def _cell(value: object) -> object:
    return value if value is None or isinstance(value, list) else plain(value)
