"""What a run leaves of its flows for the next one, file by file, while it judges them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from audit.incremental.kept import (
    CATEGORIES,
    FLOW_ID,
    ROWS,
    SET,
    SIGNATURES,
    TOLD,
    FileTold,
    Judged,
    Signatures,
)
from audit.incremental.spooling import Spool
from audit.outcome import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.clauses.compiling import Program
    from audit.evaluation.judging import Judging
    from audit.facts.pairs import Places
    from audit.keeping.shelf import Shelf


@dataclass
class Recorded:
    """A file of flows in the making: batches go in; the rows of one that is kept lie there."""

    rows: Spool | None
    judged: Spool = field(default_factory=Spool)
    batches: int = 0
    anew: bool = False  # some flow was judged anew
    sets: set[int] = field(default_factory=set)
    signatures: set[int] = field(default_factory=set)

    def add(
        self, fresh: tuple[pl.DataFrame, Places] | None, told: pl.DataFrame, *, anew: bool
    ) -> None:
        """A batch: its valid flows with their sets of categories, and what was told of each."""
        self.anew |= anew
        found = Judged.of(told)
        self.judged.add(f"judged {self.batches}", found)
        self.signatures.update(np.unique(found.signatures).tolist())
        if self.rows is not None and fresh is not None:
            rows, sets = fresh
            own = pl.Series(SET, sets, dtype=pl.UInt32)
            self.rows.add(f"ids {self.batches}", rows[FLOW_ID])
            self.rows.add(f"rows {self.batches}", rows.select(*ROWS, own))
            self.sets.update(np.unique(sets).tolist())
        self.batches += 1

    def put(self, judging: Judging, shelf: Shelf, names: tuple[str, str], told: FileTold) -> bool:
        """Lay what is new of the file on the shelf; false where it cannot be kept."""
        rows, judged = names
        if judging.signing.too_many:
            return False
        if self.rows is not None:
            sets = _sets(judging, sorted(self.sets))
            self.rows.add(TOLD, replace(told, batches=self.batches, **sets))
            if not self.rows.put(shelf, rows):
                return False
        self.judged.add(SIGNATURES, _signatures(judging, sorted(self.signatures)))
        return self.judged.put(shelf, judged)


def program_told(program: Program) -> str:
    """A digest of the conditions, by their bits, and of the claims, by their numbers."""
    lines = [[line.word, str(line.argument)] for line in program.conditions]
    return digest([lines, list(program.domains["basis"])])


def _sets(judging: Judging, numbers: Sequence[int]) -> dict[str, Any]:
    lists = judging.registers.sets.named(np.array(numbers, dtype=np.int64))
    return {"set_numbers": np.array(numbers, dtype=np.uint32), "sets": lists.alias(CATEGORIES)}


def _signatures(judging: Judging, numbers: Sequence[int]) -> Signatures:
    sets, said = judging.signing.said(np.array(numbers, dtype=np.int64))
    return Signatures(
        program=program_told(judging.registers.program),
        numbers=np.array(numbers, dtype=np.uint32),
        sets=judging.registers.sets.named(sets).alias(CATEGORIES),
        said=said,
    )
