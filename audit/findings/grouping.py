"""Findings: strands of one cause, sender and recipient taken together, counted and told."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from audit.evaluation.judgement import Judgement, count_subjects
from audit.findings.background import Background
from audit.findings.causes import Cause, Coordinate
from audit.findings.finding import Finding, findings_table, fingerprint
from audit.findings.severity import severity, tier_of
from audit.findings.strands import Strands, check_strands, verdict_strands
from audit.findings.telling import Telling, told
from audit.flowgraph.tracing import Traces
from audit.vocabulary import Vocabulary
from audit.wording import Language

_GROUP = ("cause", "sender", "recipient", "turns_purpose", "turns_operation")
_LIABLE = ("judged", "sender", "recipient", "tier")


def find(
    judgement: Judgement, traces: Traces, background: Background, language: Language
) -> pl.DataFrame:
    """Every finding of the run, gravest first, with `cause` and `remedy` in this language."""
    strands = (verdict_strands(judgement, background), check_strands(judgement, traces))
    return findings_table(
        [
            finding
            for each in strands
            for finding in _findings(each, judgement, background, language)
        ]
    )


def _findings(
    strands: Strands, judgement: Judgement, background: Background, language: Language
) -> Iterator[Finding]:
    groups = group(strands, judgement, background.vocabulary)
    for row in groups.iter_rows(named=True):
        cause = strands.causes[row["cause"]]
        yield _finding(cause, row, told(Telling(cause, row, background)), (background, language))


def group(strands: Strands, judgement: Judgement, vocabulary: Vocabulary) -> pl.DataFrame:
    """The groups of the strands with their codes and exact counts; sorted by what they are."""
    keys = strands.rows.select(_GROUP).unique().sort(_GROUP).with_row_index("group")
    rows = strands.rows.join(keys, on=_GROUP, how="left", validate="m:1", nulls_equal=True)
    tallies = rows.select("group", "tally").drop_nulls().unique()
    subjects = count_subjects(tallies, judgement.tally_subjects)
    counted = keys.join(_codes(rows), on="group", how="left", validate="1:1")
    for part in (
        _totals(tallies, judgement),
        subjects,
        _volumes(strands, rows, judgement, vocabulary),
    ):
        counted = counted.join(part, on="group", how="left", validate="1:1")
    return counted.with_columns(
        pl.col("flows", "records", "subjects").fill_null(0), pl.col("examples").fill_null([])
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

    They are added up over everything that the same layer judged alike, whatever the cause.
    """
    tiers = {
        code: tier_of(code, vocabulary) for code in rows["data_category"].drop_nulls().unique()
    }
    judged = [f"{cause.layer}/{cause.verdict}" for cause in strands.causes]
    tiered = rows.with_columns(
        pl.col("data_category").replace_strict(tiers, return_dtype=pl.String).alias("tier"),
        pl.col("cause")
        .replace_strict(dict(enumerate(judged)), return_dtype=pl.String)
        .alias("judged"),
    ).drop_nulls("tier")
    records = judgement.tallies.select("tally", "records")
    volume = (
        tiered.select(*_LIABLE, "tally")
        .unique()
        .join(records, on="tally", how="left", validate="m:1")
        .group_by(_LIABLE)
        .agg(pl.col("records").sum().alias("volume"))
    )
    return (
        tiered.select("group", *_LIABLE)
        .unique()
        .join(volume, on=_LIABLE, how="left", validate="m:1", nulls_equal=True)
        .group_by("group")
        .agg(pl.struct("tier", "volume").sort_by("tier").alias("volumes"))
    )


def _finding(
    cause: Cause,
    row: Mapping[str, Any],
    sentences: Mapping[str, str],
    shown: tuple[Background, Language],
) -> Finding:
    background, language = shown
    volumes = {volume["tier"]: volume["volume"] for volume in row["volumes"] or ()}
    return Finding(
        fingerprint=_fingerprint(cause, row),
        layer=cause.layer,
        verdict=cause.verdict,
        clause=cause.clause,
        clauses=cause.clauses,
        sender=row["sender"],
        recipient=row["recipient"],
        purpose=";".join(row["purpose"]) or None,
        operation=";".join(row["operation"]) or None,
        categories=tuple(row["data_category"]),
        severity=severity(cause.weight, row["data_category"], volumes, background.vocabulary),
        flows=row["flows"],
        subjects=row["subjects"],
        records=row["records"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        cause=sentences[f"cause_{language}"],
        remedy=sentences[f"remedy_{language}"],
        examples=tuple(row["examples"]),
        cause_code=cause.code,
        nearest=cause.nearest,
        **sentences,
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
