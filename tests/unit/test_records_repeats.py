"""Ids that occur more than once, however many there are and wherever they are kept."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from audit.records import repeats
from audit.records.repeats import KeptIds, SeenIds, hashes_of


def suspects(*runs: Sequence[str | None]) -> set[int]:
    seen = SeenIds()
    for run in runs:
        seen.add(pl.Series(run, dtype=pl.String))
    return set(seen.suspects().tolist())


def hashed(*ids: str) -> set[int]:
    return set(hashes_of(pl.Series(ids, dtype=pl.String)).tolist())


def test_within_a_run_and_across_runs() -> None:
    assert suspects() == suspects([]) == suspects(["a", "b"], [], ["c", None, None]) == set()
    assert suspects(["a", "b", "a"], ["c"], ["d", "c", "e"]) == hashed("a", "c")


@pytest.mark.parametrize("in_memory", [0, 1000, 1 << 30])
def test_on_the_disk_as_in_memory(monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    monkeypatch.setattr(repeats, "_IN_MEMORY", in_memory)
    ids = [f"F-{number}" for number in range(20_000)]
    runs = [ids[start : start + 3000] for start in range(0, 20_000, 3000)]
    assert suspects(*runs) == set()
    assert suspects(*runs, ["F-7", "F-19999"]) == hashed("F-7", "F-19999")


def test_hashes_do_not_depend_on_how_a_column_is_cut() -> None:
    ids = pl.Series([f"F-{number}" for number in range(1000)])
    cut = pl.concat([ids.slice(0, 10), ids.slice(10, 500), ids.slice(510)], rechunk=False)
    assert np.array_equal(hashes_of(ids), hashes_of(cut))
    assert np.array_equal(hashes_of(ids)[7:9], hashes_of(ids.slice(7, 2)))


def test_ids_that_were_kept_are_those_that_were_added() -> None:
    kept = KeptIds()
    runs = [pl.Series(run, dtype=pl.String) for run in (["a", None, "甲\n"], [], ["a", ""])]
    for run in runs:
        kept.add(run)
    kept.end()
    for _ in range(2):
        assert [ids.to_list() for ids in kept] == [ids.to_list() for ids in runs]


def test_where_the_disk_has_no_room_ids_are_not_kept_and_nothing_else_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    full = partial(Path("/dev/full").open, "r+b")
    monkeypatch.setattr("tempfile.TemporaryFile", full)
    for many in (1, 100_000):  # told when the last is written, and before
        kept = KeptIds()
        for start in range(3):
            kept.add(pl.Series([f"F-{start}-{number}" for number in range(many)]))
        kept.end()
        assert not kept.whole
