"""Running witnesses: what a world is said to do, the engine must find in its tables."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.analysing.drafting import Draft, unwritable
from audit.analysing.formulas import Ruling
from audit.analysing.reached import Reached
from audit.clauses.clause import NO_GROUND, Verdict
from audit.evaluation.deciding import decide, met, standing
from audit.evaluation.units import units_of
from audit.records.checking import flow_batches
from audit.records.tables import table
from audit.running import Request, compiled_registers, prepared
from audit.sources.export import TABLES
from audit.vocabulary import Truth, load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.analysing.drafting import Row
    from audit.analysing.space import Space, World
    from audit.facts.pairs import Truths

SOURCE = "export.toml"
_BY_GRAVITY = {verdict.gravity: verdict for verdict in Verdict}


@dataclass(frozen=True)
class Said:
    """What a pack says of a flow: of every clause whether it is met and in force; the verdict."""

    met: dict[str, Truth]
    in_force: dict[str, Truth]
    verdict: Verdict

    @property
    def standing(self) -> tuple[str, ...]:
        """The clauses in force, no-ground last."""
        told = [clause for clause, truth in self.in_force.items() if truth is Truth.TRUE]
        return tuple(sorted(told, key=lambda clause: (clause == NO_GROUND, clause)))


def expected(space: Space, world: World, pack: int) -> Said:
    """What the pack says of a world, by the outcomes of its conditions."""
    told = [
        max(Truth(int(each.outcomes[world[each.variable]])) for each in reading)
        for reading in space.readings
    ]
    bodies = space.bodies[pack]
    holds = [min((told[bit] for bit in bits), default=Truth.TRUE) for bits in bodies]
    reached = Reached(bodies, np.array([holds], dtype=np.int8), np.zeros((1, 0), dtype=np.int64))
    force, gravity = (look(space, Ruling(pack)) for look in (reached.in_force, reached.gravity))
    ids = space.program.packs[pack].ids
    return _said(ids, reached.values[0], force[0], _BY_GRAVITY[int(gravity[0])])


def write_tables(folder: Path, space: Space, worlds: Sequence[World]) -> Path:
    """The worlds as an export, one flow each (W0000 and so on); gives its source file."""
    vocabulary = load_vocabulary().with_evidence(space.program.evidence_kinds)
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for number, world in enumerate(worlds):
        for name, more in Draft(space, world, number, vocabulary).written().items():
            rows[name] += more
    for name in TABLES:
        schema = dict.fromkeys((column.name for column in table(name).columns), pl.String)
        pl.DataFrame(rows[name], schema=schema).write_csv(folder / f"{name}.csv")
    complete = ["consents", *(f"evidence.{kind}" for kind in vocabulary.evidence_kinds)]
    listed = ", ".join(f'"{name}"' for name in complete)
    paths = "".join(f'\n[tables.{name}]\npaths = ["{name}.csv"]\n' for name in TABLES)
    source = folder / SOURCE
    source.write_text(f'timezone = "+08:00"\ncomplete = [{listed}]\n{paths}', encoding="utf-8")
    return source


def heard(source: Path, pack: str) -> dict[str, Said]:
    """What the engine finds of every flow of an export under a pack, by flow_id."""
    setting = prepared(Request(source, (pack,)))
    registers = compiled_registers(setting)
    program = registers.program.packs[0]
    told: dict[str, Said] = {}
    for batch in flow_batches(setting.export, setting.vocabulary):
        facts = registers.facts(batch.frame)
        every = np.arange(batch.frame.height)
        units = units_of(registers.program, facts, every).states
        holds = met(program, units)
        claimed = registers.claimed(program)[facts.flows.codes["basis"]]
        decided = decide(program, units, claimed)
        force = standing(program, holds)
        for place, flow in enumerate(batch.frame["flow_id"]):
            verdict = _BY_GRAVITY[int(decided.verdict[place])]
            told[flow] = _said(program.ids, holds[place], force[place], verdict)
    return told


def _said(ids: tuple[str, ...], holds: Truths, force: Truths, verdict: Verdict) -> Said:
    return Said(
        met={clause: Truth(value) for clause, value in zip(ids, holds.tolist(), strict=True)},
        in_force={clause: Truth(value) for clause, value in zip(ids, force.tolist(), strict=True)},
        verdict=verdict,
    )


def confirmed(space: Space, worlds: Sequence[World], packs: Sequence[str]) -> list[bool]:
    """Of each world whether the engine, given its tables, finds just what is expected.

    `packs` names the packs of the space as they are read. What cannot be written as rows is not
    confirmed.
    """
    if not worlds or unwritable(space):
        return [False] * len(worlds)
    with tempfile.TemporaryDirectory() as folder:
        source = write_tables(Path(folder), space, worlds)
        found = [heard(source, name) for name in packs]
    return [
        all(
            told.get(f"W{number:04}") == expected(space, world, pack)
            for pack, told in enumerate(found)
        )
        for number, world in enumerate(worlds)
    ]
