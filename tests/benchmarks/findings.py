"""A run of as many findings as asked: `python -m tests.benchmarks.findings FOLDER`.

The judgement is drawn, everything after it is the product's own: grouping, telling, writing. The
same arguments give the same run.
"""

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from audit.clauses.clause import Layer, Verdict
from audit.evaluation import judgement as tables
from audit.evaluation.judgement import Judgement
from audit.evaluation.meeting import Met
from audit.evaluation.ordered import Held
from audit.evaluation.spread import Spread
from audit.findings.grouping import find
from audit.flowgraph.building import build, count_edges
from audit.flowgraph.tracing import trace
from audit.outcome import REJECTED, Audit, InputFile, Options, RowCount
from audit.reports.run_folder import leave
from audit.vocabulary import load_vocabulary
from audit.wording import Language
from tests.benchmarks.dice import Numbers
from tests.judged import PERMITTED, Unit, background, packs, parties

_DAWN = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1_000_000)
_YEAR = 365 * 86_400 * 1_000_000
_CATEGORIES = ("contact.phone", "identity.name", "billing.arrears", "location.trace", "health")
_PURPOSES = ("service.repair", "marketing.telemarketing", "collection.arrears", "public.health")
_OPERATIONS = ("share", "entrust", "disclose", "store")
_CAUSES = (
    Unit(Verdict.VIOLATION, ("no-ground",), nearest="consent", lacking=("consented",)),
    Unit(Verdict.VIOLATION, ("3-2-7c",), nearest="3-2-7b", lacking=("necessary_data",)),
    Unit(Verdict.VIOLATION, ("3-2-7c",), nearest="3-2-9.1", lacking=("evidence arrears",)),
    Unit(Verdict.VIOLATION, ("6-1",), nearest="3-2-7b", lacking=("within_recipient_scope",)),
    Unit(Verdict.INDETERMINATE, possible=("3-2-7b",), unknown=("recipient_authorised",)),
    Unit(Verdict.INDETERMINATE, possible=("consent",), unknown=("consented",)),
)
_PARTIES, _UNREGISTERED = 1200, 0.03


@dataclass(frozen=True)
class Drawn:
    """The tallies to be: as numbers of parties, outcomes, purposes; one array each."""

    sender: Numbers
    recipient: Numbers
    outcome: Numbers
    flows: Numbers
    subjects: Numbers


def outcomes() -> list[tuple[str, Unit]]:
    """A data category and what is said of it; the last are permitted."""
    bad = [(category, unit) for unit in _CAUSES for category in _CATEGORIES]
    return [*bad, *((category, PERMITTED) for category in _CATEGORIES)]


