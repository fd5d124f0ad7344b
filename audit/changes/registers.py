"""The registers of an export as a change supposes them; nothing that was read is touched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.problems import Problem, UsageRefused
from audit.records.consents import withdrawn
from audit.records.holding import Held, hold
from audit.records.reading import read_as, understand, uniform
from audit.records.tables import CONSENTS, EVIDENCE, FILE, PARTIES, table
from audit.sources.raw import POSITION, RawBatch
from audit.vocabulary import CUSTOMER, ROLE_SUBJECT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from audit.changes.change import Cell, EvidenceEnd, PartyChange, Supposition, Withdrawal
    from audit.records.checking import Registers
    from audit.vocabulary import Vocabulary

_ALLOW = "allow"


class _Supposing:
    """Registers under change, and the faults met on the way."""

    def __init__(self, registers: Registers, vocabulary: Vocabulary, zone: str) -> None:
        self.registers, self.vocabulary, self.zone = registers, vocabulary, zone
        self.faults: list[Problem] = []

    def party(self, change: PartyChange) -> None:
        """The party with its cells written anew."""
        parties = self.registers.parties
        rows = parties.filter(party_id=change.id)
        if rows.is_empty():
            self.faults.append(Problem("change-party-unknown", {"party": change.id}))
            return
        place = f"party {change.id}"
        cells: dict[str, Cell] = {name: cell for name, cell in change.cells.items() if cell}
        for name in change.added:
            if change.added[name] or change.removed[name]:
                cells[name] = self._codes(change, name, rows[name][0])
        typed = self._typed(PARTIES, {"party_id": change.id, **cells}, place)
        self._unmapped(PARTIES, {**cells, **change.added}, place)
        if change.id == CUSTOMER and change.cells.get("role", ROLE_SUBJECT) != ROLE_SUBJECT:
            self.faults.append(Problem("customer-role", {"column": "role"}))
        own = pl.col("party_id") == change.id
        new = (
            pl.when(own).then(pl.lit(typed[name]).first()).otherwise(name).alias(name)
            for name in dict.fromkeys((*change.cells, *cells))
        )
        self.registers = replace(self.registers, parties=parties.with_columns(*new))

    def _codes(self, change: PartyChange, name: str, standing: pl.Series | None) -> tuple[str, ...]:
        """The codes of a list after the change; a list that would be empty would be unknown."""
        codes = [] if standing is None else [*standing]
        facts = {"party": change.id, "column": name}
        for code in change.removed[name]:
            if code not in codes:
                self.faults.append(Problem("change-code-absent", {**facts, "code": code}))
        left = [each for each in codes if each not in change.removed[name]]
        told = tuple(dict.fromkeys((*left, *change.added[name])))
        if not told:
            self.faults.append(Problem("change-list-empty", facts))
        return told

    def withdraw(self, change: Withdrawal) -> None:
        """The consents that agree end at this instant, where they did not before."""
        at = self._instant(CONSENTS, "withdrawn_at", change.at)
        consents = self.registers.consents
        rows = (pl.col("effect") == _ALLOW) & _agreeing(change.said)
        if not self._any(consents.filter(rows), change.said) or at is None:
            return
        told = withdrawn(consents, rows, at)
        self.registers = replace(self.registers, consents=told)

    def end(self, change: EvidenceEnd) -> None:
        """The evidence that agrees holds no longer than this."""
        at = self._instant(EVIDENCE, "valid_until", change.at)
        evidence, rows = self.registers.evidence, _agreeing(change.said)
        if not self._any(evidence.filter(rows), change.said) or at is None:
            return
        until = pl.when(rows).then(pl.min_horizontal("valid_until", pl.lit(at)))
        told = evidence.with_columns(until.otherwise("valid_until").alias("valid_until"))
        self.registers = replace(self.registers, evidence=told)

    def add(self, rows: Sequence[Mapping[str, Cell]]) -> None:
        """Evidence that the register has not; an id that it has would contradict a row."""
        evidence = self.registers.evidence
        taken = {*evidence["evidence_id"], *self.registers.taints.evidence_ids} if rows else set()
        for row in rows:
            if row["evidence_id"] in taken:
                facts = {"evidence": str(row["evidence_id"])}
                self.faults.append(Problem("change-evidence-there", facts))
            place = f"evidence {row['evidence_id']}"
            typed = self._typed(EVIDENCE, row, place)
            self._unmapped(EVIDENCE, row, place)
            if not self.faults:
                evidence = pl.concat([evidence, typed.select(evidence.columns)])
        self.registers = replace(self.registers, evidence=evidence)

    def _any(self, found: pl.DataFrame, said: Mapping[str, str]) -> bool:
        if found.is_empty():
            told = ", ".join(f"{name} = {cell}" for name, cell in said.items())
            self.faults.append(Problem("change-none-such", {"said": told}))
        return not found.is_empty()

    def _instant(self, name: str, column: str, text: str) -> Any:  # noqa: ANN401 (a point in time)
        """The instant that a column of the table would mean by this text."""
        held = _held(name, {column: text}, self.zone)
        told = held.frame[read_as(column)][0]
        if told is None:
            facts = {"place": column, "column": "at", "written": text}
            self.faults.append(Problem("change-time-unreadable", facts))
        return told

    def _typed(self, name: str, cells: Mapping[str, Cell], place: str) -> pl.DataFrame:
        """The row as the table has it, cells that are not written being null."""
        held = _held(name, cells, self.zone)
        for fault in held.faults:
            if fault.column in cells and fault.records.any():
                facts = {"place": place, "column": fault.column}
                self.faults += [Problem("change-cell", facts), fault.problem]
        return replace(held, faults=[]).valid

    def _unmapped(self, name: str, cells: Mapping[str, Cell], place: str) -> None:
        """A code that nobody knows would be supposed in vain: it answers nothing."""
        for column in table(name).columns:
            cell = cells.get(column.name)
            if column.listing is None or cell is None:
                continue
            known = getattr(self.vocabulary, column.listing)
            for code in (cell,) if isinstance(cell, str) else cell:
                if code not in known:
                    facts = {"place": place, "column": column.name, "code": code}
                    self.faults.append(Problem("change-code-unknown", facts))


def changed_registers(
    registers: Registers, change: Supposition, vocabulary: Vocabulary, zone: str
) -> Registers:
    """The registers as supposed; times as in the tables, in the zone of the run.

    Raises UsageRefused with every fault: a party, consent or evidence that is not there, an id of
    evidence that is, a cell that cannot be read, a code that the vocabulary lacks.
    """
    supposing = _Supposing(registers, vocabulary, zone)
    for party in change.parties:
        supposing.party(party)
    for withdrawal in change.withdrawals:
        supposing.withdraw(withdrawal)
    for end in change.ends:
        supposing.end(end)
    supposing.add(change.evidence)
    if supposing.faults:
        raise UsageRefused(*supposing.faults)
    return supposing.registers


def _agreeing(said: Mapping[str, str]) -> pl.Expr:
    return pl.all_horizontal(pl.col(name) == cell for name, cell in said.items())


def _held(name: str, cells: Mapping[str, Cell], zone: str) -> Held:
    """One row, understood and held to the schema as if a file had it."""
    about = table(name)
    row = {key: [list(cell) if isinstance(cell, tuple) else cell] for key, cell in cells.items()}
    raw = RawBatch(pl.DataFrame({POSITION: [1], **row}))
    frame = uniform(understand(raw, about, zone).frame, about)
    return hold(frame.with_columns(pl.lit("").alias(FILE)), about)
