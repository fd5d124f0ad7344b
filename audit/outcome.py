"""What an audit found, as one immutable value: the door for the screens and the command line."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import polars as pl

from audit.clauses.clause import Layer, Pack, Verdict
from audit.evaluation.conflicting import conflicts
from audit.evaluation.duty_rows import DutyRows
from audit.evaluation.judgement import Judgement, verdict_counts, verdict_table
from audit.findings.finding import Severity
from audit.findings.known import Held
from audit.findings.triaged import Triaged
from audit.flowgraph.building import FlowGraph
from audit.flowgraph.tracing import Traces
from audit.problems import Problem
from audit.wording import Language

FLOWS = "flows"

REJECTED = pl.Schema(
    {
        "table": pl.String(),
        "file": pl.String(),
        "position": pl.Int64(),
        "column": pl.String(),
        "value": pl.String(),
        "code": pl.String(),
        "reason": pl.String(),
    }
)


REJECTED_PARTIES = pl.Schema(
    {"party_id": pl.String(), "rejected_zh": pl.String(), "rejected_en": pl.String()}
)


class Unaccounted(Exception):
    """Rows were lost or counted twice: a bug of ours, for which no run is ever published."""


@dataclass(frozen=True)
class RowCount:
    """What became of the rows of one table; `repeated` are identical repeats, which are dropped."""

    rows: int
    judged: int
    rejected: int
    repeated: int = 0


@dataclass(frozen=True)
class InputFile:
    """One file or query that was read; `digest` is the SHA-256 of its bytes."""

    table: str
    name: str
    digest: str
    rows: int


@dataclass(frozen=True)
class Since:
    """How a run took an earlier one further; nothing that it leaves tells of it.

    standing: how many flows were not judged again, anew: how many were. asked: a run was named.
    problems: why it was not taken, or nothing could be kept for the next run.
    """

    standing: int
    anew: int
    asked: bool
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Options:
    """What the run was told and a result can depend on."""

    language: Language
    timezone: str
    complete: tuple[str, ...] = ("consents",)
    as_of: str | None = None  # until when duties are looked at, where that was said


@dataclass(frozen=True)
class Audit:
    """Everything a run found.

    judgement: the verdicts and their tallies. edges: a row per sender, recipient, operation,
    purpose and data category. parties: their register, without what was rejected. graph: the edges
    for drawing, coarser where there are too many, between every party registered or seen.
    traces: what single edges do not show. findings: gravest first. rejected: a row per fault,
    columns as REJECTED. rows: by table. notices: what the reader should know beside the findings.
    rejected_parties: the parties whose row in the register was rejected, and why.
    duty_rows: what became of the duties, as of `as_of`; None where no pack has a duty, or there is
        no flow.
    calendar_lacking: the years of which the holidays were needed and are not known.
    triaged: what was decided about the findings, where a log of decisions is at hand.
    since: how it took an earlier run further, where that was asked.
    held: what became of the findings since a baseline, where one was named; verdicts never move.
    """

    judgement: Judgement
    edges: pl.DataFrame
    parties: pl.DataFrame
    graph: FlowGraph
    traces: Traces
    findings: pl.DataFrame
    rejected: pl.DataFrame
    rows: Mapping[str, RowCount]
    inputs: tuple[InputFile, ...]
    packs: tuple[Pack, ...]
    options: Options
    notices: tuple[Problem, ...] = ()
    rejected_parties: pl.DataFrame = field(default_factory=REJECTED_PARTIES.to_frame)
    duty_rows: DutyRows = field(default_factory=DutyRows)
    as_of: datetime | None = None
    calendar_lacking: tuple[int, ...] = ()
    held: Held | None = None
    triaged: Triaged | None = None
    since: Since | None = None

    @cached_property
    def verdicts(self) -> pl.DataFrame:
        """A row per flow, sorted by flow_id."""
        return verdict_table(self.judgement)

    @cached_property
    def duties(self) -> pl.DataFrame:
        """All duties at once, columns as DUTIES; read `duty_rows` where they may be many."""
        return pl.concat([*self.duty_rows.pieces()])

    @cached_property
    def counts(self) -> Mapping[Layer, Mapping[Verdict, int]]:
        """How many flows have each verdict, per layer that has a pack."""
        counted = verdict_counts(self.judgement)
        judged = {pack.layer for pack in self.packs} | set(counted)
        none = dict.fromkeys(Verdict, 0)
        return {layer: counted.get(layer, none) for layer in Layer if layer in judged}

    @cached_property
    def conflicts(self) -> pl.DataFrame:
        """What one layer allows and the other forbids, as `conflicting.CONFLICTS`."""
        return conflicts(self.judgement)

    @property
    def severities(self) -> Mapping[Severity, int]:
        """How many findings have each severity."""
        found = dict(self.findings.group_by("severity").len().iter_rows())
        return {severity: found.get(severity.value, 0) for severity in Severity}

    @cached_property
    def run_id(self) -> str:
        """A digest of the inputs, the packs, the options and the version; no clock is in it."""
        return digest(
            {
                "inputs": sorted([each.table, each.digest, each.rows] for each in self.inputs),
                "packs": sorted([pack.layer, pack.id, pack.digest] for pack in self.packs),
                "options": asdict(self.options),
                "version": product_version(),
            }
        )


def account(audit: Audit) -> None:
    """Raises Unaccounted unless every flow was judged in each layer or rejected with a reason."""
    flows = audit.rows[FLOWS]
    rejected = audit.rejected.filter(pl.col("table") == FLOWS)
    claims = {
        "rows read": (flows.rows, flows.judged + flows.rejected + flows.repeated),
        "verdicts": (flows.judged, audit.judgement.flows.height),
        "rows with a reason": (flows.rejected, rejected.select("file", "position").n_unique()),
    }
    for layer, counts in audit.counts.items():
        claims[f"verdicts of {layer}"] = (flows.judged, sum(counts.values()))
    wrong = {what: claim for what, claim in claims.items() if claim[0] != claim[1]}
    if wrong:
        raise Unaccounted(f"rows are not accounted for: {wrong}")


def canonical(value: Any) -> bytes:  # noqa: ANN401 (whatever JSON can hold)
    """The one JSON text of a value: sorted keys, no blanks, UTF-8.

    A path may hold bytes that are no text: Python has them as lone surrogates, JSON escapes them.
    """
    spelled = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return spelled.encode(errors="backslashreplace")


def digest(value: Any) -> str:  # noqa: ANN401 (whatever JSON can hold)
    """The SHA-256 of the value's one JSON text."""
    return hashlib.sha256(canonical(value)).hexdigest()


def product_version() -> str:
    """The version of the distribution; `source` where the code runs without being installed."""
    try:
        return version("consent-audit")
    except PackageNotFoundError:
        return "source"
