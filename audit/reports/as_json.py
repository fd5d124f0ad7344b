"""The run as one JSON document: counts, findings, checks of the graph, edges."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from audit.findings.known import Held
from audit.flowgraph.building import plain
from audit.outcome import Audit, canonical
from audit.publishing import Writer
from audit.reports.duties import Key, duty_table, imposed
from audit.reports.manifest import manifest
from audit.reports.standings import as_json
from audit.wording import Language

SCHEMA = "urn:consent-audit:report:1"  # consent_schemas/report.schema.json says what it is


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
    rows["findings"] = _marked(_since(rows["findings"], audit.held), audit)
    told = {"schema": SCHEMA, "run": manifest(audit, key), **rows}
    return told | ({"baseline": _baseline(audit.held)} if audit.held else {})


def _baseline(held: Held) -> dict[str, Any]:
    """What became of the findings since the baseline; of what is gone it knows no more."""
    return {
        **{since.value: count for since, count in held.counts.items()},
        "run": held.run_id,
        "gone": held.gone["fingerprint"].to_list(),
        "lost": list(held.lost),
        "repacked": list(held.repacked),
    }


def _since(findings: list[dict[str, Any]], held: Held | None) -> list[dict[str, Any]]:
    """The findings, with what became of each since the baseline where there is one."""
    if held is None:
        return findings
    since = held.findings["since"]
    return [{**row, "since": each} for row, each in zip(findings, since, strict=True)]


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
