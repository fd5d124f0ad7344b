"""What a source file says of tables that are made of events or manifests, and what is told of them.

[tables.flows]
format = "openlineage"
paths  = ["events/*.jsonl"]
datasets = [{ namespace = "s3://bureau-inbox", party = "P-CB" }]

[tables.parties]
format = "fides"
paths  = ["manifests/*.yml"]
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from audit.problems import Problem
from audit.sources.derived import Files, Kind, Told, derived
from audit.sources.export import TableFile
from audit.sources.raw import listed
from audit.sources.strict import required

_DECLARED = ("as_of", "operation", "subject")
_WORDS: Mapping[tuple[str, str], tuple[str, ...]] = {  # beside format and paths
    (Kind.openlineage, "flows"): ("datasets",),
    (Kind.fides, "flows"): _DECLARED,
    (Kind.fides, "parties"): (),
}
_OF_CONTRACT = ("agreement_from", "purposes", "data_categories")
_DATASETS = '[{ namespace = "s3://bucket", name = "exports/*", party = "P-1" }]'

Fault = tuple[str, str]  # where, and what is expected there
Paths = Sequence[tuple[Path, str]]


def format_faults(place: str, table: str, about: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with what is said of a table that names a format."""
    words = _WORDS.get((str(about["format"]), table))
    if words is None:
        yield f"{place}.format", ", ".join(sorted(kind for kind, each in _WORDS if each == table))
        return
    known = ("format", "paths", *words)
    yield from ((f"{place}.{word}", ", ".join(known)) for word in about if word not in known)
    if "datasets" in words and not _is_datasets(about.get("datasets", [])):
        yield f"{place}.datasets", _DATASETS
    for word in _DECLARED:
        if word in words and not _is_said(about.get(word)):
            yield f"{place}.{word}", 'as_of = "2025-03-01T00:00:00+08:00", operation, subject = "*"'


def made(table: str, about: Mapping[str, Any], paths: Paths) -> tuple[TableFile, list[Problem]]:
    """The table as its format makes it, and what is told of that; raises as `derived` does."""
    kind = Kind(about["format"])
    how = {word: _as_text(about[word]) for word in _WORDS[kind, table] if word in about}
    if kind is Kind.openlineage:
        how.setdefault("datasets", [])
    file, told = derived(Files(table, kind, paths, f"{kind}: {listed(about['paths'])}", how))
    own = _of_events if kind is Kind.openlineage else _of_manifests
    return file, [*own(file, told), *_of_cells(file, told)]


def _of_events(file: TableFile, told: Told) -> Iterator[Problem]:
    met = {word: told.met.get(word, 0) for word in ("events", "runs", "contradicted")}
    yield Problem("lineage-read", {"file": file.name, "flows": told.rows, **met})
    left = {word: told.met.get(word, 0) for word in ("failed", "open", "bare", "static")}
    if any(left.values()):
        yield Problem("lineage-left-out", {"file": file.name, **left})
    if met["contradicted"]:
        yield Problem("lineage-contradicted", {"file": file.name, "count": met["contradicted"]})
    if unowned := _words(told, "unowned "):
        yield Problem("lineage-unowned", {"file": file.name, "names": listed(unowned)})


def _of_manifests(file: TableFile, told: Told) -> Iterator[Problem]:
    systems = told.met.get("systems", 0)
    yield Problem("fides-read", {"file": file.name, "systems": systems, "rows": told.rows})
    if read := _words(told, "read "):
        yield Problem("fides-keys", {"file": file.name, "keys": "; ".join(read)})
    if unread := _words(told, "unread "):
        yield Problem("fides-unread", {"file": file.name, "words": listed(unread)})
    if silent := told.met.get("nowhere", 0):
        yield Problem("fides-nowhere", {"file": file.name, "count": silent})
    unknown = [name for name in _OF_CONTRACT if told.lacking.get(name)]
    if file.table == "parties" and unknown:
        yield Problem("fides-contract", {"file": file.name, "columns": ", ".join(unknown)})


def _of_cells(file: TableFile, told: Told) -> Iterator[Problem]:
    if told.incomplete:
        due = ((name, told.lacking.get(name)) for name in sorted(required(file.table)))
        columns = ", ".join(f"{name} ({count})" for name, count in due if count)
        count = told.incomplete
        yield Problem("derived-untold", {"file": file.name, "count": count, "columns": columns})


def _words(told: Told, kind: str) -> list[str]:
    met = (word for word, count in told.met.items() if count and word.startswith(kind))
    return sorted(word.removeprefix(kind) for word in met)


def _is_datasets(rules: object) -> bool:
    return isinstance(rules, list) and all(map(_is_rule, rules)) and not _is_twice(rules)


def _is_rule(rule: object) -> bool:
    if not isinstance(rule, dict) or not {"namespace", "party"} <= rule.keys():
        return False
    is_text = all(isinstance(each, str) and each.strip() for each in rule.values())
    stray = rule.keys() - {"namespace", "party", "name"}
    return is_text and not stray and "*" not in rule.get("name", "")[:-1]


def _is_twice(rules: Sequence[Mapping[str, str]]) -> bool:
    return len({(each["namespace"], each.get("name", "*")) for each in rules}) < len(rules)


def _is_said(value: object) -> bool:
    return isinstance(value, datetime) or (isinstance(value, str) and bool(value.strip()))


def _as_text(value: object) -> Any:  # noqa: ANN401 - what the child is told
    return value.isoformat() if isinstance(value, datetime) else value
