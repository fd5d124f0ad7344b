"""Whom tallies meet is the same, however much of it lies on the disk on the way."""

from itertools import pairwise
from random import Random

import numpy as np
import polars as pl
import pytest

from audit.evaluation import meeting
from audit.evaluation.judgement import TALLY_SUBJECTS
from audit.evaluation.meeting import Meeting, Met, paired, subjects_of, tallies_of

TALLIES, SUBJECTS = 7, 60


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few pairs are merged at a time."""
    monkeypatch.setattr(meeting, "_MERGED", 11)


def drawn(seed: int, count: int) -> list[tuple[int, int]]:
    """Pairs, some of them more than once; tallies come up as time goes by."""
    rng = Random(seed)
    return [
        (rng.randrange(1 + TALLIES * place // count), rng.randrange(SUBJECTS))
        for place in range(count)
    ]


def gathered(pairs: list[tuple[int, int]], most: int, rows: int) -> Meeting:
    told, found = np.array(pairs, dtype=np.int64).reshape(-1, 2), Meeting(most)
    for start in range(0, len(told), rows):
        found.add(paired(*told[start : start + rows].T))
    return found


def spelled(met: Met) -> dict[int, list[int]]:
    return {tally: met.subjects_of(tally).tolist() for tally in range(len(met.first) - 1)}


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("most", [0, 5, 40, 10_000])
@pytest.mark.parametrize("rows", [1, 9, 500])
def test_pairs_are_merged_under_their_final_numbers(
    most: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meeting, "SUBJECTS", most)
    pairs = drawn(rows, 400)
    found = gathered(pairs, most, rows)
    assert bool(found.runs) == (most < 300)
    rng = np.random.default_rng(rows)
    place = rng.permutation(TALLIES) // 2  # some turn out to be one
    subjects = rng.permutation(SUBJECTS)
    wanted: dict[int, set[int]] = {tally: set() for tally in range(TALLIES // 2 + 1)}
    for tally, subject in pairs:
        wanted[int(place[tally])].add(int(subjects[subject]))
    met = found.met(place, len(wanted), subjects)
    assert (met.subjects.file is None) == (most > sum(map(len, wanted.values())))
    assert spelled(met) == {tally: sorted(those) for tally, those in wanted.items()}
    told = [*zip(tallies_of(found.pairs()), subjects_of(found.pairs()), strict=True)]
    assert told == sorted(set(pairs))


def test_nothing_met_is_nothing() -> None:
    met = Meeting().met(np.zeros(0, dtype=np.int64), 0, np.arange(5))
    assert (met.first.tolist(), len(met.subjects.take(0, 0))) == ([0], 0)
    assert spelled(Meeting().met(np.arange(2), 2, np.arange(5))) == {0: [], 1: []}


@pytest.mark.parametrize("most", [0, 10_000])
@pytest.mark.parametrize("at_once", [1, 100, 10_000])
@pytest.mark.parametrize("many", [0, 50, 10_000])
def test_people_of_several_tallies_are_counted_once(
    most: int, at_once: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meeting, "SUBJECTS", most)
    pairs = drawn(1, 300)
    met = gathered(pairs, most, 50).met(np.arange(TALLIES), TALLIES, np.arange(SUBJECTS))
    monkeypatch.setattr(meeting, "_MERGED", at_once)
    monkeypatch.setattr(meeting, "_MANY", many)
    rng = Random(2)
    groups = [rng.sample(range(TALLIES), rng.randrange(1, TALLIES)) for _ in range(30)]
    groups += groups[:5]
    wanted = [len({subject for tally, subject in pairs if tally in each}) for each in groups]
    sizes = np.array([len(each) for each in groups])
    assert met.of_groups(np.concatenate(groups), sizes).tolist() == wanted
    nobody = np.zeros(0, dtype=np.int64)
    assert met.of_groups(nobody, nobody).tolist() == []


def test_a_table_of_pairs_is_numbered_anew() -> None:
    rows = [(2, 2**63), (0, 5), (2, 5)]
    met = Met.of(pl.DataFrame(rows, schema=TALLY_SUBJECTS, orient="row"), 4)
    assert spelled(met) == {0: [0], 1: [], 2: [0, 1], 3: []}
    assert all(a <= b for a, b in pairwise(met.first))
