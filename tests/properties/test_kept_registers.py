"""Whatever is in the registers, a run finds the same with them read, compiled and kept, or kept."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from audit.outcome import Audit
from audit.running import audit
from tests import generate
from tests.exporting import Export, Form, exported

VOCABULARY = generate.shipped_vocabulary()
SIZE = 120


def found_of(run: Audit) -> Mapping[str, Any]:
    """Everything that a run found, comparable."""
    judgement = run.judgement
    frames = {
        "verdicts": run.verdicts,
        "outcomes": judgement.outcomes,
        "units": judgement.units,
        "tallies": judgement.tallies,
        "edges": run.edges,
        "findings": run.findings,
        "rejected": run.rejected,
    }
    told = {name: _sorted(frame).to_dicts() for name, frame in frames.items()}
    return {**told, "rows": run.rows, "notices": run.notices, "id": run.run_id}


def _sorted(frame: pl.DataFrame) -> pl.DataFrame:
    flat = [name for name, kind in frame.schema.items() if not kind.is_nested()]
    return frame.sort(flat, nulls_last=True)


@pytest.mark.parametrize("seed", range(6))
def test_a_run_finds_the_same_with_kept_registers(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    rng = Random(f"kept {seed}")
    pack = generate.pack(rng, VOCABULARY)
    tables = generate.tables(rng, SIZE, pack, VOCABULARY, losses=seed % 2 == 1)
    with exported(tables, [pack], Export(form=list(Form)[seed % 3])) as (_, request):
        plain = found_of(audit(request))
        kept = replace(request, keep=True)
        cold, warm = found_of(audit(kept)), found_of(audit(kept))
    assert cold == plain
    assert warm == plain
    assert len([*tmp_path.rglob("registers/*")]) == 1
