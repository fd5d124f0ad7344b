"""Who was supplied abroad in each calendar year, and to where: counted, and judging nothing.

A person counts where it is certain that a flow of the year is supply abroad, and may count where it
is possible (semantics, section 8).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.clause import Condition
from audit.clauses.conditions import WORDS, judged
from audit.vocabulary import WHOLE_BASE, Truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.clauses.clause import Layer
    from audit.clauses.export import ExportRule
    from audit.facts.flows import Flows
    from audit.facts.gathering import CompiledRegisters
    from audit.facts.pairs import Places, Truths

_COUNTS = {
    "flows": pl.Int64(),
    "possible_flows": pl.Int64(),
    "persons": pl.Int64(),
    "possible_persons": pl.Int64(),
    "sensitive_persons": pl.Int64(),
    "possible_sensitive_persons": pl.Int64(),
    "whole_base": pl.Boolean(),
}
BY_YEAR = pl.Schema({"year": pl.Int32(), **_COUNTS})
BY_COUNTRY = pl.Schema({"year": pl.Int32(), "country": pl.String(), **_COUNTS})
_TRUE = np.int8(Truth.TRUE)
_MET = {
    "year": pl.Int32(),
    "country": pl.Int64(),
    "subject": pl.UInt64(),
    "everybody": pl.Boolean(),
    "plain": pl.Int8(),
    "sensitive": pl.Int8(),
}


@dataclass(frozen=True)
class Exports:
    """What one layer's pack counts; a null country is one that is not known.

    persons: whose data other than sensitive, sensitive_persons: whose sensitive data certainly were
    supplied. possible_…: those, and whoever may have been. whole_base: a flow that may be supply
    abroad is of the whole customer base, which is nobody's name.
    """

    layer: Layer
    rule: ExportRule
    years: pl.DataFrame
    countries: pl.DataFrame


@dataclass
class Exporting:
    """The supplies abroad met so far; the order of batches cannot matter."""

    layer: Layer
    rule: ExportRule
    registers: CompiledRegisters
    tables: dict[str, Truths] = field(init=False)
    sensitive: Truths = field(init=False)  # of each data category
    met: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tables = {}
        self.sensitive = self._told("data", Condition("data", self.rule.sensitive))
        for line in self.rule.flow:
            fact = WORDS[line.word].fact
            told = self._told(fact, line)
            self.tables[fact] = np.minimum(self.tables.get(fact, told), told)
        exempt = self._told("purpose", Condition("purpose", self.rule.exempt_purposes))
        counted = np.where(exempt == Truth.FALSE, Truth.TRUE, Truth.UNKNOWN).astype(np.int8)
        self.tables["purpose"] = np.minimum(self.tables.get("purpose", counted), counted)

    def _told(self, fact: str, line: Condition) -> Truths:
        """The value of a line for each value of its fact."""
        domain = self.registers.program.domains[fact]
        vocabulary = self.registers.numbering.vocabulary
        return np.array([judged(vocabulary, line, value) for value in domain], dtype=np.int8)

    def add(self, batch: pl.DataFrame, flows: Flows) -> None:
        """Look at a batch of valid flows, and at the same as numbers."""
        rows, value = self._abroad(flows)
        if not len(rows):
            return
        plain, sensitive = self._kinds(flows.sets[rows])
        subject = batch["subject_id"].gather(rows)
        china = pl.Series(flows.at[rows]).cast(pl.Datetime("us")).dt.offset_by("8h")
        told = {
            "year": china.dt.year(),
            "country": flows.codes["recipient_country"][rows],
            "subject": subject.hash(seed=0),
            "everybody": subject == WHOLE_BASE,
            "plain": np.minimum(value, plain),
            "sensitive": np.minimum(value, sensitive),
        }
        frame = pl.DataFrame(told, schema=_MET)
        self.met.append(frame.group_by(list(_MET)).agg(pl.len().cast(pl.Int64).alias("flows")))

    def _abroad(self, flows: Flows) -> tuple[Places, Truths]:
        """The flows that are supply abroad or may be, and which of the two."""
        rows, value = np.arange(len(flows)), np.full(len(flows), Truth.TRUE, dtype=np.int8)
        for fact in sorted(self.tables.keys() - {"data"}, key=_far_first):
            value = np.minimum(value, self.tables[fact][flows.codes[fact][rows]])
            may = np.flatnonzero(value)
            rows, value = rows[may], value[may]
        return rows, value

    def _kinds(self, sets: Places) -> tuple[Truths, Truths]:
        """Whether sets hold categories that are not sensitive, and such that are."""
        numbers, of_row = np.unique(sets, return_inverse=True)
        owners, _, codes = self.registers.sets.units(numbers)
        own = self.sensitive[codes]
        asked = self.tables["data"][codes] if "data" in self.tables else np.full_like(own, _TRUE)
        first = np.searchsorted(owners, np.arange(len(numbers)))
        plain, sensitive = (
            np.maximum.reduceat(np.minimum(each, asked), first) for each in (Truth.TRUE - own, own)
        )
        return plain[of_row], sensitive[of_row]

    def part(self) -> pl.DataFrame:
        """The supplies met, each kind once: what another takes."""
        return self._all().group_by(list(_MET)).agg(pl.col("flows").sum())

    def take(self, met: pl.DataFrame) -> None:
        """Add the supplies of a part."""
        self.met.append(met)

    def _all(self) -> pl.DataFrame:
        return pl.concat([pl.DataFrame(schema={**_MET, "flows": pl.Int64}), *self.met])

    def settled(self) -> Exports:
        """What was counted, by year and by country."""
        places = pl.Series(self.registers.program.domains["recipient_country"], dtype=pl.String)
        met = self._all()
        named = met.with_columns(country=places.gather(met["country"]))
        return Exports(
            layer=self.layer,
            rule=self.rule,
            years=_counted(named, ["year"], BY_YEAR),
            countries=_counted(named, ["year", "country"], BY_COUNTRY),
        )


def exportings(registers: CompiledRegisters) -> tuple[Exporting, ...]:
    """One for each pack that says what supply abroad is."""
    return tuple(
        Exporting(program.layer, program.pack.exports, registers)
        for program in registers.program.packs
        if program.pack.exports is not None
    )


def _far_first(fact: str) -> tuple[bool, str]:
    """Where a recipient is leaves the fewest flows to be asked more of."""
    return fact != "recipient_country", fact


def _counted(met: pl.DataFrame, keys: Sequence[str], schema: pl.Schema) -> pl.DataFrame:
    worth = pl.max_horizontal("plain", "sensitive")
    named = ~pl.col("everybody")

    def persons(kind: str, least: Truth) -> pl.Expr:
        return pl.col("subject").filter(named & (pl.col(kind) >= least)).n_unique().cast(pl.Int64)

    return (
        met.filter(worth > Truth.FALSE)
        .group_by(keys)
        .agg(
            flows=pl.col("flows").filter(worth == Truth.TRUE).sum(),
            possible_flows=pl.col("flows").sum(),
            persons=persons("plain", Truth.TRUE),
            possible_persons=persons("plain", Truth.UNKNOWN),
            sensitive_persons=persons("sensitive", Truth.TRUE),
            possible_sensitive_persons=persons("sensitive", Truth.UNKNOWN),
            whole_base=pl.col("everybody").any(),
        )
        .select(list(schema))
        .cast(schema)
        .sort(keys, nulls_last=True)
    )