def draw(findings: int, seed: int) -> Drawn:
    """As many distinct causes between parties as there are findings, and a tenth permitted."""
    rng, kinds = np.random.default_rng(seed), _PARTIES * _PARTIES
    bad, good = len(_CAUSES) * len(_CATEGORIES) * kinds, len(_CATEGORIES) * kinds
    cells = np.concatenate(
        [_distinct(rng, bad, findings), bad + _distinct(rng, good, findings // 10)]
    )
    wanted = len(cells)
    flows = np.minimum(rng.zipf(1.9, wanted), 60)
    subjects = np.maximum(1, (flows * rng.random(wanted)).astype(np.int64))
    pairs = cells % kinds
    return Drawn(pairs // _PARTIES, pairs % _PARTIES, cells // kinds, flows, subjects)


def _distinct(rng: np.random.Generator, below: int, wanted: int) -> Numbers:
    """So many distinct numbers, in no order."""
    drawn = np.unique(rng.integers(0, below, wanted + wanted // 5 + 100))
    return rng.permutation(drawn)[:wanted]


def register(rng: np.random.Generator) -> pl.DataFrame:
    """Most of the parties, of every role in turn."""
    roles = load_vocabulary().roles
    rows = [
        {
            "party_id": party_id(number),
            "name": f"演示机构{number:04d}有限公司",
            "role": roles[number % len(roles)],
            "purposes": [_PURPOSES[number % len(_PURPOSES)]],
        }
        for number in range(_PARTIES)
        if number == 0 or rng.random() > _UNREGISTERED
    ]
    return parties(*rows)


def party_id(number: int) -> str:
    """The id of the party of this number."""
    return f"P-{number:04d}"


def judgement(drawn: Drawn, seed: int) -> Judgement:
    """The five tables of what was drawn."""
    rng, told = np.random.default_rng(seed + 1), outcomes()
    return Judgement(
        flows=Held(_verdicts(drawn)),
        outcomes=_outcome_rows(told),
        spread=Spread.of(_unit_rows(told)),
        tallies=_tallies(drawn, rng),
        met=Met.of(_subjects(drawn, rng), len(drawn.outcome)),
    )


def _verdicts(drawn: Drawn) -> pl.DataFrame:
    outcome = pl.Series("outcome", np.repeat(drawn.outcome, drawn.flows), pl.UInt32)
    return (
        outcome.to_frame()
        .with_row_index("number")
        .select(
            "outcome",
            flow_id=_flow_id(pl.col("number")),
            inferred=pl.lit(None, pl.String),
            consents=pl.lit([], tables.CODES),
        )
        .select(tables.VERDICTS.names())
    )


def _tallies(drawn: Drawn, rng: np.random.Generator) -> pl.DataFrame:
    height, names = len(drawn.flows), np.array([party_id(number) for number in range(_PARTIES)])
    first = rng.integers(_DAWN, _DAWN + _YEAR, height)
    lasted = (drawn.flows - 1) * rng.integers(0, 86_400_000_000, height)
    columns = {
        "tally": np.arange(height),
        "sender": names[drawn.sender],
        "recipient": names[drawn.recipient],
        "operation": np.array(_OPERATIONS)[rng.integers(0, len(_OPERATIONS), height)],
        "purpose": np.array(_PURPOSES)[rng.integers(0, len(_PURPOSES), height)],
        "outcome": drawn.outcome,
        "flows": drawn.flows,
        "records": drawn.flows * rng.integers(1, 50, height),
        "whole_base": np.zeros(height, dtype=np.bool_),
        "first_seen": first,
        "last_seen": first + lasted,
        "start": np.cumsum(drawn.flows) - drawn.flows,
    }
    examples = [pl.when(pl.col("flows") > n).then(_flow_id(pl.col("start") + n)) for n in range(3)]
    instants = pl.col("first_seen", "last_seen").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    frame = pl.DataFrame(columns).with_columns(
        instants, examples=pl.concat_list(examples).list.drop_nulls()
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in tables.TALLIES.items())


def _flow_id(number: pl.Expr) -> pl.Expr:
    return pl.lit("F-") + number.cast(pl.String).str.zfill(9)


def _outcome_rows(told: list[tuple[str, Unit]]) -> pl.DataFrame:
    rows = [
        (
            number,
            Layer.CONTRACT.value,
            unit.verdict.value,
            list(unit.decided_by),
            list(unit.possible),
            [] if unit is PERMITTED else [category],
            [unit.nearest] if unit.nearest else [],
        )
        for number, (category, unit) in enumerate(told)
    ]
    return pl.DataFrame(rows, schema=tables.OUTCOMES, orient="row")


def _unit_rows(told: list[tuple[str, Unit]]) -> pl.DataFrame:
    rows = [
        (
            number,
            Layer.CONTRACT.value,
            category,
            unit.verdict.value,
            list(unit.decided_by),
            list(unit.possible),
            unit.nearest,
            list(unit.lacking),
            list(unit.unknown),
        )
        for number, (category, unit) in enumerate(told)
    ]
    return pl.DataFrame(rows, schema=tables.UNITS, orient="row")


def _subjects(drawn: Drawn, rng: np.random.Generator) -> pl.DataFrame:
    tally = np.repeat(np.arange(len(drawn.flows)), drawn.subjects)
    subject = rng.integers(0, 1_000_000, len(tally))
    pairs = pl.DataFrame({"tally": tally, "subject": subject}).unique().sort("tally", "subject")
    return pairs.cast(tables.TALLY_SUBJECTS)


def audited(findings: int, seed: int) -> Audit:
    """The run; onward transfers are not followed, so that every finding is one that was drawn."""
    judged, registered = (
        judgement(draw(findings, seed), seed),
        register(np.random.default_rng(seed)),
    )
    edges = count_edges(judged)
    graph = build(judged, edges, registered)
    traces = trace(edges.head(0), graph, registered, load_vocabulary())
    flows = judged.verdicts.height
    return Audit(
        judgement=judged,
        edges=edges,
        parties=registered,
        graph=graph,
        traces=traces,
        findings=find(judged, traces, background(registered), Language.zh),
        rejected=pl.DataFrame(schema=REJECTED),
        rows={"flows": RowCount(flows, flows, 0)},
        inputs=(InputFile("flows", "flows.parquet", f"{findings:064x}", flows),),
        packs=packs(),
        options=Options(Language.zh, "+08:00"),
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    leave(audited(told.findings, told.seed), told.folder)


if __name__ == "__main__":
    main()
