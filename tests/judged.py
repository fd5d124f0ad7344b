"""Judgements written by hand: flows with the verdict of each unit, folded as evaluation does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl

from audit.clauses.clause import Layer, Pack, Verdict
from audit.clauses.reading import load_packs
from audit.evaluation import judgement as tables
from audit.evaluation.judgement import Judgement
from audit.evaluation.meeting import Met
from audit.evaluation.ordered import Held
from audit.evaluation.spread import Spread
from audit.findings.background import Background
from audit.findings.grouping import find
from audit.flowgraph.building import build, count_edges
from audit.flowgraph.tracing import Traces, trace
from audit.outcome import REJECTED, Audit, InputFile, Options, RowCount
from audit.vocabulary import load_vocabulary
from audit.wording import Language

DAWN = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Unit:
    """What one layer says of one data category of a flow."""

    verdict: Verdict = Verdict.PERMITTED
    decided_by: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    nearest: str | None = None
    lacking: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


PERMITTED = Unit(decided_by=("3-2-7b",))
NO_GROUND = Unit(Verdict.VIOLATION, ("no-ground",), nearest="consent", lacking=("consented",))


@dataclass(frozen=True)
class Flow:
    """One judged flow; `day` counts from the first of 2025, no subject: everybody (`*`)."""

    flow_id: str
    sender: str = "CAR"
    recipient: str = "PTR-1"
    units: Mapping[str, Unit] = field(default_factory=lambda: {"contact.phone": PERMITTED})
    statute: Mapping[str, Unit] | None = None
    operation: str = "share"
    purpose: str = "service.repair"
    day: float = 0
    subject: int | None = 1
    records: int = 1

    def judged(self) -> dict[Layer, Mapping[str, Unit]]:
        """The units of each layer that judged the flow."""
        layers = {Layer.CONTRACT: self.units}
        return layers if self.statute is None else layers | {Layer.STATUTE: self.statute}

    def when(self) -> datetime:
        """When it occurred."""
        return DAWN + timedelta(days=self.day)


def judgement(*flows: Flow) -> Judgement:
    """The five tables of these flows."""
    outcomes = {_outcome(flow): flow for flow in flows}
    numbers = {outcome: number for number, outcome in enumerate(sorted(outcomes))}
    told = {numbers[outcome]: flow for outcome, flow in outcomes.items()}
    folded = _folded(flows, numbers)
    return Judgement(
        flows=Held(
            _frame(
                [(flow.flow_id, numbers[_outcome(flow)], None, []) for flow in flows],
                tables.VERDICTS,
            )
        ),
        outcomes=_frame(
            [
                (number, layer.value, *_outcome_row(units))
                for number, flow in sorted(told.items())
                for layer, units in flow.judged().items()
            ],
            tables.OUTCOMES,
        ),
        spread=Spread.of(
            _frame(
                [
                    (number, layer.value, category, *_unit_row(unit))
                    for number, flow in sorted(told.items())
                    for layer, units in flow.judged().items()
                    for category, unit in sorted(units.items())
                ],
                tables.UNITS,
            )
        ),
        tallies=_frame(
            [(tally, *key, *_tally_row(same)) for tally, (key, same) in enumerate(folded.items())],
            tables.TALLIES,
        ),
        met=Met.of(_frame(_met(folded), tables.TALLY_SUBJECTS), len(folded)),
    )


def _met(folded: Mapping[tuple[str | int, ...], list[Flow]]) -> list[tuple[int, int]]:
    return [
        (tally, subject)
        for tally, same in enumerate(folded.values())
        for subject in sorted({flow.subject for flow in same if flow.subject is not None})
    ]


def _outcome(flow: Flow) -> str:
    return repr([(layer, sorted(units.items())) for layer, units in flow.judged().items()])


def _folded(
    flows: Sequence[Flow], numbers: Mapping[str, int]
) -> dict[tuple[str | int, ...], list[Flow]]:
    folded: dict[tuple[str | int, ...], list[Flow]] = {}
    for flow in flows:
        key = (flow.sender, flow.recipient, flow.operation, flow.purpose, numbers[_outcome(flow)])
        folded.setdefault(key, []).append(flow)
    return folded


def _outcome_row(
    units: Mapping[str, Unit],
) -> tuple[str, list[str], list[str], list[str], list[str]]:
    worst = max((unit.verdict for unit in units.values()), key=lambda verdict: verdict.gravity)
    those = {category: unit for category, unit in sorted(units.items()) if unit.verdict == worst}
    bad = worst in {Verdict.VIOLATION, Verdict.INDETERMINATE}
    return (
        worst.value,
        sorted({clause for unit in those.values() for clause in unit.decided_by}),
        sorted({clause for unit in those.values() for clause in unit.possible}),
        list(those) if bad else [],
        [str(unit.nearest) for unit in those.values()] if worst == Verdict.VIOLATION else [],
    )


def _unit_row(unit: Unit) -> tuple[str | list[str] | None, ...]:
    return (
        unit.verdict.value,
        list(unit.decided_by),
        list(unit.possible),
        unit.nearest,
        list(unit.lacking),
        list(unit.unknown),
    )


def _tally_row(same: Sequence[Flow]) -> tuple[int, int, bool, datetime, datetime, list[str]]:
    return (
        len(same),
        sum(flow.records for flow in same),
        any(flow.subject is None for flow in same),
        min(flow.when() for flow in same),
        max(flow.when() for flow in same),
        sorted(flow.flow_id for flow in same)[:3],
    )


def _frame(rows: Sequence[Sequence[object]], schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def parties(*rows: Mapping[str, object]) -> pl.DataFrame:
    """A register of parties; what a row does not say is null."""
    schema = pl.Schema(
        {
            "party_id": pl.String(),
            "name": pl.String(),
            "role": pl.String(),
            "purposes": tables.CODES,
            "data_categories": tables.CODES,
            "agreement_from": tables.INSTANT,
            "agreement_until": tables.INSTANT,
            "country": pl.String(),
            "legal_role": pl.String(),
            "licence": pl.String(),
            "parent": pl.String(),
        }
    )
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def carrier() -> dict[str, object]:
    """The row of the carrier CAR."""
    return {"party_id": "CAR", "name": "Carrier", "role": "carrier"}


def partner(party_id: str, *purposes: str, **other: object) -> dict[str, object]:
    """The row of an authorised partner with this registered scope."""
    scope = list(purposes) or None
    row = {"party_id": party_id, "name": f"Partner {party_id}", "role": "authorized_partner"}
    return {**row, "purposes": scope, **other}


@cache
def packs() -> tuple[Pack, ...]:
    """The agreement's pack."""
    return load_packs(["telecom_agreement"])


