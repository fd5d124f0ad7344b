"""A run in all: verdicts, recipients, gravest causes, and what must not be overlooked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from audit.casework.findings import Turn, page
from audit.casework.paging import Page, Sheet, paged
from audit.casework.protecting import Figure, protected
from audit.casework.remembering import remembered
from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Verdict
from audit.outcome import FLOWS
from audit.problems import Problem, UsageRefused
from audit.wording import Language, sentence

GRAVEST = 5
_RUNS = 32
_IDS = frozenset({"example", "party"})  # the facts that are the id of a row or of a party
_CELL = ("role", "layer", "verdict")

ROLES = pl.Schema(
    {"role": pl.String(), "layer": pl.String(), "verdict": pl.String(), "flows": pl.Int64()}
)
_PEOPLE = {"subjects": pl.Int64(), "whole_base": pl.Boolean()}
ROWS = pl.Schema(
    {
        "table": pl.String(),
        "rows": pl.Int64(),
        "judged": pl.Int64(),
        "rejected": pl.Int64(),
        "repeated": pl.Int64(),
    }
)

INPUTS = pl.Schema(
    {"table": pl.String(), "name": pl.String(), "rows": pl.Int64(), "digest": pl.String()}
)


@dataclass(frozen=True)
class Notice:
    """What the reader of a run should know: a code, and the sentence in both languages."""

    code: str
    zh: str
    en: str

    def into(self, language: Language) -> str:
        """The sentence in this language."""
        return self.zh if language is Language.zh else self.en


@dataclass(frozen=True)
class Overview:
    """A run in all, as its reader may see it; a count that is suppressed is null.

    verdicts: layer, verdict, flows, suppressed; a row for every verdict of every layer judged, in
        rising gravity. roles: the same per role of the recipient (null: not registered), without
        the rows that count nothing. rows: what became of the rows of each table. inputs: table,
        name, rows, digest of each file read. severities: how
        many findings of each. gravest: the first of the findings, as a page of them. rejections:
        table, column, code, rows; the most frequent first. notices: of the data and the graph.
    """

    verdicts: pl.DataFrame
    roles: pl.DataFrame
    rows: pl.DataFrame
    inputs: pl.DataFrame
    severities: Mapping[str, int]
    gravest: pl.DataFrame
    rejections: pl.DataFrame
    notices: tuple[Notice, ...]


def overview(run: KeptRun, reader: Reader) -> Overview:
    """The run in all. For everybody; a viewer's counts are suppressed."""
    told = run.manifest
    verdicts, roles, rows = _counts(run, reader)
    return Overview(
        verdicts=verdicts,
        roles=roles,
        rows=rows,
        inputs=_inputs(run, rows),
        severities=dict(told["findings"]),
        gravest=page(run, reader, turn=Turn(size=GRAVEST)).frame,
        rejections=rejections(run),
        notices=tuple(_notice(warning, reader) for warning in told["warnings"]),
    )


def _inputs(run: KeptRun, rows: pl.DataFrame) -> pl.DataFrame:
    """The files that were read; those of a table whose rows are hidden do not tell theirs."""
    read = pl.DataFrame(run.manifest["inputs"], schema=INPUTS)
    hidden = rows.filter(pl.col("rows").is_null())["table"]
    return read.with_columns(
        pl.when(~pl.col("table").is_in(hidden.implode())).then("rows").alias("rows")
    )


def trend(runs: Sequence[KeptRun], reader: Reader) -> pl.DataFrame:
    """The verdicts of several runs, the oldest first: run_id, kept_at, then as Overview.verdicts.

    A run that cannot be read any more is left out.
    """
    tables = [table for run in runs if (table := _dated(run, reader)) is not None]
    schema = {"run_id": pl.String(), "kept_at": pl.Datetime("us", "UTC")}
    none = pl.DataFrame(schema=pl.Schema({**schema, **ROLES, "suppressed": pl.Boolean()}))
    joined = pl.concat([none.drop("role"), *tables])
    return joined.sort("kept_at", "run_id", maintain_order=True)


def _dated(run: KeptRun, reader: Reader) -> pl.DataFrame | None:
    try:
        verdicts, kept_at = _counts(run, reader)[0], run.kept_at
    except UsageRefused:
        return None
    return verdicts.select(
        pl.lit(run.run_id).alias("run_id"),
        pl.lit(kept_at, pl.Datetime("us", "UTC")).alias("kept_at"),
        pl.all(),
    )


def _notice(warning: Mapping[str, Any], reader: Reader) -> Notice:
    """The notice as it was told; for a viewer without the ids that it gives."""
    code, facts = str(warning["code"]), warning["facts"]
    ids = _IDS.intersection(facts)
    if not ids or reader.may(Role.officer):
        return Notice(code, str(warning["zh"]), str(warning["en"]))
    told = Problem(code, {**facts, **dict.fromkeys(ids, "…")})
    return Notice(code, sentence(told, Language.zh), sentence(told, Language.en))


