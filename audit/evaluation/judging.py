"""Judging batches of flows: facts, signatures, decisions, outcomes and tallies, batch by batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.evaluation.deciding import NONE, decide
from audit.evaluation.judgement import TALLIES, TALLY_SUBJECTS, Judgement
from audit.evaluation.judgement import VERDICTS as VERDICT_COLUMNS
from audit.evaluation.outcomes import Ledger, layer_units
from audit.evaluation.units import Units, flow_states, signatures, units_of
from audit.facts.evidence import NOT_INFERRED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.clauses.compiling import PackProgram
    from audit.facts.gathering import CompiledRegisters, Facts
    from audit.facts.pairs import Places

EXAMPLES = 3
KEYS = ("sender", "recipient", "operation", "purpose", "outcome")


@dataclass
class Judging:
    """A run under way: batches go in, the Judgement comes out; the order of batches cannot matter."""

    registers: CompiledRegisters
    ledger: Ledger = field(init=False)
    verdicts: list[pl.DataFrame] = field(default_factory=list)
    tallies: list[pl.DataFrame] = field(default_factory=list)
    subjects: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.registers.program)

    def add(self, batch: pl.DataFrame) -> None:
        """Judge a batch of valid flows (columns as records.checking types them)."""
        if batch.is_empty():
            return
        facts = self.registers.facts(batch)
        outcome = self._outcomes(facts)
        keyed = batch.with_columns(pl.Series("outcome", outcome, dtype=pl.UInt32))
        self.verdicts.append(self._verdicts(batch, facts, outcome))
        self.tallies.append(_tallied(keyed))
        self.subjects.append(_subjects(keyed))

    def finish(self) -> Judgement:
        """Everything judged; verdicts sorted by flow id, tallies by their key."""
        final = pl.Series(self.ledger.settled(), dtype=pl.UInt32)
        renumbered = partial(_renumbered, final=final)
        tallies = _merged([renumbered(part) for part in self.tallies])
        verdicts = _stacked([renumbered(part) for part in self.verdicts], VERDICT_COLUMNS)
        return Judgement(
            verdicts=verdicts.sort("flow_id"),
            outcomes=self.ledger.outcomes(),
            units=self.ledger.units(),
            tallies=tallies,
            tally_subjects=_numbered([renumbered(part) for part in self.subjects], tallies),
        )

    def _outcomes(self, facts: Facts) -> Places:
        """The outcome of each flow."""
        program, sets = self.registers.program, self.registers.sets
        states = flow_states(program, facts)
        distinct = signatures(facts, sets, *states)
        shown = distinct.shown_by
        covered = self.registers.parties.covered_categories
        units = units_of(program, facts, sets, shown, covered, states)
        claims = facts.codes["basis"][shown][units.signature]
        layers = [
            layer_units(pack, units, decide(pack, units.true, units.false, self._claimed(pack)[claims]))
            for pack in program.packs
        ]
        names = [sets.names[number] for number in facts.flows.sets[shown]]
        return self.ledger.number(names, units, layers)[distinct.of_flow]

    def _claimed(self, pack: PackProgram) -> Places:
        """The clause of the pack that each value of basis names, or NONE."""
        place = {clause_id: i for i, clause_id in enumerate(pack.ids)}
        domain = self.registers.program.domains["basis"]
        return np.array([place.get(value or "", NONE) for value in domain], dtype=np.int64)

    def _verdicts(self, batch: pl.DataFrame, facts: Facts, outcome: Places) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "flow_id": batch["flow_id"],
                "outcome": pl.Series(outcome, dtype=pl.UInt32),
                "inferred": self._inferred(facts, outcome),
                "consents": self._carrying(facts, outcome),
            },
            schema=VERDICT_COLUMNS,
        )

    def _inferred(self, facts: Facts, outcome: Places) -> pl.Series:
        """The smallest uncited evidence that a clause in force rests on; null where there is none."""
        rows = np.full(len(outcome), NOT_INFERRED)
        for kind, asking in self.ledger.asking(tuple(facts.proofs)).items():
            used = np.where(asking[outcome], facts.proofs[kind].inferred, NOT_INFERRED)
            rows = np.minimum(rows, used)
        some = rows != NOT_INFERRED
        places = pl.Series(np.where(some, rows, 0)).set(pl.Series(~some), None)
        return self.registers.evidence.ids.gather(places) if some.any() else _nulls(len(rows))

    def _carrying(self, facts: Facts, outcome: Places) -> pl.Series:
        """The consent_ids that carry a deciding consent, sorted; an empty list for other flows."""
        sets, carrying = self.registers.sets, facts.said.carrying
        used = self.ledger.consented(int(sets.sizes.max(initial=1)))[
            outcome[carrying.flow], carrying.position
        ]
        pairs = pl.DataFrame({"flow": carrying.flow[used], "row": carrying.row[used]}).unique()
        ids = self.registers.consents.ids
        told = (
            pairs.sort("flow", "row")
            .with_columns(consents=ids.gather(pairs.sort("flow", "row")["row"]))
            .group_by("flow", maintain_order=True)
            .agg("consents")
        )
        empty = pl.lit([], dtype=pl.List(pl.String))
        flows = pl.DataFrame({"flow": np.arange(len(outcome))})
        joined = flows.join(told, on="flow", how="left", maintain_order="left", validate="m:1")
        return joined.select(pl.col("consents").fill_null(empty)).to_series()


def judge(batches: Iterable[pl.DataFrame], registers: CompiledRegisters) -> Judgement:
    """The judgement of all batches."""
    judging = Judging(registers)
    for batch in batches:
        judging.add(batch)
    return judging.finish()


def _renumbered(part: pl.DataFrame, final: pl.Series) -> pl.DataFrame:
    return part.with_columns(final.gather(part["outcome"]).alias("outcome"))


def _nulls(size: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, size)


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
    schema = {name: kind for name, kind in TALLIES.items() if name != "tally"}
    return (
        _stacked(parts, pl.Schema(schema))
        .group_by(KEYS)
        .agg(
            pl.col("flows", "records").sum(),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
            pl.col("examples").explode().bottom_k(EXAMPLES).sort(),
        )
        .sort(KEYS)
        .with_row_index("tally")
        .select(list(TALLIES))
    )


def _subjects(keyed: pl.DataFrame) -> pl.DataFrame:
    """The distinct subjects of each edge and outcome, as hashes: names do not leave the batch."""
    return keyed.select(*KEYS, pl.col("subject_id").hash(seed=0).alias("subject")).unique()


def _numbered(parts: Sequence[pl.DataFrame], tallies: pl.DataFrame) -> pl.DataFrame:
    if not parts:
        return pl.DataFrame(schema=TALLY_SUBJECTS)
    found = pl.concat(parts).join(tallies.select("tally", *KEYS), on=KEYS, validate="m:1")
    return found.select("tally", "subject").unique().sort("tally", "subject")


def _stacked(parts: Sequence[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *(part.select(list(schema)) for part in parts)])
