"""The whole way of the data, from an export to an Audit; it reads like the list of its steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from audit.asking import DEFAULT_PACKS, Checked, Progress, Request, Setting, Stage, Tell
from audit.clauses.compiling import CONSENT_BASIS
from audit.clauses.reading import load_packs
from audit.evaluation.explaining import Explanation, explain
from audit.evaluation.judging import Judging, in_categories
from audit.evaluation.owed import computed
from audit.evaluation.owing import Owing
from audit.evaluation.raising import Ledgers
from audit.facts.consents import CONSENTS
from audit.facts.gathering import CompiledRegisters
from audit.findings.grouping import find
from audit.findings.missed import with_missed
from audit.flowgraph.building import build, count_edges
from audit.flowgraph.tracing import trace
from audit.keeping.registers import Asked, known_registers
from audit.keeping.shelf import shelf_of
from audit.outcome import FLOWS, REJECTED, REJECTED_PARTIES, Audit, InputFile, Options, RowCount
from audit.problems import Problem, UsageRefused
from audit.records.checking import REGISTERS, FlowBatch, FlowBatches, flow_batches
from audit.records.moments import end_of
from audit.records.rejecting import reasons, reasons_by_id
from audit.sources.opening import open_export
from audit.vocabulary import Vocabulary, load_vocabulary
from audit.wording import Language

if TYPE_CHECKING:
    from datetime import datetime

    from audit.evaluation.judgement import Judgement
    from audit.evaluation.watching import Watching
    from audit.sources.export import Export

__all__ = ["DEFAULT_PACKS", "Checked", "Progress", "Request", "Stage", "Tell", "audit", "check"]


def _made_ready(batch: FlowBatch) -> FlowBatch:
    """What can be done to a batch while the one before is judged."""
    return replace(batch, frame=in_categories(batch.frame))


@dataclass
class _Pass:
    """One pass over the flows: what was rejected, and how many were kept."""

    batches: FlowBatches
    rejected: list[pl.DataFrame] = field(default_factory=list)
    claims: Counter[str] = field(default_factory=Counter)
    kept: int = 0

    def frames(self, tell: Tell) -> Iterator[pl.DataFrame]:
        """The valid flows batch by batch; the next batch is read while this one is judged."""
        batches = map(_made_ready, self.batches)
        with ThreadPoolExecutor(1) as reader:
            ahead = reader.submit(next, batches, None)
            while (batch := ahead.result()) is not None:
                ahead = reader.submit(next, batches, None)
                self.rejected.append(batch.rejected)
                self.kept += batch.frame.height
                claims = batch.frame["basis"].drop_nulls().value_counts()
                self.claims.update(dict(claims.iter_rows()))
                yield batch.frame
                tell(Progress(Stage.FLOWS, self.kept + sum(map(len, self.rejected))))


def audit(request: Request, tell: Tell = lambda _: None) -> Audit:
    """The audit of an export.

    Raises UsageRefused (packs, zone, source file), InputRefused (the tables as a whole) and
    ResourcesExhausted; a row that cannot be judged is in `rejected`, never lost.
    """
    tell(Progress(Stage.REGISTERS))
    setting = prepared(request)
    compiled = compiled_registers(setting)
    owing = _owing(setting, compiled)
    judging, flows = _judged(setting, partial(_judging, compiled, owing), tell)
    tell(Progress(Stage.GRAPH, flows.kept))
    found = _audit(setting, judging.finish(), flows)
    if owing is None or judging.watching is None:
        return found
    return _with_duties(setting, found, owing, judging.watching)


def check(request: Request, tell: Tell = lambda _: None) -> Checked:
    """What would be rejected and why, without judging; raises as `audit` does."""
    tell(Progress(Stage.REGISTERS))
    setting = prepared(request)
    known = _foreseen(setting)
    flows = _read(setting, known or frozenset(), lambda _: None, tell)
    if known is None and (repeated := flows.batches.repeated()):
        flows = _read(setting, repeated, lambda _: None, tell)
    rejected = _rejected(setting, flows)
    return Checked(_rows(setting, flows), rejected, _notices(setting, flows, frozenset()))


def explained(request: Request, flow_id: str) -> Explanation:
    """Why the flow got its verdict; raises UsageRefused where no flow of this id can be judged."""
    setting = prepared(request)
    compiled = compiled_registers(setting)
    found: list[pl.DataFrame] = []
    asked = pl.col("flow_id") == flow_id
    flows = _read(
        setting, frozenset(), lambda frame: found.append(frame.filter(asked)), lambda _: None
    )
    if flow_id in flows.batches.repeated():  # its other row may have been rejected for more
        raise UsageRefused(Problem("flow-repeated", {"flow": flow_id}))
    rows = pl.concat(found) if found else pl.DataFrame()
    if rows.is_empty():
        raise UsageRefused(Problem("flow-unknown", {"flow": flow_id}))
    return explain(rows, compiled, setting.registers.concerning(rows.row(0, named=True)))


def prepared(request: Request) -> Setting:
    """The registers of an export, read or as they were kept; raises as `audit` does."""
    packs = load_packs(request.packs)
    declared = {code: kind for pack in packs for code, kind in pack.evidence_kinds.items()}
    vocabulary = load_vocabulary().with_evidence(declared)
    export = open_export(request.export, request.timezone)
    refuse_unknown_registers(export.complete, vocabulary)
    as_of = _as_of(request, export)
    shelf = shelf_of() if request.keep else None
    known = known_registers(Asked(export, packs, vocabulary), shelf)
    return Setting(request, export, packs, vocabulary, known, as_of)


def _as_of(request: Request, export: Export) -> datetime | None:
    """Until when duties are looked at, where that was said."""
    if request.as_of is None:
        return None
    instant = end_of(request.as_of, export.timezone)
    if instant is None:
        raise UsageRefused(Problem("as-of-unreadable", {"written": request.as_of}))
    return instant


def refuse_unknown_registers(complete: frozenset[str], vocabulary: Vocabulary) -> None:
    """A register declared complete by a name that is none would be declared so in vain."""
    known = {CONSENTS, FLOWS, *(f"evidence.{kind}" for kind in vocabulary.evidence_kinds)}
    if strange := sorted(complete - known):
        facts = {"names": ", ".join(strange), "known": ", ".join(sorted(known))}
        raise UsageRefused(Problem("complete-unknown", facts))


def compiled_registers(setting: Setting) -> CompiledRegisters:
    """The registers as arrays."""
    return setting.known.compiled()


def _judging(compiled: CompiledRegisters, owing: Owing | None) -> Judging:
    return Judging(compiled, owing.watching() if owing else None)


def _judged(setting: Setting, fresh: Callable[[], Judging], tell: Tell) -> tuple[Judging, _Pass]:
    """One pass; a second one where flow ids only then turned out to be repeated."""
    judging, known = fresh(), _foreseen(setting)
    flows = _read(setting, known or frozenset(), judging.add, tell)
    if known is None and (repeated := flows.batches.repeated()):
        judging = fresh()
        flows = _read(setting, repeated, judging.add, tell)
    return judging, flows


def _owing(setting: Setting, compiled: CompiledRegisters) -> Owing | None:
    """The duties of the packs; None where there is none, and nothing is watched for."""
    if not computed(setting.packs):
        return None
    rows, complete = setting.known.owed(), setting.export.complete
    return Owing(setting.packs, compiled, Ledgers(rows, setting.told, complete))


def _with_duties(setting: Setting, found: Audit, owing: Owing, watching: Watching) -> Audit:
    lost = found.rows[FLOWS].rejected > 0
    told = owing.settled(watching, setting.as_of, flows_lost=lost)
    findings = (found.findings, told.rows, setting.background, setting.request.language)
    years = ", ".join(map(str, sorted(told.lacking)))
    lacking = (Problem("calendar-lacking", {"years": years}),) if years else ()
    return replace(
        found,
        findings=with_missed(*findings),
        duties=told.rows,
        as_of=told.instant,
        calendar_lacking=tuple(sorted(told.lacking)),
        notices=(*found.notices, *lacking),
    )


def _foreseen(setting: Setting) -> frozenset[str] | None:
    return flow_batches(setting.export, setting.vocabulary).foreseen()


def _read(
    setting: Setting, exclude: frozenset[str], use: Callable[[pl.DataFrame], None], tell: Tell
) -> _Pass:
    flows = _Pass(flow_batches(setting.export, setting.vocabulary, exclude))
    for frame in flows.frames(tell):
        use(frame)
    return flows


def _audit(setting: Setting, judgement: Judgement, flows: _Pass) -> Audit:
    parties, vocabulary, request = setting.told.parties, setting.vocabulary, setting.request
    edges = count_edges(judgement)
    graph = build(judgement, edges, parties)
    traces = trace(edges, graph, parties, vocabulary)
    met = frozenset(graph.nodes.filter(pl.col("seen"))["party_id"])
    return Audit(
        judgement=judgement,
        edges=edges,
        parties=parties,
        graph=graph,
        traces=traces,
        findings=find(judgement, traces, setting.background, request.language),
        rejected=_rejected(setting, flows),
        rows=_rows(setting, flows),
        inputs=_inputs(setting, flows),
        packs=setting.packs,
        options=Options(
            language=request.language,
            timezone=setting.export.timezone,
            complete=tuple(sorted(setting.export.complete)),
            as_of=setting.as_of.isoformat() if setting.as_of else None,
        ),
        notices=_notices(setting, flows, met),
        rejected_parties=_rejected_parties(setting),
    )


def _rejected_parties(setting: Setting) -> pl.DataFrame:
    told = reasons_by_id(setting.told.rejected, "parties")
    named = {"id": "party_id", **{each.value: f"rejected_{each}" for each in Language}}
    return told.rename(named).select(REJECTED_PARTIES.names()).sort("party_id")


def _rejected(setting: Setting, flows: _Pass) -> pl.DataFrame:
    """Every rejected record with its reason in the language of the run."""
    records = pl.concat([setting.told.rejected, *flows.rejected])
    told = records.with_columns(reasons(records, setting.request.language).alias("reason"))
    return told.select(pl.col(name).cast(kind) for name, kind in REJECTED.items())


def _rows(setting: Setting, flows: _Pass) -> dict[str, RowCount]:
    """What became of the rows of each table."""
    lost = dict(setting.told.rejected.group_by("table").len().iter_rows())
    lost_flows = sum(map(len, flows.rejected))
    counts = {FLOWS: RowCount(flows.kept + lost_flows, flows.kept, lost_flows)}
    for name in REGISTERS:
        kept, repeated = setting.told.valid[name], setting.told.dropped[name]
        rejected = lost.get(name, 0)
        counts[name] = RowCount(kept + rejected + repeated, kept, rejected, repeated)
    return counts


def _inputs(setting: Setting, flows: _Pass) -> tuple[InputFile, ...]:
    files = (*flows.batches.inputs, *setting.told.inputs)
    return tuple(InputFile(file.table, file.name, file.sha256, file.rows) for file in files)


def _notices(setting: Setting, flows: _Pass, met: frozenset[str]) -> tuple[Problem, ...]:
    """What the reader should know, of the export, its registers and its flows."""
    strangers = [
        Problem("recipient-nowhere", {"party": name})
        for name in setting.told.unregistered_recipients
        if name not in met
    ]
    claims = {CONSENT_BASIS, *(clause.id for pack in setting.packs for clause in pack.clauses)}
    empty = [
        Problem("basis-unknown", {"basis": basis, "count": count})
        for basis, count in sorted(flows.claims.items())
        if basis not in claims
    ]
    told = (setting.export.notices, setting.told.notices, flows.batches.notices)
    return (*(notice for notices in told for notice in notices), *empty, *strangers)
