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
    return {"run": manifest(audit, key)} | {name: _rows(table) for name, table in tables.items()}


def _rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: _cell(value) for name, value in row.items()} for row in table.iter_rows(named=True)
    ]


def _cell(value: object) -> object:
    return value if value is None or isinstance(value, list) else plain(value)
