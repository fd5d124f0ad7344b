"""The example in a database, and what is the same of an audit wherever its tables lay."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from audit.running import Request, audit
from audit.sources.export import TABLES, Export, TableFile
from tests.commanding import HOUSE
from tests.exporting import LISTS, toml_file

EXAMPLE = {name: HOUSE / "examples" / "small_carrier" / f"{name}.csv" for name in TABLES}


def example_tables(*, lists: bool) -> dict[str, pl.DataFrame]:
    """The tables of the example, every cell text or null; `lists`: lists where they are meant."""
    tables = {}
    for name, file in EXAMPLE.items():
        rows = pl.read_csv(file, infer_schema=False)
        split = [pl.col(column).str.split(";") for column in LISTS & {*rows.columns}]
        tables[name] = rows.with_columns(split) if lists else rows
    return tables


def source_file(folder: Path, tables: Mapping[str, Mapping[str, str]], url: str) -> Path:
    """A source file that says of each table that it lies at the URL."""
    said = {name: {"url": url, **where} for name, where in tables.items()}
    return toml_file(folder / "source.toml", {"tables": said})


def audited(export: Path) -> Mapping[str, object]:
    """What an audit finds, less where its rows lay."""
    found = audit(Request(export))
    verdicts = found.judgement.verdicts.sort("flow_id")
    return {
        "flows": verdicts["flow_id"].to_list(),
        "counts": found.counts,
        "findings": found.findings.to_dicts(),
        "rejected": sorted(map(str, found.rejected.drop("file", "position").to_dicts())),
        "rows": found.rows,
    }


def tables_of(export: Export) -> Iterator[TableFile]:
    """Every table's file."""
    return (file for name in TABLES for file in export.files(name))
