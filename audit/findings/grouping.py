"""Findings: strands of one cause, sender and recipient taken together, counted and told."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from audit.evaluation.judgement import CODES, Judgement, count_subjects
from audit.findings.background import Background
from audit.findings.causes import Cause, Coordinate
from audit.findings.finding import FINDINGS, SENTENCES, Severity, fingerprint
from audit.findings.severity import OF_EVERYBODY, severity, tier_of
from audit.findings.strands import Strands, check_strands, verdict_strands
from audit.findings.telling import teller
from audit.flowgraph.tracing import Traces
from audit.vocabulary import Vocabulary
from audit.wording import Language

_CAUSE = {"cause": pl.UInt32()} | {
    name: FINDINGS[name]
    for name in ("layer", "verdict", "clause", "clauses", "cause_code", "nearest")
}
_COLUMNS = [name for name in FINDINGS if name not in {"cause", "remedy"}]
_ADDED = {name: FINDINGS[name] for name in ("fingerprint", "severity", *SENTENCES)}
_GROUP = ("cause", "sender", "recipient", "turns_purpose", "turns_operation")
_LIABLE = ("judged", "sender", "recipient", "tier")


def find(
    judgement: Judgement, traces: Traces, background: Background, language: Language
) -> pl.DataFrame:
    """Every finding of the run, gravest first, with `cause` and `remedy` in this language.

    Columns as FINDINGS; the fingerprint settles every tie.
    """
    strands = (verdict_strands(judgement, background), check_strands(judgement, traces))
    return ranked([_findings(each, judgement, background) for each in strands], language)


def ranked(tables: Sequence[pl.DataFrame], language: Language) -> pl.DataFrame:
    """The findings of all tables as one, gravest first, with their sentences in this language."""
    rank = pl.col("severity").replace_strict({grade.value: n for n, grade in enumerate(Severity)})
    return (
        pl.concat(table.select(_COLUMNS) for table in tables)
        .with_columns(cause=f"cause_{language}", remedy=f"remedy_{language}")
        .select(FINDINGS.names())
        .sort(
            rank,
            pl.col("layer").is_null(),
            ~pl.col("whole_base"),
            -pl.col("records"),
            -pl.col("flows"),
            "fingerprint",
        )
    )


def _findings(strands: Strands, judgement: Judgement, background: Background) -> pl.DataFrame:
    """The strands' groups with their name, severity and sentences."""
    groups = group(strands, judgement, background.vocabulary)
    tell = teller(background)
    added = [
        _grave_and_told(strands.causes[row["cause"]], row, tell, background.vocabulary)
        for row in groups.iter_rows(named=True)
    ]
    return (
        groups.hstack(pl.DataFrame(added, schema=_ADDED, orient="row"))
        .join(_causes(strands.causes), on="cause", how="left", validate="m:1")
        .with_columns(_joined("purpose"), _joined("operation"))
        .rename({"data_category": "categories"})
        .drop("cause")
    )


def _grave_and_told(
    cause: Cause,
    row: Mapping[str, Any],
    tell: Callable[[Cause, Mapping[str, Any]], Mapping[str, str]],
    vocabulary: Vocabulary,
) -> tuple[str, ...]:
    volumes = {volume["tier"]: volume["volume"] for volume in row["volumes"] or ()}
    grade = severity(cause.weight, row["data_category"], volumes, vocabulary)
    sentences = tell(cause, row)
    return _fingerprint(cause, row), grade, *(sentences[name] for name in SENTENCES)


def _causes(causes: Sequence[Cause]) -> pl.DataFrame:
    rows = [
        (n, each.layer, each.verdict, each.clause, each.clauses, each.code, each.nearest)
        for n, each in enumerate(causes)
    ]
    return pl.DataFrame(rows, schema=_CAUSE, orient="row")


def _joined(column: str) -> pl.Expr:
    several = pl.col(column).list
    return pl.when(several.len() > 0).then(several.join(";")).alias(column)


