"""The TOML source file: where each table lies, how its headings read, which registers are complete.

    timezone = "+08:00"
    complete = ["consents", "evidence.arrears"]
    incomplete = []

    [tables.flows]
    paths = ["2025/flows-*.parquet", "late/flows.csv"]

    [tables.consents]
    url = "postgresql://reader:${CARRIER_PASSWORD}@db.carrier/crm"
    table = "public.consents"  # or query = "SELECT …"

    [tables.parties]
    format = "fides"  # what other programs write, made a table of (`formats`)
    paths = ["manifests/*.yml"]

    [columns.flows]
    "客户号" = "subject_id"

Paths are relative to the file; patterns (`*`, `?`, `**`) are expanded here and nowhere else.
"""

import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from audit.problems import InputRefused, Problem, UsageRefused
from audit.sources import databases, finding, formats
from audit.sources.address import filled, read_address
from audit.sources.databases import Query
from audit.sources.export import DEFAULT_COMPLETE, DEFAULT_ZONE, TABLES, Export, TableFile
from audit.sources.objects import SCHEME, Objects, fetched_objects
from audit.sources.wanted import Wanted

_WORDS = ("timezone", "complete", "incomplete", "tables", "columns")
_WORDS_OF_TABLE = ("paths", "url", "table", "query")
_MAGIC = frozenset("*?[")

Fault = tuple[str, str]  # where, and what is expected there


def read_source_file(path: Path) -> Export:
    """The export that the file describes. Raises UsageRefused with every fault of the file."""
    said = _toml(path)
    faults = [*_faults(said)]
    if faults:
        facts = ({"file": path.name, "place": place, "expected": due} for place, due in faults)
        raise UsageRefused(*(Problem("source-file-mistaken", each) for each in facts))
    complete = DEFAULT_COMPLETE | frozenset(said.get("complete", ()))
    tables = said.get("tables", {})
    queries = [*_queries(tables, path.parent)]
    stored = (each for wanted in _objects(tables) for each in fetched_objects(wanted))
    made = [*_made(tables, path.parent)]
    found = [*_files(tables, path.parent), *databases.fetched(queries), *stored]
    return Export(
        tables=finding.by_table([*found, *(file for file, _ in made)]),
        timezone=said.get("timezone", DEFAULT_ZONE),
        complete=complete - frozenset(said.get("incomplete", ())),
        columns=said.get("columns", {}),
        notices=tuple(notice for _, told in made for notice in told),
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        facts = {"file": path.name, "cause": str(fault)}
        raise UsageRefused(Problem("source-file-unreadable", facts)) from fault


def _faults(said: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _strangers("", said, _WORDS)
    if not isinstance(said.get("timezone", ""), str):
        yield "timezone", '"+08:00"'
    for word in ("complete", "incomplete"):
        if not _is_texts(said.get(word, []), _is_register):
            yield word, '["consents", "flows", "evidence.<kind>"]'
    yield from _table_faults(said.get("tables", {}))
    yield from _column_faults(said.get("columns", {}))


def _table_faults(tables: object) -> Iterator[Fault]:
    if not isinstance(tables, dict):
        yield "tables", "[tables.flows]"
        return
    yield from _strangers("tables.", tables, TABLES)
    for table, about in tables.items():
        place = f"tables.{table}"
        if not isinstance(about, dict):
            yield f"{place}.paths", '["flows-*.csv"]'
            continue
        if "format" in about:
            yield from formats.format_faults(place, table, about)
        else:
            yield from _strangers(f"{place}.", about, _WORDS_OF_TABLE)
        if "url" in about:
            yield from _query_faults(place, about)
        elif not about.get("paths") or not _is_texts(about["paths"], bool):
            yield f"{place}.paths", '["flows-*.csv"]'


def _query_faults(place: str, about: Mapping[str, Any]) -> Iterator[Fault]:
    if not all(isinstance(value, str) and value.strip() for value in about.values()):
        yield f"{place}.url", 'url = "…", table = "…"'
    elif about["url"].startswith(SCHEME) and len(about) > 1:
        yield f"{place}.url", f'url = "{SCHEME}BUCKET/flows-*.parquet"'
    elif about["url"].startswith(SCHEME):
        return
    elif "paths" in about or len(about.keys() & {"table", "query"}) != 1:
        yield f"{place}.url", "paths | url, table | url, query"


def _column_faults(columns: object) -> Iterator[Fault]:
    if not isinstance(columns, dict):
        yield "columns", "[columns.flows]"
        return
    yield from _strangers("columns.", columns, TABLES)
    for table, renames in columns.items():
        if not isinstance(renames, dict) or not _is_texts([*renames.values()], bool):
            yield f"columns.{table}", '"客户号" = "subject_id"'


def _strangers(place: str, words: Iterable[str], known: tuple[str, ...]) -> Iterator[Fault]:
    return ((f"{place}{word}", ", ".join(known)) for word in words if word not in known)


def _is_texts(value: object, suits: Callable[[str], bool]) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and suits(each) for each in value)


def _is_register(name: str) -> bool:
    return name in {"consents", "flows"} or (name.startswith("evidence.") and name != "evidence.")


def _files(tables: Mapping[str, Any], root: Path) -> Iterator[TableFile]:
    """The files of each table, each once, in the order in which they are named."""
    for table, about in tables.items():
        if not about.keys() & {"url", "format"}:
            for path in _paths(about, root):
                yield from finding.of_table(table, path, _name(path, root))


def _made(tables: Mapping[str, Any], root: Path) -> Iterator[tuple[TableFile, Sequence[Problem]]]:
    """The tables that are made of events or manifests, and what is told of each."""
    for table, about in tables.items():
        if "format" in about:
            paths = [(path, _name(path, root)) for path in _paths(about, root)]
            yield formats.made(table, about, paths)


def _paths(about: Mapping[str, Any], root: Path) -> list[Path]:
    found = (path for written in about["paths"] for path in _expanded(written, root))
    return [*dict.fromkeys(found)]


def _queries(tables: Mapping[str, Any], root: Path) -> Iterator[Query]:
    """What is asked of databases; raises UsageRefused for a URL that says no address."""
    for table, about in tables.items():
        if "url" in about and not about["url"].startswith(SCHEME):
            address = read_address(about["url"], root, os.environ)
            yield Query(table, address, Wanted(about.get("table"), about.get("query")))


def _objects(tables: Mapping[str, Any]) -> Iterator[Objects]:
    for table, about in tables.items():
        if about.get("url", "").startswith(SCHEME):
            yield Objects(table, filled(about["url"], os.environ), os.environ)


def _expanded(written: str, root: Path) -> list[Path]:
    if not _MAGIC & set(written):
        return [root / written]
    base = Path(Path(written).anchor) if Path(written).is_absolute() else root
    pattern = str(Path(written).relative_to(base)) if Path(written).is_absolute() else written
    found = sorted(path for path in base.glob(pattern) if not path.name.startswith("."))
    if not found:
        raise InputRefused(Problem("pattern-empty", {"pattern": written}))
    return found


def _name(path: Path, root: Path) -> str:
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
