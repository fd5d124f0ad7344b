"""A baseline hides no flow that it did not have: one more bad flow is always reported."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import polars as pl

from audit.baselines.holding import held_against
from audit.baselines.reading import read_baseline
from audit.baselines.writing import write_baseline
from audit.clauses.clause import Layer
from audit.findings.known import Held
from audit.outcome import Audit
from tests import generate
from tests.exporting import Packs, audited
from tests.generate import Tables
from tests.properties.worlds import AGREEMENT, STATUTE, VOCABULARY, world

SIZE, LEFT_OUT = 60, 3
BAD = ("violation", "indeterminate")
ENDS = ("layer", "verdict", "sender", "recipient")


def trials() -> Iterator[tuple[Tables, Packs, Random]]:
    """Under both layers, and under the agreement with rows lost."""
    made = world(0, SIZE, [AGREEMENT, STATUTE])
    yield made.tables, made.packs, made.draw("baselines")
    rng = Random("lost rows")
    yield generate.tables(rng, SIZE, AGREEMENT, VOCABULARY, losses=True), [AGREEMENT], rng


def bad_flows(audit: Audit, tables: Tables) -> pl.DataFrame:
    """Every flow of a bad verdict, a row per layer: flow_id and what a finding of it is about."""
    named = {(row["flow_id"] or "").strip(): row for row in tables["flows"]}
    rows = [
        (flow["flow_id"], layer.value, verdict, *(named[flow["flow_id"]][end] for end in ENDS[2:]))
        for flow in audit.verdicts.iter_rows(named=True)
        for layer in Layer
        if (verdict := flow[f"{layer}_verdict"]) in BAD
    ]
    return pl.DataFrame(rows, schema=["flow_id", *ENDS], orient="row").with_columns(
        pl.col("sender", "recipient").str.strip_chars()
    )


def held(audit: Audit, before: Audit, folder: Path) -> Held:
    """The run held against the baseline of another, by way of the file."""
    write_baseline(before, folder / "b.json")
    found = held_against(audit, read_baseline(folder / "b.json")).held
    assert found
    return found


def test_one_more_bad_flow_is_always_new_or_worse(tmp_path: Path) -> None:
    met: Counter[str] = Counter()
    for tables, packs, rng in trials():
        full = audited(tables, packs)
        bad = bad_flows(full, tables)
        told = full.findings.select(ENDS)
        assert bad.join(told, on=ENDS, how="anti").is_empty(), "a finding tells of every bad flow"
        assert held(full, full, tmp_path).reported.is_empty()
        ids = sorted(set(bad["flow_id"]))
        for flow in rng.sample(ids, min(LEFT_OUT, len(ids))):
            flows = [row for row in tables["flows"] if (row["flow_id"] or "").strip() != flow]
            before = audited({**tables, "flows": flows}, packs)
            since = held(full, before, tmp_path)
            reported = since.reported.select(ENDS)
            for row in bad.filter(flow_id=flow).iter_rows(named=True):
                assert not reported.filter(*(pl.col(end) == row[end] for end in ENDS)).is_empty()
                assert since.reports(row["verdict"])
                met[row["verdict"]] += 1
            assert not held(before, full, tmp_path).reports(*BAD), "less of the same is known"
    assert min(met[verdict] for verdict in BAD) > 1, met
