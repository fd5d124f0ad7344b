"""Strands: each tally of flows with each unit of them that needs explaining, under its cause."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from audit.clauses.clause import Layer, Verdict
from audit.evaluation.judgement import Judgement
from audit.evaluation.spread import Spread
from audit.facts.keys import ABSENT
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
from audit.flowgraph.building import EDGE
from audit.flowgraph.members import Members
from audit.flowgraph.tracing import Traces
from audit.vocabulary import CUSTOMER

if TYPE_CHECKING:
    from audit.facts.pairs import Places

_BAD = (Verdict.VIOLATION.value, Verdict.INDETERMINATE.value)


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
    members, spread = Members.of(judgement), judgement.spread
    bad = spread.said["verdict"].is_in(_BAD).to_numpy()
    gaps, none = _gaps(members, background), np.zeros(0, dtype=np.int64)
    rows, shape = [none], [none]
    for place, layer in enumerate(spread.layers):
        saying = spread.of_layer(layer)[members.unit]
        own = np.flatnonzero((saying != ABSENT) & bad[saying])
        rows.append(own)
        shape.append((place * len(bad) + saying[own]) << len(Gap) | gaps[own])
    shapes, of_row = np.unique(np.concatenate(shape), return_inverse=True)
    causes = [_cause(each, background) for each in _shapes(spread, shapes)]
    places = {cause: place for place, cause in enumerate(dict.fromkeys(causes))}
    numbers = np.array([places[cause] for cause in causes], dtype=np.uint32)[of_row]
    told = (
        members.at(np.concatenate(rows))
        .told(*EDGE, "tally")
        .with_columns(
            cause=pl.Series(numbers), path=pl.lit(None, pl.String), scope=pl.lit(None, pl.String)
        )
    )
    return Strands(tuple(places), _turned(told, tuple(places)))


def _shapes(spread: Spread, shapes: "Places") -> Iterator[dict[str, Any]]:
    """What each number tells: who says what of a unit, and which of its codes are known nowhere."""
    for told in shapes.tolist():
        layer, saying = divmod(told >> len(Gap), spread.said.height)
        said = spread.said.row(saying, named=True)
        violation = said["verdict"] == Verdict.VIOLATION.value
        yield {
            "layer": spread.layers[layer].value,
            "verdict": said["verdict"],
            "clauses": said["decided_by" if violation else "possible"],
            "nearest": said["nearest"] if violation else None,
            "conditions": said["lacking" if violation else "unknown"],
            **{gap: bool(told >> place & 1) for place, gap in enumerate(Gap)},
        }


def _gaps(members: Members, background: Background) -> "Places":
    """Which codes of each member are registered or mapped nowhere, as bits in the order of Gap."""
    vocabulary, tallies = background.vocabulary, members.judgement.tallies
    parties = [*background.registered, CUSTOMER]
    known = {
        Gap.SENDER: ("sender", parties),
        Gap.RECIPIENT: ("recipient", parties),
        Gap.OPERATION: ("operation", list(vocabulary.operations)),
        Gap.PURPOSE: ("purpose", list(vocabulary.purposes)),
    }
    bits = {gap: 1 << place for place, gap in enumerate(Gap)}
    told = np.zeros(tallies.height, dtype=np.int64)
    for gap, (column, codes) in known.items():
        told += bits[gap] * (~tallies[column].is_in(codes)).to_numpy()
    mapped = members.judgement.spread.categories.is_in(list(vocabulary.categories))
    told = told[members.tally]
    told[(~mapped).to_numpy()[members.category]] += bits[Gap.CATEGORY]
    return told


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
    members = Members.of(judgement)
    rows = pl.concat(
        [
            members.on(_onward(traces.onward)),
            members.on(traces.unreceived.select(*EDGE, check=pl.lit(Check.UNRECEIVED))),
            _unregistered(traces.unregistered, members),
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


def _unregistered(unregistered: pl.DataFrame, members: Members) -> pl.DataFrame:
    """A finding on a party by itself names it as recipient, whichever end of a flow it was."""
    names, tallies = unregistered["party_id"].implode(), members.judgement.tallies
    ends = []
    for end in EDGE[:2]:
        own = tallies[end].is_in(names).to_numpy()
        told = members.at(own[members.tally]).told(end, *EDGE[2:], "tally")
        texts = told.cast(dict.fromkeys((end, *EDGE[2:]), pl.String))
        ends.append(texts.rename({end: "recipient"}).with_columns(check=pl.lit(Check.UNREGISTERED)))
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
