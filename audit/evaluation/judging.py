"""Judging batches of flows: facts, signatures, decisions, outcomes and tallies, batch by batch."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.evaluation.deciding import decide
from audit.evaluation.drafting import Drafting
from audit.evaluation.exports import Exporting, exportings
from audit.evaluation.folding import outcomes_of
from audit.evaluation.judgement import Judgement
from audit.evaluation.kinds import Kinds
from audit.evaluation.ordered import Held, by_flow_id
from audit.evaluation.outcomes import Ledger, Numbered
from audit.evaluation.part import FLOWS, Part, renumbered
from audit.evaluation.people import People
from audit.evaluation.recognising import Recognised
from audit.evaluation.sayings import LayerUnits, layer_units
from audit.evaluation.signing import Signed, Signing
from audit.evaluation.spooling import LaidDown, Spool
from audit.evaluation.tallying import EDGE, Tallying, first_flows
from audit.evaluation.units import Units, signatures, units_of
from audit.facts.evidence import NOT_INFERRED
from audit.facts.rows import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from audit.evaluation.ordered import InOrder
    from audit.evaluation.signing import Table
    from audit.evaluation.tallying import Tallied
    from audit.evaluation.watching import Watching
    from audit.facts.flows import Flows
    from audit.facts.gathering import CompiledRegisters, Facts
    from audit.facts.pairs import Places

CLAIMS = ("basis", "channel")


def in_categories(batch: pl.DataFrame) -> pl.DataFrame:
    """The batch, columns of few distinct words as categories, which are compared as numbers."""
    return batch.with_columns(pl.col(*EDGE, *CLAIMS).cast(pl.Categorical))


@dataclass(frozen=True)
class Gathered:
    """A batch of valid flows with the facts that clauses ask of them."""

    rows: pl.DataFrame  # as `in_categories` makes them
    facts: Facts


@dataclass(frozen=True)
class Judged:
    """What is told of the flows of a batch, each by the place of its signature in `numbered`."""

    numbered: Numbered
    signature: Places
    inferred: pl.Series
    consents: pl.Series


@dataclass
class Judging:
    """A run under way: batches go in, the Judgement comes out; their order cannot matter."""

    registers: CompiledRegisters
    watching: Watching | None = None  # for what duties look for
    kinds: Kinds = field(init=False)
    ledger: Ledger = field(init=False)
    signing: Signing = field(init=False)
    drafting: Drafting = field(init=False)
    exporting: tuple[Exporting, ...] = field(init=False)
    tallying: Tallying = field(init=False)
    recognised: Recognised = field(default_factory=Recognised)
    flows: Spool = field(default_factory=Spool)

    def __post_init__(self) -> None:
        program, sets = self.registers.program, self.registers.sets
        self.kinds = Kinds(program.words)
        self.ledger = Ledger(program, sets)
        self.signing = Signing(program, sets, self.kinds)
        self.drafting = Drafting(program.drafts)
        self.exporting = exportings(self.registers)
        self.tallying = Tallying(People(self.registers.numbering.subjects))

    def gathered(self, batch: pl.DataFrame) -> Gathered:
        """The facts of a batch of valid flows (columns as records.checking types them).

        May be asked of the next batch in another thread while this one is added.
        """
        coded = in_categories(batch)
        return Gathered(coded, self.registers.facts(coded))

    def add(self, batch: Gathered) -> pl.DataFrame:
        """Judge a batch; what is told of each flow (columns as part.FLOWS)."""
        coded, facts = batch.rows, batch.facts
        if coded.is_empty():
            return pl.DataFrame(schema=FLOWS)
        numbered, signature = self._numbered(facts)
        inferred = self._inferred(facts, numbered.asked_evidence[signature])
        carrying = self._carrying(facts, numbered, signature)
        return self.count(coded, facts.flows, Judged(numbered, signature, inferred, carrying))

    def count(self, coded: pl.DataFrame, flows: Flows, judged: Judged) -> pl.DataFrame:
        """Add a batch of flows that are judged; what is told of each (columns as part.FLOWS)."""
        numbered, signature = judged.numbered, judged.signature
        tally = self.tallying.add(coded, numbered.outcome[signature], flows.subject)
        self.drafting.add(coded, numbered.moves, signature)
        if self.watching:
            self.watching.add(coded, flows)
        for each in self.exporting:
            each.add(coded, flows)
        told = {
            "tally": pl.Series(tally, dtype=pl.UInt32),
            "signature": pl.Series(numbered.signed[signature], dtype=pl.UInt32),
            "inferred": judged.inferred,
            "consents": judged.consents,
        }
        judged_flows = coded.select("flow_id", **told)
        self.flows.add(judged_flows)
        return judged_flows

    def part(self) -> Part:
        """All that was gathered up to now, as another judging takes it."""
        return Part(
            sets=self.registers.sets.named(np.arange(len(self.registers.sets))),
            kinds=self.kinds.rows.all.copy(),
            entries=self.ledger.part(),
            signatures=self.signing.part(),
            counted=self.tallying.part(),
            moved=self.drafting.part(),
            exported=tuple(each.part() for each in self.exporting),
            watched=self.watching.part() if self.watching else None,
            flows=self.flows.part(),
        )

    def take(self, part: Part) -> None:
        """Add what another judging gathered under the same packs, as if its flows were added."""
        sets, kinds = self.registers.sets.of(part.sets), self.kinds.rows.number(part.kinds)
        signatures = self.signing.take(part.signatures, sets, kinds)
        tallies = self.tallying.take(part.counted, self.ledger.take(part.entries, sets))
        self.drafting.take(part.moved)
        for each, exported in zip(self.exporting, part.exported, strict=True):
            each.take(exported)
        if self.watching and part.watched:
            self.watching.take(part.watched)
        for flows in part.flows:
            self.flows.add(renumbered(flows, tallies, signatures))

    def finish(self) -> Judgement:
        """Everything judged; verdicts sorted by flow id, tallies by their key."""
        final = self.ledger.settled()
        tallied = self.tallying.settled(final)
        with ThreadPoolExecutor(1) as aside:
            met = aside.submit(self.tallying.whom, tallied)
            flows, first, table = self._flows(tallied)
            spread = self.ledger.spread(final)
        return Judgement(
            flows=flows,
            outcomes=outcomes_of(spread),
            spread=spread,
            tallies=tallied.with_examples(first),
            met=met.result(),
            signed=Signed(table.conditions, table.rows, flows) if table else None,
            drafts=self.drafting.settled(),
            exports=tuple(each.settled() for each in self.exporting),
        )

    def _flows(self, tallied: Tallied) -> tuple[InOrder, pl.DataFrame, Table | None]:
        """The flows in order, the first ones of each tally, and the table of their signatures."""
        outcome = tallied.sums["outcome"].to_numpy()[tallied.place]
        if self.flows.laid is not None:
            self.flows.lay_down()
            table = self.signing.settled(self.flows.signed)
            laid = LaidDown(self.flows.laid, outcome, table.place if table else None)
            first = self.flows.first
            places = pl.Series(tallied.place[first["tally"].to_numpy()])
            return laid, first.with_columns(tally=places), table
        every = pl.concat([pl.DataFrame(schema=FLOWS), *self.flows.held], rechunk=True)
        flows = by_flow_id(every)
        place, signature = tallied.place[flows["tally"].to_numpy()], flows["signature"].to_numpy()
        table = self.signing.settled(np.bincount(signature))
        told = {"outcome": pl.Series(outcome[flows["tally"].to_numpy()])}
        if table:
            told["signature"] = pl.Series(table.place[signature])
        first = first_flows(place, flows["flow_id"], tallied.sums.height)
        return Held(flows.select("flow_id", "inferred", "consents", **told)), first, table

    def _numbered(self, facts: Facts) -> tuple[Numbered, Places]:
        """What was decided of signatures, and the place of each flow's signature there."""
        distinct = signatures(self.registers.program, facts)

        def decide(fresh: Places) -> Numbered:
            shown_by = distinct.shown_by[fresh]
            units = units_of(self.registers.program, facts, shown_by)
            sets, basis = facts.flows.sets[shown_by], facts.flows.codes["basis"][shown_by]
            return self.decided(sets, basis, units)

        numbered, places = self.recognised.numbered(distinct.rows, decide)
        return numbered, places[distinct.of_flow]

    def decided(self, sets: Places, basis: Places, units: Units) -> Numbered:
        """What is decided of signatures with these category sets, claims and units."""
        kinds = self.kinds.number(basis, units)
        self._decide()
        sizes = np.bincount(units.signature, minlength=len(sets))
        numbered = self.ledger.number(sets, kinds, sizes)
        signed = self.signing.number(sets, kinds, sizes)
        moves = self.drafting.moves(kinds, numbered.first_unit)
        return replace(numbered, signed=signed, moves=moves)

    def _decide(self) -> None:
        """Decide the kinds of units of which nothing is said yet."""
        claims, units = self.kinds.units(self.ledger.of_kind.size)
        if len(claims):
            layers = layers_of(self.registers, claims, units)
            self.ledger.tell(layers)
            self.drafting.tell(self.registers.program, units, layers)

    def _inferred(self, facts: Facts, asked: NDArray[np.bool_]) -> pl.Series:
        """The smallest uncited evidence that a clause in force rests on; null where none is."""
        rows = np.full(len(asked), NOT_INFERRED)
        for place, kind in enumerate(self.ledger.kinds):
            proof = np.where(asked[:, place], facts.proofs[kind].inferred, NOT_INFERRED)
            rows = np.minimum(rows, proof)
        found = pl.Series(rows, dtype=pl.Int64).replace(NOT_INFERRED, None)
        return self.registers.evidence.ids.gather(found)

    def _carrying(self, facts: Facts, numbered: Numbered, signature: Places) -> pl.Series:
        """Per flow the consent_ids that carry it where a consent decides, sorted; else none."""
        carrying = facts.said.carrying
        unit = numbered.first_unit[signature[carrying.flow]] + carrying.position
        used = numbered.consented[unit]
        ids = self.registers.consents.ids.gather(carrying.row[used])
        pairs = pl.DataFrame({"flow": carrying.flow[used], "id": ids}).unique().sort("flow", "id")
        counts = np.bincount(pairs["flow"].to_numpy(), minlength=len(facts.flows))
        return listed(pairs["id"], counts).alias("consents")


def decided_layers(
    registers: CompiledRegisters, facts: Facts, shown_by: Places, units: Units
) -> list[LayerUnits]:
    """What each pack decides of the units of these flows."""
    return layers_of(registers, facts.flows.codes["basis"][shown_by], units)


def layers_of(registers: CompiledRegisters, basis: Places, units: Units) -> list[LayerUnits]:
    """What each pack decides of the units of signatures that claim this."""
    claimed = basis[units.signature]
    return [
        layer_units(pack, units, decide(pack, units.states, registers.claimed(pack)[claimed]))
        for pack in registers.program.packs
    ]


def judge(batches: Iterable[pl.DataFrame], registers: CompiledRegisters) -> Judgement:
    """The judgement of all batches."""
    judging = Judging(registers)
    for batch in batches:
        judging.add(judging.gathered(batch))
    return judging.finish()


def judgement_of(parts: Iterable[Part], registers: CompiledRegisters) -> Judgement:
    """The judgement of all parts: that of all their flows judged at once, whatever their order."""
    judging = Judging(registers)
    for part in parts:
        judging.take(part)
    return judging.finish()
