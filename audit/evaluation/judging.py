"""Judging batches of flows: facts, signatures, decisions, outcomes and tallies, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.evaluation.deciding import decide
from audit.evaluation.judgement import CODES, TALLIES, TALLY_SUBJECTS, Judgement
from audit.evaluation.judgement import VERDICTS as VERDICT_COLUMNS
from audit.evaluation.outcomes import Ledger, Numbered, outcomes_of
from audit.evaluation.sayings import LayerUnits, layer_units
from audit.evaluation.units import Signatures, Units, flow_states, signatures, units_of
from audit.facts.evidence import NOT_INFERRED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from audit.facts.gathering import CompiledRegisters, Facts
    from audit.facts.pairs import Places

EXAMPLES = 3
EDGE = ("sender", "recipient", "operation", "purpose")
CLAIMS = ("basis", "channel")
KEYS = (*EDGE, "outcome")


@dataclass
class Judging:
    """A run under way: batches go in, the Judgement comes out; their order cannot matter."""

    registers: CompiledRegisters
    ledger: Ledger = field(init=False)
    verdicts: list[pl.DataFrame] = field(default_factory=list)
    carried: list[pl.DataFrame] = field(default_factory=list)
    tallies: list[pl.DataFrame] = field(default_factory=list)
    subjects: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.registers.program, self.registers.sets)

    def add(self, batch: pl.DataFrame) -> None:
        """Judge a batch of valid flows (columns as records.checking types them)."""
        if batch.is_empty():
            return
        # Few distinct words: as categories they are compared as numbers from here on.
        coded = batch.with_columns(pl.col(*EDGE, *CLAIMS).cast(pl.Categorical))
        facts = self.registers.facts(coded)
        distinct, numbered = self._numbered(facts)
        outcome = numbered.outcome[distinct.of_flow]
        keyed = coded.with_columns(pl.Series("outcome", outcome, dtype=pl.UInt32))
        inferred = self._inferred(facts, numbered.asked_evidence[distinct.of_flow])
        self.verdicts.append(keyed.select("flow_id", "outcome", inferred=inferred))
        self.carried.append(self._carrying(keyed["flow_id"], facts, distinct, numbered))
        self.tallies.append(_tallied(keyed))
        self.subjects.append(_subjects(keyed))

    def finish(self) -> Judgement:
        """Everything judged; verdicts sorted by flow id, tallies by their key."""
        final = self.ledger.settled()
        renumbered = partial(_renumbered, final=pl.Series(final, dtype=pl.UInt32))
        tallies = _merged([renumbered(part) for part in self.tallies])
        units = self.ledger.units(final)
        return Judgement(
            verdicts=_with_consents([renumbered(part) for part in self.verdicts], self.carried),
            outcomes=outcomes_of(units),
            units=units,
            tallies=tallies,
            tally_subjects=_counted([renumbered(part) for part in self.subjects], tallies),
        )

    def _numbered(self, facts: Facts) -> tuple[Signatures, Numbered]:
        """The distinct signatures of a batch and their outcomes."""
        states = flow_states(self.registers.program, facts)
        distinct = signatures(facts, states)
        units = units_of(self.registers.program, facts, distinct.shown_by, states)
        layers = decided_layers(self.registers, facts, distinct.shown_by, units)
        return distinct, self.ledger.number(facts.flows.sets[distinct.shown_by], units, layers)

    def _inferred(self, facts: Facts, asked: NDArray[np.bool_]) -> pl.Series:
        """The smallest uncited evidence that a clause in force rests on; null where none is."""
        rows = np.full(len(asked), NOT_INFERRED)
        for place, kind in enumerate(self.ledger.kinds):
            proof = np.where(asked[:, place], facts.proofs[kind].inferred, NOT_INFERRED)
            rows = np.minimum(rows, proof)
        found = pl.Series(rows, dtype=pl.Int64).replace(NOT_INFERRED, None)
        return self.registers.evidence.ids.gather(found)

    def _carrying(
        self, flow_ids: pl.Series, facts: Facts, distinct: Signatures, numbered: Numbered
    ) -> pl.DataFrame:
        """Per flow that a consent decides the consent_ids that carry it, sorted."""
        carrying = facts.said.carrying
        unit = numbered.first_unit[distinct.of_flow[carrying.flow]] + carrying.position
        used = numbered.consented[unit]
        pairs = pl.DataFrame({"flow": carrying.flow[used], "row": carrying.row[used]}).unique()
        told = pairs.select(
            flow_id=flow_ids.gather(pairs["flow"]),
            consents=self.registers.consents.ids.gather(pairs["row"]),
        )
        return told.group_by("flow_id").agg(pl.col("consents").sort())


def decided_layers(
    registers: CompiledRegisters, facts: Facts, shown_by: Places, units: Units
) -> list[LayerUnits]:
    """What each pack decides of the units of these flows."""
    basis = facts.flows.codes["basis"][shown_by][units.signature]
    return [
        layer_units(pack, units, decide(pack, units.states, registers.claimed(pack)[basis]))
        for pack in registers.program.packs
    ]


def judge(batches: Iterable[pl.DataFrame], registers: CompiledRegisters) -> Judgement:
    """The judgement of all batches."""
    judging = Judging(registers)
    for batch in batches:
        judging.add(batch)
    return judging.finish()


def _with_consents(
    verdicts: Sequence[pl.DataFrame], carried: Sequence[pl.DataFrame]
) -> pl.DataFrame:
    """Judgement.verdicts: by flow id, an empty list of consents where none decided."""
    schema = pl.Schema({name: VERDICT_COLUMNS[name] for name in ("flow_id", "consents")})
    plain = {name: kind for name, kind in VERDICT_COLUMNS.items() if name != "consents"}
    rows = _stacked(verdicts, pl.Schema(plain)).sort("flow_id")
    told = rows.join(
        _stacked(carried, schema), on="flow_id", how="left", maintain_order="left", validate="1:1"
    )
    return told.with_columns(pl.col("consents").fill_null(pl.lit([], dtype=CODES)))


def _renumbered(part: pl.DataFrame, final: pl.Series) -> pl.DataFrame:
    return part.with_columns(final.gather(part["outcome"]).alias("outcome"))


def _tallied(keyed: pl.DataFrame) -> pl.DataFrame:
    """What flows of one edge and outcome add up to."""
    return keyed.group_by(KEYS).agg(
        pl.len().cast(pl.Int64).alias("flows"),
        pl.col("records").fill_null(1).sum().alias("records"),
        pl.col("occurred_at").min().alias("first_seen"),
        pl.col("occurred_at").max().alias("last_seen"),
        pl.col("flow_id").bottom_k(EXAMPLES).alias("examples"),
    )


def _merged(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The tallies of all batches as one, numbered in the order of their key."""
    if not parts:
        return pl.DataFrame(schema=TALLIES)
    return (
        pl.concat(parts)
        .group_by(KEYS)
        .agg(
            pl.col("flows", "records").sum(),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
            pl.col("examples").explode().bottom_k(EXAMPLES).sort(),
        )
        .with_columns(pl.col(*EDGE).cast(pl.String))
        .sort(KEYS)
        .with_row_index("tally")
        .select(list(TALLIES))
    )


def _subjects(keyed: pl.DataFrame) -> pl.DataFrame:
    """The distinct subjects of each edge and outcome, as hashes: names do not leave the batch."""
    return keyed.select(*KEYS, pl.col("subject_id").hash(seed=0).alias("subject")).unique()


def _counted(parts: Sequence[pl.DataFrame], tallies: pl.DataFrame) -> pl.DataFrame:
    if not parts:
        return pl.DataFrame(schema=TALLY_SUBJECTS)
    keys = tallies.select("tally", *KEYS).with_columns(pl.col(*EDGE).cast(pl.Categorical))
    found = pl.concat(parts).join(keys, on=KEYS, validate="m:1")
    return found.select("tally", "subject").unique().sort("tally", "subject")


def _stacked(parts: Sequence[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *(part.select(list(schema)) for part in parts)])
