"""Flows of an export judged again under a change that is only supposed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from audit.changes.packs import changed_packs
from audit.changes.registers import changed_registers
from audit.changes.touching import Touched, touched
from audit.clauses.clause import Layer
from audit.evaluation.judgement import outcome_table
from audit.evaluation.judging import judge
from audit.keeping.registers import Asked
from audit.problems import Problem, UsageRefused
from audit.records.checking import check_registers, flow_batches
from audit.running import Progress, Request, Stage, Tell, prepared, refuse_unknown_registers
from audit.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from audit.asking import Setting
    from audit.changes.change import Supposition
    from audit.clauses.clause import Pack
    from audit.facts.gathering import CompiledRegisters
    from audit.records.checking import Registers
    from audit.sources.export import Export
    from audit.vocabulary import Vocabulary

_T = TypeVar("_T")


@dataclass(frozen=True)
class Rejudged:
    """The verdicts of the flows that the change can touch, as a run leaves them.

    verdicts: flow_id, `<layer>_verdict` and `<layer>_decided_by`; a flow that the run rejected, as
        its id is repeated, may be among them.
    whole: every flow was judged again, not only those of some parties or subjects.
    """

    verdicts: pl.DataFrame
    whole: bool


@dataclass(frozen=True)
class Supposed:
    """A run as a change supposes it, and which of its flows are to be judged again."""

    export: Export
    vocabulary: Vocabulary
    compiled: CompiledRegisters
    touched: Touched


def rejudge(request: Request, change: Supposition, tell: Tell = lambda _: None) -> Rejudged:
    """The flows of the export that the change can touch, judged under it; nothing is written.

    Raises UsageRefused with every fault of the change, and what an audit raises.
    """
    tell(Progress(Stage.REGISTERS))
    supposed = _supposed(request, change)
    batches = _touched_flows(supposed, tell)
    judgement = judge(batches, supposed.compiled)
    told = judgement.verdicts.filter(pl.col("flow_id").is_unique()).join(
        outcome_table(judgement.outcomes), on="outcome", how="left", validate="m:1"
    )
    layers = [f"{layer}_{said}" for layer in Layer for said in ("verdict", "decided_by")]
    return Rejudged(told.select("flow_id", *layers), supposed.touched.everything)


def kinds_of(packs: tuple[Pack, ...]) -> Vocabulary:
    """The vocabulary with the kinds of evidence that these packs declare."""
    declared = {code: kind for pack in packs for code, kind in pack.evidence_kinds.items()}
    return load_vocabulary().with_evidence(declared)


def _supposed(request: Request, change: Supposition) -> Supposed:
    setting = prepared(request)
    faults: list[Problem] = []
    packs = _tried(lambda: changed_packs(request.packs, change.packs), setting.packs, faults)
    vocabulary = kinds_of(packs)
    export = replace(setting.export, complete=setting.export.complete | change.complete)
    _tried(lambda: refuse_unknown_registers(change.complete, vocabulary), None, faults)
    before = _registers(setting, vocabulary)
    after = _tried(
        lambda: changed_registers(before, change, vocabulary, export.timezone), before, faults
    )
    if faults:
        raise UsageRefused(*faults)
    compiled = Asked(export, packs, vocabulary).compile(after)
    return Supposed(setting.export, vocabulary, compiled, touched(before, after, change))


def _tried(what: Callable[[], _T], otherwise: _T, faults: list[Problem]) -> _T:
    """What is asked for; where it is refused the faults are kept for all to be told at once."""
    try:
        return what()
    except UsageRefused as refusal:
        faults += refusal.problems
        return otherwise


def _registers(setting: Setting, vocabulary: Vocabulary) -> Registers:
    """The registers as they stand, read again where kinds of evidence mean something else now."""
    if vocabulary.evidence_kinds == setting.vocabulary.evidence_kinds:
        return setting.registers
    return check_registers(setting.export, vocabulary)


def _touched_flows(supposed: Supposed, tell: Tell) -> Iterator[pl.DataFrame]:
    """The flows that the change can touch, of those that are valid by themselves."""
    batches = flow_batches(supposed.export, supposed.vocabulary)
    mask, rows = supposed.touched.mask(), 0
    for batch in batches:
        rows += batch.frame.height + batch.rejected.height
        yield batch.frame.filter(mask)
        tell(Progress(Stage.FLOWS, rows))