def background(register: pl.DataFrame) -> Background:
    """What findings on these parties are told against, in the zone of Shanghai."""
    return Background(register, packs(), load_vocabulary(), ZoneInfo("Asia/Shanghai"))


def traced(judged: Judgement, register: pl.DataFrame) -> Traces:
    """The checks on the graph of this judgement."""
    edges = count_edges(judged)
    return trace(edges, build(judged, edges, register), register, load_vocabulary())


def found(judged: Judgement, register: pl.DataFrame) -> pl.DataFrame:
    """The findings of this judgement, in English."""
    return find(judged, traced(judged, register), background(register), Language.en)


def audited(judged: Judgement, register: pl.DataFrame) -> Audit:
    """The whole audit of this judgement; one more row of flows was rejected."""
    edges = count_edges(judged)
    fault = ("flows", "flows.csv", 9, "occurred_at", "2025-**", "unreadable", "=not a time")
    flows = judged.verdicts.height
    return Audit(
        judgement=judged,
        edges=edges,
        parties=register,
        graph=build(judged, edges, register),
        traces=traced(judged, register),
        findings=found(judged, register),
        rejected=pl.DataFrame([fault], schema=REJECTED, orient="row"),
        rows={
            "flows": RowCount(flows + 1, flows, 1),
            "parties": RowCount(register.height, register.height, 0),
        },
        inputs=(InputFile("flows", "flows.csv", "f" * 64, flows + 1),),
        packs=packs(),
        options=Options(Language.en, "+08:00"),
    )
