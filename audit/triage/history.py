"""What earlier runs found: which findings are gone, and which came back after they were gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

_DIGITS = 16  # of a fingerprint: 64 bits, a fifth of the room


@dataclass(frozen=True, eq=False)
class Earlier:
    """An earlier run that looked at the same: its id and the marks of what it found.

    whole: whether what it did not find was not there; a flow that it rejected may be what lacks.
    """

    run_id: str
    marks: pl.Series
    whole: bool = True


def marks(fingerprints: pl.Series) -> pl.Series:
    """Fingerprints as numbers; a text that is no fingerprint is null, and never found again."""
    digits = fingerprints.str.slice(0, _DIGITS)
    return digits.str.to_integer(base=16, dtype=pl.UInt64, strict=False).alias("mark")


def gone_and_back(fingerprints: pl.Series, earlier: Sequence[Earlier]) -> pl.DataFrame:
    """Per finding the number of the last run in which it was gone: fingerprint, gone_in.

    Runs are numbered from 0, oldest first; null where it was never found before and then not.
    """
    own = marks(fingerprints)
    seen = pl.repeat(value=False, n=own.len(), eager=True)
    gone = pl.repeat(value=None, n=own.len(), dtype=pl.Int64, eager=True)
    for number, run in enumerate(earlier):
        there = own.is_in(run.marks.implode())
        if run.whole:
            gone = gone.zip_with(~(seen & ~there), pl.repeat(number, own.len(), eager=True))
        seen = seen | there
    return pl.DataFrame({"fingerprint": fingerprints, "gone_in": gone})


def resolved(earlier: Sequence[Earlier], now: pl.Series) -> pl.Series:
    """The marks of what earlier runs found and this one, told by its marks, does not."""
    nothing = pl.Series("mark", [], dtype=pl.UInt64)
    before = pl.concat([nothing, *(run.marks for run in earlier)]).drop_nulls().unique()
    return before.filter(~before.is_in(now.implode()))