def rejected(run: KeptRun, reader: Reader, sheet: Sheet) -> Page:
    """One page of what was rejected, a row per fault: columns as in rejected.csv, all of them text.

    In the language of the run; values were masked when they were written. For officers.
    """
    reader.needs(Role.officer)
    scan = pl.scan_csv(run.file("rejected.csv"), infer_schema=False, glob=False)
    places = pl.int_range(scan.select(pl.len()).collect().item(), eager=True)
    return paged(places, sheet, lambda shown: _lines(scan, shown))


def _lines(scan: pl.LazyFrame, places: pl.Series) -> pl.DataFrame:
    """The rows at these places, which follow each other."""
    first = int(places[0]) if places.len() else 0
    return scan.slice(first, places.len()).collect()


def rejections(run: KeptRun) -> pl.DataFrame:
    """How many rows were rejected for which reason: table, column, code, rows."""
    scan = pl.scan_csv(run.file("rejected.csv"), infer_schema=False, glob=False)
    return (
        scan.group_by("table", "column", "code")
        .agg(rows=pl.struct("file", "position").n_unique().cast(pl.Int64))
        .sort("rows", "table", "column", "code", descending=[True, False, False, False])
        .collect(engine="streaming")
    )


def _counts(run: KeptRun, reader: Reader) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """verdicts, roles and rows of the Overview."""
    verdicts, roles, rows = _read(run)
    if reader.may(Role.officer):
        plain = [pl.exclude(*_PEOPLE), pl.lit(False).alias("suppressed")]
        return verdicts.select(plain), roles.select(plain), rows
    return _protected(run)


def _read(run: KeptRun) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    told = run.manifest
    people, everybody = told["verdict_subjects"], told["verdict_whole_base"]
    counted = [
        (
            *(layer, verdict.value, int(flows[verdict])),
            *(int(people[layer][verdict]), bool(everybody[layer][verdict])),
        )
        for layer, flows in told["verdicts"].items()
        for verdict in Verdict
    ]
    verdict_schema = {name: ROLES[name] for name in ROLES if name != "role"}
    schema = {**verdict_schema, **_PEOPLE}
    roles = pl.DataFrame(told["recipient_roles"], schema={**ROLES, **_PEOPLE})
    rows = [{"table": table, **counts} for table, counts in sorted(told["rows"].items())]
    return (
        pl.DataFrame(counted, schema=schema, orient="row"),
        roles,
        pl.DataFrame(rows, schema=ROWS),
    )


@remembered(_RUNS)
def _protected(run: KeptRun) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The counts as a viewer sees them: of every role and verdict, of every verdict, and of all."""
    verdicts, roles, rows = _read(run)
    said = [_layer(verdicts, roles, layer) for layer in verdicts["layer"].unique().sort()]
    few = any(hidden_all for _, _, hidden_all in said)
    secret = pl.when((pl.col("table") != FLOWS) | ~pl.lit(few)).then(pl.col("rows", "judged"))
    return (
        _masked(verdicts, pl.concat([part for part, _, _ in said])),
        _masked(roles, pl.concat([part for _, part, _ in said])),
        rows.with_columns(secret),
    )


def _layer(
    verdicts: pl.DataFrame, roles: pl.DataFrame, layer: str
) -> tuple[pl.DataFrame, pl.DataFrame, bool]:
    """The verdicts and the cells of one layer that are hidden; whether their sum is as well."""
    cells = roles.filter(pl.col("layer") == layer).with_row_index("place")
    totals = verdicts.filter(pl.col("layer") == layer)
    parts = [tuple(cells.filter(pl.col("verdict") == each)["place"]) for each in totals["verdict"]]
    of_verdicts = range(cells.height, cells.height + totals.height)
    figures = [
        *(_figure(row) for row in cells.to_dicts()),
        *(_figure(row, part) for row, part in zip(totals.to_dicts(), parts, strict=True)),
        _figure(totals.select(pl.col("flows", *_PEOPLE).sum()).to_dicts()[0], tuple(of_verdicts)),
    ]
    hidden = protected(figures)
    return (
        totals.filter([place in hidden for place in of_verdicts]),
        cells.filter([place in hidden for place in range(cells.height)]).drop("place"),
        len(figures) - 1 in hidden,
    )


def _figure(row: Mapping[str, Any], parts: tuple[int, ...] = ()) -> Figure:
    return Figure(row["flows"], row["subjects"], parts, whole_base=bool(row["whole_base"]))


def _masked(table: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    """The table without the counts of the rows that are hidden."""
    key = [name for name in _CELL if name in table.columns]
    marks = hidden.select(*key, suppressed=pl.lit(True))
    told = table.join(
        marks, on=key, how="left", validate="1:1", maintain_order="left", nulls_equal=True
    )
    return told.drop(*_PEOPLE).with_columns(
        pl.when(pl.col("suppressed").is_null()).then("flows").alias("flows"),
        pl.col("suppressed").fill_null(False),
    )
