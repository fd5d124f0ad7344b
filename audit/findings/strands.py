"""Strands: each tally of flows with each unit of them that needs explaining, under its cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from audit.clauses.clause import Layer, Verdict
from audit.evaluation.judgement import Judgement
from audit.findings.background import Background
from audit.findings.causes import (
    Cause,
    Check,
    Coordinate,
    Gap,
    check_cause,
    depends_on,
    lacking_reasons,
    standing_clauses,
    unknown_reasons,
)
from audit.flowgraph.building import EDGE, memberships
from audit.flowgraph.tracing import Traces
from audit.vocabulary import CUSTOMER

_BAD = (Verdict.VIOLATION.value, Verdict.INDETERMINATE.value)
_SHAPE = ("layer", "verdict", "clauses", "nearest", "conditions", *Gap)


@dataclass(frozen=True)
class Strands:
    """The causes, and a row per cause and tally and data category.

    rows: cause (place in `causes`), sender, recipient, turns_purpose and turns_operation (null
        where the cause does not turn on it), purpose, operation, data_category, tally, and for
        the checks of the graph path and scope. A party that no flow names has a null tally.
    """

    causes: tuple[Cause, ...]
    rows: pl.DataFrame


def verdict_strands(judgement: Judgement, background: Background) -> Strands:
    """The strands of every violation and every indeterminate unit."""
    rows = _bad_units(judgement.units).join(
        judgement.tallies.select("outcome", "tally", "sender", "recipient", "operation", "purpose"),
        on="outcome",
        how="inner",
    )
    nothing = pl.lit(None, pl.String)
    rows = rows.with_columns(*_gaps(background), path=nothing, scope=nothing)
    shapes = rows.select(_SHAPE).unique()
    causes = [_cause(shape, background) for shape in shapes.iter_rows(named=True)]
    places = {cause: place for place, cause in enumerate(dict.fromkeys(causes))}
    numbers = pl.Series("cause", [places[cause] for cause in causes], pl.UInt32)
    keyed = rows.join(
        shapes.with_columns(numbers), on=_SHAPE, how="left", validate="m:1", nulls_equal=True
    )
    return Strands(tuple(places), _turned(keyed, tuple(places)))


def _bad_units(units: pl.DataFrame) -> pl.DataFrame:
    """The units to explain, with the clauses and conditions that explain them."""
    violation = pl.col("verdict") == Verdict.VIOLATION.value
    return units.filter(pl.col("verdict").is_in(_BAD)).select(
        "outcome",
        "layer",
        "verdict",
        "data_category",
        pl.when(violation).then("decided_by").otherwise("possible").alias("clauses"),
        pl.when(violation).then("nearest").alias("nearest"),
        pl.when(violation).then("lacking").otherwise("unknown").alias("conditions"),
    )


def _gaps(background: Background) -> list[pl.Expr]:
    """Which codes of the row are registered or mapped nowhere."""
    vocabulary = background.vocabulary
    parties = [*background.registered, CUSTOMER]
    known = {
        Gap.SENDER: ("sender", parties),
        Gap.RECIPIENT: ("recipient", parties),
        Gap.OPERATION: ("operation", list(vocabulary.operations)),
        Gap.PURPOSE: ("purpose", list(vocabulary.purposes)),
        Gap.CATEGORY: ("data_category", list(vocabulary.categories)),
    }
    return [~pl.col(column).is_in(codes).alias(gap) for gap, (column, codes) in known.items()]


def _cause(shape: dict[str, Any], background: Background) -> Cause:
    layer, verdict = Layer(shape["layer"]), Verdict(shape["verdict"])
    clauses, conditions = tuple(shape["clauses"] or ()), shape["conditions"] or ()
    if verdict is Verdict.INDETERMINATE:
        reasons = unknown_reasons(conditions, [gap for gap in Gap if shape[gap]])
        return Cause(layer, verdict, clauses, None, reasons, depends_on(reasons, ()))
    known, nearest = background.clauses, shape["nearest"]
    standing = standing_clauses(clauses, known.get((layer, nearest)))
    reasons = lacking_reasons(conditions, standing)
    depends = depends_on(reasons, [known[layer, name] for name in standing])
    return Cause(layer, verdict, clauses, nearest, reasons, depends, standing)


def check_strands(judgement: Judgement, traces: Traces) -> Strands:
    """The strands of what the graph showed beyond single edges."""
    told = memberships(judgement)
    rows = pl.concat(
        [
            _onward(traces.onward).join(told.select(*EDGE, "tally"), on=EDGE, how="inner"),
            traces.unreceived.select(*EDGE, check=pl.lit(Check.UNRECEIVED)).join(
                told.select(*EDGE, "tally"), on=EDGE, how="inner"
            ),
            _unregistered(traces.unregistered, told),
            traces.unseen.select(check=pl.lit(Check.UNSEEN), recipient="party_id"),
        ],
        how="diagonal",
    )
    causes = tuple(check_cause(check) for check in Check)
    places = {check.value: place for place, check in enumerate(Check)}
    cause = pl.col("check").replace_strict(places, return_dtype=pl.UInt32)
    return Strands(causes, _turned(rows.with_columns(cause=cause), causes))


def _onward(onward: pl.DataFrame) -> pl.DataFrame:
    """Of the onward edges those to speak of: out of scope, after a violation, of unknown scope."""
    within = pl.col("within_scope")
    check = (
        pl.when(within == "false")
        .then(pl.lit(Check.ONWARD_OUTSIDE))
        .when(pl.col("verdict_before") == Verdict.VIOLATION.value)
        .then(pl.lit(Check.ONWARD_AFTER))
        .when(within == "unknown")
        .then(pl.lit(Check.ONWARD_UNKNOWN))
    )
    return onward.select(
        check.alias("check"),
        pl.col("path").list.get(-2).alias("sender"),
        pl.col("path").list.get(-1).alias("recipient"),
        *EDGE[2:],
        pl.col("path").list.join(" → "),
        pl.col("scope").list.join(";"),
    ).drop_nulls("check")


def _unregistered(unregistered: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """A finding on a party by itself names it as recipient, whichever end of a flow it was."""
    ends = [
        told.join(unregistered, left_on=end, right_on="party_id", how="semi").select(
            check=pl.lit(Check.UNREGISTERED),
            recipient=end,
            operation="operation",
            purpose="purpose",
            data_category="data_category",
            tally="tally",
        )
        for end in EDGE[:2]
    ]
    return pl.concat(ends).unique()


def _turned(rows: pl.DataFrame, causes: Sequence[Cause]) -> pl.DataFrame:
    """The rows with the purpose and operation once more, where the cause turns on them."""
    return rows.select(
        "cause",
        "sender",
        "recipient",
        pl.when(_turns(causes, Coordinate.PURPOSE)).then("purpose").alias("turns_purpose"),
        pl.when(_turns(causes, Coordinate.OPERATION)).then("operation").alias("turns_operation"),
        "purpose",
        "operation",
        "data_category",
        "tally",
        "path",
        "scope",
    )


def _turns(causes: Sequence[Cause], coordinate: Coordinate) -> pl.Expr:
    turning = [place for place, cause in enumerate(causes) if coordinate in cause.depends]
    return pl.col("cause").is_in(turning)
