"""A baseline read from a run's folder or from a file, and refused unless it is whole."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.exceptions import PolarsError

from audit.baselines.baseline import FILE, SCHEMA, Baseline, pack_from
from audit.clauses.clause import Layer, Verdict
from audit.findings.finding import Severity
from audit.findings.known import KNOWN
from audit.outcome import digest
from audit.problems import Problem, UsageRefused
from audit.publishing import MANIFEST, read_manifest, verify

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TABLE = "findings.parquet"
_NAME = re.compile(r"[0-9a-f]{64}")
_NEEDED = ("fingerprint", "clause", "severity", "flows", "subjects", "whole_base", "records")
_COUNTS = ("flows", "subjects", "records")
_WORDS = {
    "severity": [grade.value for grade in Severity],
    "layer": [layer.value for layer in Layer],
    "verdict": [Verdict.VIOLATION.value, Verdict.INDETERMINATE.value],
}
_MEMBERS = frozenset({"schema", "run", "version", "packs", "rows", "findings"})


def read_baseline(place: Path) -> Baseline:
    """The baseline in this file or folder, which may be a run or what `report` left.

    Raises UsageRefused where there is none, or where it is not as it was left.
    """
    if not place.is_dir():
        return _of_file(place)
    if faults := verify(place):
        detail = Problem("baseline-damaged", {"baseline": str(place)})
        raise UsageRefused(detail, *faults)
    return _of_run(place) if (place / _TABLE).is_file() else _of_file(place / FILE)


def _of_run(folder: Path) -> Baseline:
    manifest = read_manifest(folder)
    try:
        findings = pl.read_parquet(folder / _TABLE, columns=KNOWN.names(), glob=False)
        return _baseline(folder, manifest["run_id"], manifest, findings)
    except (PolarsError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(folder, f"{MANIFEST}, {_TABLE}: {type(error).__name__}") from error


def _of_file(file: Path) -> Baseline:
    told = _read(file)
    sealed = told.pop("digest", None)
    if told.get("schema") != SCHEMA or told.keys() != _MEMBERS or not _is_text(told["version"]):
        raise _unreadable(file, SCHEMA)
    if sealed != digest(told):
        raise UsageRefused(Problem("baseline-damaged", {"baseline": str(file)}))
    try:
        return _baseline(file, told["run"], told, _table(told["findings"]))
    except (PolarsError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(file, type(error).__name__) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        told = json.loads(file.read_bytes())
    except OSError as error:
        raise _unreadable(file, error.strerror or "") from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(file, type(error).__name__) from error
    if not isinstance(told, dict):
        raise _unreadable(file, "JSON")
    return told


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _unreadable(place: Path, detail: str) -> UsageRefused:
    facts = {"baseline": str(place), "detail": detail}
    return UsageRefused(Problem("baseline-unreadable", facts))


def _baseline(
    place: Path, run_id: object, told: Mapping[str, Any], findings: pl.DataFrame
) -> Baseline:
    """The baseline of these parts; ValueError and the like where one is not what it must be."""
    if not isinstance(run_id, str) or not _NAME.fullmatch(run_id):
        raise ValueError
    packs = tuple(sorted(map(pack_from, told["packs"])))
    return Baseline(str(place), run_id, packs, _rows(told["rows"]), _sound(findings))


def _rows(told: Mapping[str, Any]) -> Mapping[str, int]:
    """How many rows of each table were used; a manifest says more of each."""
    used = {
        table: count["judged"] if isinstance(count, dict) else count
        for table, count in told.items()
    }
    if not all(type(count) is int and count >= 0 for count in used.values()):
        raise ValueError
    return used


def _table(rows: object) -> pl.DataFrame:
    """The findings of a file; polars would read numbers into text and make nulls of what lacks."""
    if not isinstance(rows, list) or not all(map(_is_finding, rows)):
        raise TypeError
    return pl.DataFrame(rows, schema=KNOWN, orient="row", strict=True)


def _is_finding(row: object) -> bool:
    if not isinstance(row, dict) or row.keys() != KNOWN.keys():
        return False
    return all(
        row[name] is None or type(row[name]) is kind.to_python() for name, kind in KNOWN.items()
    )


def _sound(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings, each once, with everything that is compared; else ValueError."""
    faults = (
        findings.schema != KNOWN,
        not findings["fingerprint"].is_unique().all(),
        any(findings[name].has_nulls() for name in _NEEDED),
        any((findings[name] < 0).any() for name in _COUNTS),
        *(not findings[name].drop_nulls().is_in(words).all() for name, words in _WORDS.items()),
        not all(map(_NAME.fullmatch, findings["fingerprint"].drop_nulls())),
    )
    if any(faults):
        raise ValueError
    return findings
