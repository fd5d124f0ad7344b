"""The whole way of the data, from an export to an Audit; it reads like the list of its steps."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from audit.asking import Checked, Progress, Request, Setting, Stage, Tell
from audit.clauses.compiling import CONSENT_BASIS
from audit.clauses.reading import load_packs
from audit.evaluation.explaining import Explanation, explain
from audit.evaluation.judging import Judging
from audit.evaluation.owed import computed
from audit.evaluation.owing import Owing
from audit.evaluation.raising import Ledgers
from audit.evaluation.returning import give_back
from audit.facts.consents import CONSENTS
from audit.facts.gathering import CompiledRegisters
from audit.findings.grouping import find
from audit.findings.missed import with_missed
from audit.flowgraph.building import build, count_edges
from audit.flowgraph.tracing import trace
from audit.incremental.continuing import Continuing
from audit.keeping.shelf import shelf_of
from audit.outcome import FLOWS, REJECTED, REJECTED_PARTIES, Audit, InputFile, Options, RowCount
from audit.passing import Pass
from audit.problems import Problem, UsageRefused
from audit.records.checking import REGISTERS
from audit.records.moments import end_of
from audit.records.rejecting import once_each, reasons, reasons_by_id
from audit.scaling.driving import Order, foreknown, judged_by
from audit.scaling.workers import workers_of
from audit.vocabulary import Vocabulary, load_vocabulary
from audit.wording import Language

if TYPE_CHECKING:
    from datetime import datetime

    from audit.evaluation.judgement import Judgement
    from audit.evaluation.watching import Watching
    from audit.scaling.workers import Workers
    from audit.sources.export import Export

_T = TypeVar("_T")

__all__ = ["Checked", "Progress", "Request", "Stage", "Tell", "audit", "check"]


def audit(
    request: Request,
    tell: Tell = lambda _: None,
    judged: Callable[[Judgement], object] = lambda _: None,
) -> Audit:
    """The audit of an export; `judged` is told the judgement before the findings are looked for.

    Raises UsageRefused (packs, zone, source file), InputRefused (the tables as a whole) and
    ResourcesExhausted; a row that cannot be judged is in `rejected`, never lost.
    """
    tell(Progress(Stage.REGISTERS))
    setting = prepared(request)
    continuing = Continuing(setting)
    with workers_of(request.engine) as workers:
        judging, flows, owing = (
            _here(continuing, tell) if workers is None else _there(continuing, workers, tell)
        )
    tell(Progress(Stage.GRAPH, flows.kept))
    give_back()
    judgement = judging.finish()
    judged(judgement)
    found = _audit(setting, judgement, flows)
    found = replace(found, since=continuing.leave(found.run_id, flows))
    if owing is None or judging.watching is None:
        return found
    return _with_duties(setting, found, owing, judging.watching)


def _here(continuing: Continuing, tell: Tell) -> tuple[Judging, Pass, Owing | None]:
    """All flows judged by this process; the duties that they were held to."""
    setting = continuing.setting
    begun, compiled, owing = _beside(setting, continuing.begun)
    tell(Progress(Stage.FLOWS, 0, setting.export.rows(FLOWS)))
    return (*continuing.judged(partial(_judging, compiled, owing), tell, begun), owing)


def _there(
    continuing: Continuing, workers: Workers, tell: Tell
) -> tuple[Judging, Pass, Owing | None]:
    """The same by the workers."""
    setting = continuing.setting
    foreseen, compiled, owing = _beside(setting, partial(foreknown, setting))
    tell(Progress(Stage.FLOWS, 0, setting.export.rows(FLOWS)))
    known = foreseen.result()
    judging, flows = _judging(compiled, owing), continuing.through(known)
    order = Order(setting, compiled, judging.watching, known)
    for result in judged_by(workers, order, tell):
        judging.take(result.part)
        flows.take(result.passed)
    return judging, flows, owing


def _beside(
    setting: Setting, first: Callable[[], _T]
) -> tuple[Future[_T], CompiledRegisters, Owing | None]:
    """The registers compiled, and the duties of the packs, while something is done beside that."""
    with ThreadPoolExecutor(1) as aside:
        done = aside.submit(first)
        compiled = compiled_registers(setting)
        owing = _owing(setting, compiled)
        setting.known.let_go()
        return done, compiled, owing


def check(request: Request, tell: Tell = lambda _: None) -> Checked:
    """What would be rejected and why, without judging; raises as `audit` does."""
    tell(Progress(Stage.REGISTERS))
    setting = prepared(request)
    reading = Continuing(setting)
    known = reading.foreseen()
    flows = reading.through(known)
    tell(Progress(Stage.FLOWS, 0, setting.export.rows(FLOWS)))
    flows.use(_nothing, _nothing, tell)
    if known is None and (repeated := flows.batches.repeated()):
        flows = reading.through(repeated)
        flows.use(_nothing, _nothing, tell)
    rejected = _rejected(setting, flows)
    return Checked(_rows(setting, flows), rejected, _notices(setting, flows, frozenset()))


def explained(request: Request, flow_id: str) -> Explanation:
    """Why the flow got its verdict; raises UsageRefused where no flow of this id can be judged."""
    setting = prepared(request)
    compiled = compiled_registers(setting)
    flows, asked = Continuing(setting).through(None), pl.col("flow_id") == flow_id
    found = list(flows.made(lambda frame: frame.filter(asked), lambda _: None))
    if flow_id in flows.batches.repeated():  # its other row may have been rejected for more
        raise UsageRefused(Problem("flow-repeated", {"flow": flow_id}))
    rows = pl.concat(found) if found else pl.DataFrame()
    if rows.is_empty():
        raise UsageRefused(Problem("flow-unknown", {"flow": flow_id}))
    return explain(rows, compiled, setting.registers.concerning(rows.row(0, named=True)))


def prepared(request: Request) -> Setting:
    """What a run is given; its registers are read, or taken as they were kept, when asked for.

    Raises as `audit` does, for the registers when they are asked for.
    """
    packs = load_packs(request.packs)
    declared = {code: kind for pack in packs for code, kind in pack.evidence_kinds.items()}
    vocabulary = load_vocabulary().with_evidence(declared)
    export = request.open()
    refuse_unknown_registers(export.complete, vocabulary)
    shelf = shelf_of() if request.keep else None
    return Setting(request, export, packs, vocabulary, shelf, _as_of(request, export))


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
        duty_rows=told.rows,
        as_of=told.instant,
        calendar_lacking=tuple(sorted(told.lacking)),
        notices=(*found.notices, *lacking),
    )


def _nothing(_: object) -> bool:
    """What a check makes of a batch, which it only reads."""
    return False


def _audit(setting: Setting, judgement: Judgement, flows: Pass) -> Audit:
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


def _rejected(setting: Setting, flows: Pass) -> pl.DataFrame:
    """Every rejected record with its reason in the language of the run."""
    found = chain([setting.told.rejected], flows.rejected)
    return pl.concat(_with_reasons(records, setting.request.language) for records in found)


def _with_reasons(records: pl.DataFrame, language: Language) -> pl.DataFrame:
    """The records with their reasons; as they may be many, their texts lie once."""
    told = records.with_columns(reason=reasons(records, language))
    return pl.DataFrame(
        once_each(told[name]) if kind == pl.String else pl.Series(name, told[name].to_list(), kind)
        for name, kind in REJECTED.items()
    )


def _rows(setting: Setting, flows: Pass) -> dict[str, RowCount]:
    """What became of the rows of each table."""
    lost = dict(setting.told.rejected.group_by("table").len().iter_rows())
    counts = {FLOWS: RowCount(flows.kept + flows.lost, flows.kept, flows.lost)}
    for name in REGISTERS:
        kept, repeated = setting.told.valid[name], setting.told.dropped[name]
        rejected = lost.get(name, 0)
        counts[name] = RowCount(kept + rejected + repeated, kept, rejected, repeated)
    return counts


def _inputs(setting: Setting, flows: Pass) -> tuple[InputFile, ...]:
    files = (*flows.batches.inputs, *setting.told.inputs)
    return tuple(InputFile(file.table, file.name, file.sha256, file.rows) for file in files)


def _notices(setting: Setting, flows: Pass, met: frozenset[str]) -> tuple[Problem, ...]:
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
