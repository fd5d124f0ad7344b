"""What would be known of a unit if codes were known that are not: the registers, asked again.

A purpose that is told more precisely, or a role that is registered, answers more than the
conditions that name it: the scope of a contract, say, or whether a consent covers the flow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from audit.evaluation.units import States, units_of
from audit.vocabulary import OPERATION_CONTACT, ROLE_CARRIER, ROLE_SUBJECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from audit.clauses.compiling import Program, Words
    from audit.facts.flows import Flows
    from audit.facts.gathering import CompiledRegisters
    from audit.facts.pairs import Truths

    Codes = tuple[str, ...]

_OF_FLOW = {"operation": "operation", "purpose": "purpose", "data": "data_categories"}
_SIDES = {"sender_role": "sender", "recipient_role": "recipient"}


@dataclass(frozen=True)
class Axis:
    """A fact that is a code, with the codes that it may be, in classes nothing tells apart."""

    fact: str
    classes: tuple[Codes, ...]


@dataclass(frozen=True)
class Supposed:
    """What is true and false of a unit, for every choice of codes.

    Shape: per axis its classes, before them the code as it stands; last, the words.
    """

    axes: tuple[Axis, ...]
    true: Words
    false: Words


@dataclass(frozen=True)
class Unit:
    """One data category of one flow, and the registers that it is judged by."""

    registers: CompiledRegisters
    flow: pl.DataFrame  # one row
    category: str

    @property
    def row(self) -> dict[str, Any]:
        """The flow as it was read."""
        return self.flow.row(0, named=True)

    @property
    def one_party(self) -> bool:
        """Whether the flow stays with its sender, whose role is then both roles."""
        return bool(self.row["sender"] == self.row["recipient"])


def suppose(
    unit: Unit, state: States, codes: Mapping[str, Sequence[str]], asked: Words
) -> Supposed:
    """The unit as it stands, and under every combination of these codes for these facts.

    Of a party that sends to itself the recipient's facts speak for both sides. `state` is what is
    known of the unit as it stands (one row), `asked` the conditions that matter. The registers are
    asked again only where a code can answer more than the conditions that name it.
    """
    sides = [fact for fact in _SIDES if fact in codes and _answers_more(unit, fact, codes)]
    axes = {fact: _alike(unit, fact, codes[fact]) for fact in (*sides, *_OF_FLOW) if fact in codes}
    true, false = _asked_again(unit, axes) if axes else (state.true[0], state.false[0])
    for fact, listed in codes.items():
        if fact not in axes:
            axes[fact] = [(code,) for code in listed]
            rows = _table_rows(unit, fact, listed)
            own = np.bitwise_or.reduce(np.concatenate(rows))
            true, false = (
                _spread(words, more, own) for words, more in zip((true, false), rows, strict=True)
            )
    return _in_classes(axes, (true, false), asked)


def _answers_more(unit: Unit, fact: str, codes: Mapping[str, Sequence[str]]) -> bool:
    """Whether the role of a party can tell more than the conditions that name it.

    Where the sender may be contacting the subject it tells who holds the data; a consent may name
    the recipient's role; evidence may have to be issued by another than the carrier.
    """
    registers, row = unit.registers, unit.row
    if "operation" in codes or row["operation"] == OPERATION_CONTACT:
        return True
    number = registers.parties.numbers.get(row[_SIDES[fact]])
    if number is not None and (registers.evidence.issuer == number).any():
        return True
    return fact == "recipient_role" and bool(_roles_named(unit))


def _asked_again(unit: Unit, axes: Mapping[str, Sequence[Codes]]) -> tuple[Words, Words]:
    """The states of the unit under these roles and these cells of the flow."""
    choices: dict[str, list[str | None]] = {
        fact: [None, *(alike[0] for alike in classes)] for fact, classes in axes.items()
    }
    roles = [fact for fact in choices if fact in _SIDES]
    cells = [fact for fact in choices if fact in _OF_FLOW]
    registers = unit.registers
    for side in _SIDES.values():
        registers = _naming(registers, unit.row[side])
    flows = registers.flows(_flows(unit, cells, list(product(*(choices[fact] for fact in cells)))))
    states = []
    for chosen in product(*(choices[fact] for fact in roles)):
        acting = {unit.row[_SIDES[f]]: role for f, role in zip(roles, chosen, strict=True) if role}
        states.append(_states(with_roles(registers, acting), flows))
    shape = (*(len(choices[fact]) for fact in (*roles, *cells)), -1)
    true = np.concatenate([each.true for each in states]).reshape(shape)
    return true, np.concatenate([each.false for each in states]).reshape(shape)


def _flows(
    unit: Unit, cells: Sequence[str], chosen: Sequence[tuple[str | None, ...]]
) -> pl.DataFrame:
    """The flow with each choice of cells, of this one category."""
    rows = []
    for codes in chosen:
        row = {**unit.row, "data_categories": unit.category}
        row |= {_OF_FLOW[f]: code for f, code in zip(cells, codes, strict=True) if code}
        rows.append({**row, "data_categories": [row["data_categories"]]})
    return pl.DataFrame(rows, schema=unit.flow.schema)


def _states(registers: CompiledRegisters, flows: Flows) -> States:
    """What is true and false of flows of one category each."""
    facts = registers.facts_of(registers.held(flows))
    every, program = np.arange(len(flows)), registers.program
    return units_of(program, facts, every).states


def _alike(unit: Unit, fact: str, codes: Iterable[str]) -> list[Codes]:
    """Codes that it is enough to try one of.

    Roles are told apart by conditions, by consents that name one, and by who holds the data.
    """
    if fact not in _SIDES:
        return [(code,) for code in codes]
    place = unit.registers.numbering.places[fact]
    named = {ROLE_SUBJECT, ROLE_CARRIER, *_roles_named(unit)}
    classes: dict[object, list[str]] = {}
    for role in codes:
        rows = [_row(unit.registers.program, side, place[role]) for side in _both(unit, fact)]
        classes.setdefault((role if role in named else None, *rows), []).append(role)
    return [tuple(each) for each in classes.values()]


def _roles_named(unit: Unit) -> list[str]:
    """The roles that consents of the flow's subject name."""
    consents, numbering = unit.registers.consents, unit.registers.numbering
    subject = numbering.subjects.find(unit.flow["subject_id"])
    _, rows = consents.rows.pairs(subject)
    domain = numbering.domains["recipient_role"]
    return [str(domain[place]) for place in np.unique(consents.role[rows]) if place > 0]


