"""Whether a peer says what we say: `python -m tests.benchmarks.peers.agreeing VERDICTS RUN`.

VERDICTS is the file, or the folder of files, that a peer left; `differ` counts the flows of the run
that it does not judge alike, or not at all. What the run rejected is not asked.
"""

import sys
from pathlib import Path

import polars as pl

from tests.benchmarks.peers.sampling import LAYER, Figures, say


def compared(verdicts: Path, run: Path) -> Figures:
    """How many flows the run judged, and how many of them otherwise than the peer."""
    files = sorted(verdicts.glob("*.parquet")) if verdicts.is_dir() else [verdicts]
    theirs = pl.scan_parquet(files).select("flow_id", "verdict")
    ours = pl.scan_parquet(run / "verdicts.parquet").select("flow_id", f"{LAYER}_verdict")
    both = ours.join(theirs, on="flow_id", how="left", maintain_order="none")
    same = pl.col("verdict").eq_missing(pl.col(f"{LAYER}_verdict").cast(pl.String))
    found = both.select(pl.len().alias("judged"), (~same).sum().alias("differ")).collect()
    return {name: float(found[name].item()) for name in found.columns}


if __name__ == "__main__":
    say(compared(*map(Path, sys.argv[1:])))
