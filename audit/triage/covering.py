"""Which findings a decision is about: those of its fingerprints, its causes and its edges.

Of what was decided about one finding in several ways, the latest counts. A decision reaches no
further than its bounds; the findings must have the columns of ASKED.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import polars as pl

from audit.findings.finding import FINDINGS, Severity
from audit.problems import Problem, UsageRefused
from audit.triage.decision import CODES, GRAPH, Bounds, Kind, Malformed, Target, targets_of
from audit.triage.ledger import Entry

ASKED = (
    "fingerprint",
    "layer",
    "verdict",
    "clause",
    "clauses",
    "sender",
    "recipient",
    "operation",
    "purpose",
    "categories",
    "severity",
    "cause_code",
)
_RANKS = {severity.value: rank for rank, severity in enumerate(Severity)}
_NUMBER = pl.Int64()
_CATEGORIES = pl.List(pl.String())


def spelled(text: str, kind: Kind) -> Target:
    """The target that a command line spells: `F`, `LAYER/CLAUSE/CAUSE` or `S:R:OPERATION:PURPOSE`.

    Raises UsageRefused where it has other parts.
    """
    mark, most = {Kind.FINDING: ("", 0), Kind.CAUSE: ("/", 2), Kind.EDGE: (":", 3)}[kind]
    codes = tuple(text.split(mark, most)) if mark else (text,)
    crowded = kind is Kind.EDGE and mark in codes[-1]
    if len(codes) != len(CODES[kind]) or crowded or not all(codes):
        raise UsageRefused(Problem("triage-target-unreadable", {"target": text}))
    return Target(kind, codes)


def spelling(target: Target) -> str:
    """The target as a command line spells it."""
    return {Kind.FINDING: "", Kind.CAUSE: "/", Kind.EDGE: ":"}[target.kind].join(target.codes)


def is_about(entry: Entry, finding: Mapping[str, Any]) -> bool:
    """Whether a decision is about this finding: names it, or its cause or edge, and reaches it."""
    targets = _targets(entry)
    if not targets:
        return True
    told = {**finding, "layer": finding["layer"] or GRAPH}
    return any(
        target.codes == tuple(told[name] for name in CODES[target.kind])
        and (target.kind is Kind.FINDING or _reaches(entry, number, finding))
        for number, target in enumerate(targets)
    )


def _reaches(entry: Entry, number: int, finding: Mapping[str, Any]) -> bool:
    """As `_within`, for one target and one finding."""
    if entry.decision is None:
        return True
    bounds = entry.decision.bounds[number]
    alike = {*finding["categories"]} <= {*bounds.categories}
    verdict = (finding["verdict"] or "") in bounds.verdicts
    return alike and verdict and _RANKS[finding["severity"]] >= _RANKS[bounds.severity]


def covers(targets: Iterable[Target]) -> pl.Expr:
    """Whether a finding is one of these targets, whatever its bounds."""
    told = [pl.lit(value=False)]
    for kind, codes in CODES.items():
        wanted = [each.codes for each in targets if each.kind is kind]
        if wanted:
            rows = pl.Series(["\0".join(each) for each in wanted])
            told.append(pl.concat_str(*map(_code, codes), separator="\0").is_in(rows.implode()))
    return reduce(or_, told).fill_null(value=False)


def _code(column: str) -> pl.Expr:
    return pl.col(column).fill_null(GRAPH) if column == "layer" else pl.col(column)


def bounds_of(findings: pl.DataFrame, targets: Sequence[Target]) -> tuple[Bounds | None, ...]:
    """For each target the bounds within which its findings lie; None where it has none here."""
    rows = {row["fingerprint"]: row for row in findings.iter_rows(named=True)}
    return tuple(
        _around([rows[target.codes[0]]] if target.codes[0] in rows else [])
        if target.kind is Kind.FINDING
        else _around(findings.filter(covers([target])).to_dicts())
        for target in targets
    )


def _around(rows: Sequence[Mapping[str, Any]]) -> Bounds | None:
    if not rows:
        return None
    categories = {code for row in rows for code in row["categories"] or ()}
    gravest = min((row["severity"] for row in rows), key=_RANKS.__getitem__)
    verdicts = {row["verdict"] or "" for row in rows}
    return Bounds(tuple(sorted(categories)), Severity(gravest), tuple(sorted(verdicts)))


def decided(findings: pl.DataFrame, entries: Sequence[Entry]) -> pl.DataFrame:
    """Which entry each finding stands under: fingerprint, entry, beyond.

    entry: the latest that is about it, null where none is. beyond: whether it has outgrown the
    decision that names it, or where there is none, whether one on its cause or edge does not reach
    it. An entry of which nobody can say what it is about is about all.
    """
    joined = findings.select(ASKED).with_columns(layer=pl.col("layer").fill_null(GRAPH))
    for kind, codes in CODES.items():
        rules = _rules(entries, kind)
        joined = joined.join(rules, on=codes, how="left", validate="m:1", maintain_order="left")
        reached = _within() | pl.lit(value=kind is Kind.FINDING)
        joined = joined.with_columns(
            pl.when(reached).then("entry").alias(f"{kind}_entry"),
            (pl.col("entry").is_not_null() & ~_within()).alias(f"{kind}_beyond"),
        ).drop(*_BOUND, "entry")
    of_all = max((each.sequence for each in entries if not _targets(each)), default=None)
    latest = pl.max_horizontal(*(f"{kind}_entry" for kind in Kind), pl.lit(of_all, dtype=_NUMBER))
    told = joined.with_columns(entry=latest, of_all=pl.lit(of_all, dtype=_NUMBER))
    return told.select("fingerprint", "entry", beyond=_beyond())


def _beyond() -> pl.Expr:
    entry = pl.col("entry")
    others = [entry.eq_missing(pl.col(name)) for name in ("cause_entry", "edge_entry", "of_all")]
    outgrown = pl.col("finding_beyond") & ~pl.any_horizontal(*others)
    unreached = pl.col("cause_beyond") | pl.col("edge_beyond")
    return pl.when(entry.is_null()).then(unreached).otherwise(outgrown)


_BOUND = ("most_categories", "most_severity", "of_verdicts")
_RULE = {"entry": _NUMBER, _BOUND[0]: _CATEGORIES, _BOUND[1]: _NUMBER, _BOUND[2]: _CATEGORIES}


def _within() -> pl.Expr:
    """No graver, no other data, no other verdict than those for which it was decided.

    A decision that cannot be read has no bounds: it returns whatever its targets name.
    """
    unbounded = pl.col("most_severity").is_null()
    beyond = pl.col("categories").list.set_difference(pl.col("most_categories")).list.len() > 0
    graver = pl.col("severity").replace_strict(_RANKS, return_dtype=_NUMBER) < pl.col(
        "most_severity"
    )
    known = pl.col("of_verdicts").list.contains(pl.col("verdict").fill_null(""))
    return unbounded | (~beyond & ~graver & known).fill_null(value=False)


def _rules(entries: Iterable[Entry], kind: Kind) -> pl.DataFrame:
    """The latest entry about each target of this kind; the later replaces the earlier wholly."""
    latest: dict[tuple[str, ...], tuple[Entry, int]] = {}
    for entry in entries:
        for number, target in enumerate(_targets(entry)):
            if target.kind is kind:
                latest[target.codes] = entry, number
    rows = [
        (*codes, entry.sequence, *_bounds(entry, number))
        for codes, (entry, number) in latest.items()
    ]
    schema = {**dict.fromkeys(CODES[kind], FINDINGS["clause"]), **_RULE}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _bounds(entry: Entry, number: int) -> tuple[list[str] | None, int | None, list[str] | None]:
    """The bounds of a decision about this target; one that cannot be read has none."""
    if entry.decision is None:
        return None, None, None
    bounds = entry.decision.bounds[number]
    return [*bounds.categories], _RANKS[bounds.severity], [*bounds.verdicts]


def _targets(entry: Entry) -> tuple[Target, ...]:
    """What the entry is about, even where the rest of it is no decision; empty where unknown."""
    if entry.decision is not None:
        return entry.decision.targets
    try:
        return targets_of(entry.told)
    except Malformed:
        return ()