def _both(unit: Unit, fact: str) -> list[str]:
    """The fact, for a flow that stays with one party also the same of its other side."""
    if unit.one_party and fact.startswith("recipient_"):
        return [fact, fact.replace("recipient", "sender")]
    return [fact]


def _row(program: Program, fact: str, place: int) -> tuple[bytes, ...]:
    if fact not in program.tables:
        return ()
    table = program.tables[fact]
    return table.true[place].tobytes(), table.false[place].tobytes()


def _table_rows(unit: Unit, fact: str, codes: Sequence[str]) -> tuple[Words, Words]:
    """What each code makes of the conditions that ask it, and before them the code as it stands."""
    program = unit.registers.program
    found = []
    for kind in ("true", "false"):
        rows = np.zeros((len(codes) + 1, program.words), dtype=np.uint64)
        for side in _both(unit, fact):
            if side in program.tables:
                places = [program.domains[side].index(code) for code in codes]
                rows[1:] |= getattr(program.tables[side], kind)[places]
        found.append(rows)
    return found[0], found[1]


def _spread(words: Words, rows: Words, own: Words) -> Words:
    """One axis more, before the words; after the code as it stands, what each code makes of it."""
    kept = np.where(
        np.arange(len(rows))[:, None] == 0, words[..., None, :], words[..., None, :] & ~own
    )
    return kept | rows


def _in_classes(
    told: Mapping[str, Sequence[Codes]], states: tuple[Words, Words], asked: Words
) -> Supposed:
    """Codes under which the same is known, whatever the other codes, are one class."""
    true, false = states
    axes = []
    for axis, (fact, codes) in enumerate(told.items()):
        both = np.concatenate([true & asked, false & asked], axis=-1)
        rows = np.moveaxis(both, axis, 0).reshape(both.shape[axis], -1)
        classes: dict[bytes, list[int]] = {}
        for place in range(1, len(rows)):
            if not np.array_equal(rows[place], rows[0]):
                classes.setdefault(rows[place].tobytes(), []).append(place)
        kept = [0, *(places[0] for places in classes.values())]
        true, false = np.take(true, kept, axis), np.take(false, kept, axis)
        merged = (sum((codes[i - 1] for i in places), ()) for places in classes.values())
        axes.append(Axis(fact, tuple(merged)))
    return Supposed(tuple(axes), true, false)


# ---- registers in which a party acts in a role


def with_roles(registers: CompiledRegisters, roles: Mapping[str, str]) -> CompiledRegisters:
    """The registers as they would be if these parties, whom they name, acted in these roles."""
    for party, role in roles.items():
        parties = registers.parties
        number = parties.numbers[party]
        acting = parties.role.copy()
        acting[number] = registers.numbering.places["recipient_role"][role]
        parties = replace(parties, role=acting)
        consents = replace(registers.consents, parties=parties)
        told = _independent(registers, number, role)
        registers = replace(
            registers,
            parties=parties,
            consents=consents,
            refusals=replace(registers.refusals, consents=consents, known={}),
            evidence=replace(registers.evidence, independent=told),
        )
    return registers


def _naming(registers: CompiledRegisters, name: str) -> CompiledRegisters:
    """The registers with a number for this party, of whom they know nothing yet."""
    parties, refusals = registers.parties, registers.refusals
    if name in parties.numbers:
        return registers
    number = len(parties.role) - 1  # a name that nobody knows stands last, and will again
    longer: dict[str, Any] = {
        column: np.append(values, values[-1:])
        for column, values in vars(parties).items()
        if isinstance(values, np.ndarray) and values.ndim == 1
    }
    naming, allowing = refusals.naming, refusals.allowing
    own = np.insert(naming.first, number + 1, naming.first[number])
    none = np.append(allowing.first, allowing.first[-1:])
    parties = replace(parties, numbers={**parties.numbers, name: number}, **longer)
    consents = replace(registers.consents, parties=parties)
    return replace(
        registers,
        parties=parties,
        consents=consents,
        refusals=replace(
            refusals,
            consents=consents,
            known={},
            naming=replace(naming, first=own),
            allowing=replace(allowing, first=none),
        ),
    )


def _independent(registers: CompiledRegisters, party: int, role: str) -> Truths:
    """Whether evidence was issued by another than the carrier, this party being what it is."""
    evidence = registers.evidence
    rows = np.flatnonzero(evidence.issuer == party)
    if not len(rows):
        return evidence.independent
    told = evidence.independent.copy()
    told[rows] = 1 if role == ROLE_CARRIER else 2
    return told
