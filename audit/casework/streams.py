"""What went to whom for what: role, recipient, purpose, with the verdicts of whole flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from audit.casework.masking import parties_told, register
from audit.casework.suppression import suppressed

if TYPE_CHECKING:
    from audit.casework.roles import Reader
    from audit.casework.workspace import KeptRun

_SUMS_TOLD_ELSEWHERE = ((), ("role",), ("recipient",))


def streams_of(run: KeptRun, reader: Reader) -> pl.DataFrame:
    """A row per recipient and purpose, sorted by them.

    role and name of the recipient (null where it is not registered), recipient, purpose, flows,
    subjects, whole_base, a column per verdict (the worse of the layers judged), first_seen,
    last_seen, suppressed. All counts are exact and in whole flows.
    """
    counts = pl.read_parquet(run.file("stream_counts.parquet"), glob=False)
    parties = register(run).select("role", "name", recipient="party_id")
    told = counts.join(parties, on="recipient", how="left", validate="m:1")
    told = suppressed(told, reader, _SUMS_TOLD_ELSEWHERE)
    return parties_told(run, reader, told, "recipient").sort("recipient", "purpose")
