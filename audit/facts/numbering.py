"""How codes and subjects are numbered in a run, and which registers may have lost rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from audit.facts.keys import coded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from audit.facts.keys import KeyIndex
    from audit.facts.pairs import Places
    from audit.vocabulary import EvidenceKind, Vocabulary

UNKNOWN_CODE = 0  # the first place of every domain: null or unmapped


@dataclass(frozen=True)
class Numbering:
    """The numbers that every register shares."""

    vocabulary: Vocabulary
    domains: Mapping[str, Sequence[str | None]]  # per code fact its values, None first
    evidence_kinds: Mapping[str, EvidenceKind]
    subjects: KeyIndex  # every subject that a register names

    @cached_property
    def places(self) -> Mapping[str, Mapping[str | None, int]]:
        """Per code fact the place of each value in its domain."""
        return {
            fact: {code: i for i, code in enumerate(domain)}
            for fact, domain in self.domains.items()
        }

    def coded(self, column: pl.Series, fact: str) -> Places:
        """The place of each code in the domain of the fact; 0 where it is null or unmapped."""
        codes, values = coded(column)
        known = [self.places[fact].get(value, UNKNOWN_CODE) for value in values]
        return np.array(known, dtype=np.int64)[codes]


@dataclass(frozen=True)
class Doubt:
    """Where a register may lack a row: per subject (last: one in no register), and by kind."""

    tainted: NDArray[np.bool_]
    complete: frozenset[str]