def group(strands: Strands, judgement: Judgement, vocabulary: Vocabulary) -> pl.DataFrame:
    """The groups of the strands with their codes and exact counts; sorted by what they are."""
    keys = strands.rows.select(_GROUP).unique().sort(_GROUP).with_row_index("group")
    rows = strands.rows.join(keys, on=_GROUP, how="left", validate="m:1", nulls_equal=True)
    tallies = rows.select("group", "tally").drop_nulls().unique()
    subjects = count_subjects(tallies, judgement)
    counted = keys.join(_codes(rows), on="group", how="left", validate="1:1")
    for part in (
        _totals(tallies, judgement),
        subjects,
        _volumes(strands, rows, judgement, vocabulary),
    ):
        counted = counted.join(part, on="group", how="left", validate="1:1")
    return counted.with_columns(
        pl.col("flows", "records", "subjects").fill_null(0),
        pl.col("whole_base").fill_null(False),
        pl.col("examples").fill_null([]),
        pl.col(_GROUP[1:]).cast(pl.String),
        pl.col("purpose", "operation", "data_category").cast(CODES),
    ).sort("group")


def _codes(rows: pl.DataFrame) -> pl.DataFrame:
    """The purposes, operations and categories of each group, and the first of its paths."""
    lists = [
        pl.col(name).drop_nulls().unique().sort()
        for name in ("purpose", "operation", "data_category")
    ]
    witness = [pl.col(name).sort_by("path", nulls_last=True).first() for name in ("scope", "path")]
    return rows.group_by("group").agg(*lists, *witness)


def _totals(tallies: pl.DataFrame, judgement: Judgement) -> pl.DataFrame:
    return (
        tallies.join(judgement.tallies, on="tally", how="left", validate="m:1")
        .group_by("group")
        .agg(
            pl.col("flows", "records").sum(),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
            pl.col("examples").explode().drop_nulls().unique().sort().head(3),
        )
    )


def _volumes(
    strands: Strands, rows: pl.DataFrame, judgement: Judgement, vocabulary: Vocabulary
) -> pl.DataFrame:
    """Per group its tiers, each with the records of that tier that went from sender to recipient.

    They are added up over everything that the same layer judged alike, whatever the cause. Where
    the whole customer base is among it, they are as many as any tier asks for.
    """
    tiers = {
        code: tier_of(code, vocabulary) for code in rows["data_category"].drop_nulls().unique()
    }
    judged = [f"{cause.layer}/{cause.verdict}" for cause in strands.causes]
    tiered = rows.with_columns(
        pl.col("data_category")
        .cast(pl.String)
        .replace_strict(tiers, return_dtype=pl.String)
        .alias("tier"),
        pl.col("cause")
        .replace_strict(dict(enumerate(judged)), return_dtype=pl.String)
        .alias("judged"),
    ).drop_nulls("tier")
    records = judgement.tallies.select(
        "tally", "records", everybody=pl.col("whole_base") * OF_EVERYBODY
    )
    volume = (
        tiered.select(*_LIABLE, "tally")
        .unique()
        .join(records, on="tally", how="left", validate="m:1")
        .group_by(_LIABLE)
        .agg(volume=pl.max_horizontal(pl.col("records").sum(), pl.col("everybody").max()))
    )
    return (
        tiered.select("group", *_LIABLE)
        .unique()
        .join(volume, on=_LIABLE, how="left", validate="m:1", nulls_equal=True)
        .group_by("group")
        .agg(pl.struct("tier", "volume").sort_by("tier").alias("volumes"))
    )


def _fingerprint(cause: Cause, row: Mapping[str, Any]) -> str:
    """Of what makes the group a group; of the categories only where the cause turns on them.

    So what was decided about a finding stands while more of the same flows, and falls when data of
    another kind, for which it was not decided, comes in.
    """
    categories = row["data_category"] if Coordinate.CATEGORY in cause.depends else []
    return fingerprint(
        cause.layer,
        cause.verdict,
        cause.code,
        cause.clauses,
        cause.nearest,
        row["sender"],
        row["recipient"],
        row["turns_purpose"],
        row["turns_operation"],
        categories,
    )
