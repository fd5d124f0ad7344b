"""The register of evidence, as a function of the row number, so that a flow can find its evidence.

The rows of a kind stand together, and the issuers of a kind take turns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from tests.benchmarks.columns import DAY, END, day, instant, numbered, second, told
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.dice import Dice, Mask, Numbers
from tests.benchmarks.parties import Party
from tests.benchmarks.scenarios import Proof
from tests.benchmarks.templates import Template

_OPEN, _PAID, _NO_AMOUNT, _UNREADABLE = 0.25, 0.03, 0.02, 0.002


@dataclass(frozen=True)
class Evidence:
    """The register of so many rows on a crowd."""

    dice: Dice
    rows: int
    crowd: Crowd
    parties: Sequence[Party]
    proofs: Sequence[Proof]

    @cached_property
    def blocks(self) -> Mapping[str, range]:
        """Which rows are of which kind; the last kind takes what the others leave."""
        first, blocks = 0, {}
        for proof in self.proofs:
            count = round(self.rows * proof.share)
            last = min(self.rows, first + (min(count, proof.most) if proof.most else count))
            blocks[proof.kind] = range(first, last)
            first = last
        return blocks

    def speaking_of(self, template: Template) -> range:
        """The rows of the kind that a template rests on; those of the recipient where it issues."""
        block = self.blocks[template.process.evidence or ""]
        issuers = self._issuers(self._proof(template))
        if template.recipient not in issuers or len(issuers) > len(block):
            return block
        return block[issuers.index(template.recipient) :: len(issuers)]

    def subject(self, rows: Numbers) -> Numbers:
        """Whom a row of evidence names, where it names anybody."""
        return self.crowd.number("evidenced", rows)

    def term(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """From when a row of evidence holds, and until when where it ends."""
        since, until = np.zeros_like(rows), np.zeros_like(rows)
        for proof, mask in self._masks(rows):
            first, last = (second(each) for each in proof.since)
            since[mask] = self.dice.between("since", rows[mask], first, last)
            days = proof.days or (1, 2)
            until[mask] = since[mask] + self.dice.between("until", rows[mask], *days) * DAY
        return since, np.where(self._stays(rows), END, until)

    def names_one(self, rows: Numbers) -> Numbers:
        """1 where a row is of a kind that names a subject, else 0."""
        named = np.zeros_like(rows)
        for proof, mask in self._masks(rows):
            named[mask] = proof.subject
        return named

    def piece(self, rows: range) -> pl.DataFrame:
        """These rows of the register."""
        numbers = pl.Series(rows, dtype=pl.Int64).to_numpy()
        return pl.concat(
            self._of_kind(proof, numbers[mask]) for proof, mask in self._masks(numbers)
        )

    def _of_kind(self, proof: Proof, rows: Numbers) -> pl.DataFrame:
        since, until = self.term(rows)
        issuers = pl.Series(self._issuers(proof) or [None], dtype=pl.String)
        lost = self.dice.falls("lost", rows, _UNREADABLE if proof.subject else 0)
        return pl.select(
            numbered("E", rows).alias("evidence_id"),
            pl.lit(proof.kind).alias("kind"),
            pl.when(proof.subject).then(numbered("S", self.subject(rows))).alias("subject_id"),
            pl.lit(issuers.gather((rows - self.blocks[proof.kind].start) % len(issuers))).alias(
                "issued_by"
            ),
            pl.when(told(lost)).then(pl.lit("不详")).otherwise(instant(since)).alias("valid_from"),
            pl.when(told(~self._stays(rows))).then(day(until)).alias("valid_until"),
            self._amounts(proof, rows).alias("amount"),
            numbered("文号", rows).alias("reference"),
        )

    def _amounts(self, proof: Proof, rows: Numbers) -> pl.Expr:
        owed = self.dice.number("amount", rows, 50_000) / 100 + 0.01
        owed *= ~self.dice.falls("paid", rows, _PAID)
        known = ~self.dice.falls("no amount", rows, _NO_AMOUNT if proof.amount else 1)
        return pl.when(told(known)).then(pl.lit(pl.Series(owed)))

    def _stays(self, rows: Numbers) -> Mask:
        stays = self.dice.falls("stays", rows, _OPEN)
        for proof, mask in self._masks(rows):
            if proof.days is None:
                stays[mask] = True
        return stays

    def _masks(self, rows: Numbers) -> Iterator[tuple[Proof, Mask]]:
        for proof in self.proofs:
            block = self.blocks[proof.kind]
            mask = (rows >= block.start) & (rows < block.stop)
            if mask.any():
                yield proof, mask

    def _proof(self, template: Template) -> Proof:
        return next(proof for proof in self.proofs if proof.kind == template.process.evidence)

    def _issuers(self, proof: Proof) -> list[str]:
        return [party.party_id for party in self.parties if party.role in proof.issuers]
