"""Rows are numbered exactly, whatever they are hashed to, and put in order as tuples are."""

from typing import Any

import numpy as np
import pytest

from audit.facts import rows
from audit.facts.rows import Rows, Sequences, headed, once, ranked, unheaded

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]


def drawn(rng: np.random.Generator, many: int, values: int, most: int) -> tuple[Numbers, Numbers]:
    """Rows end to end, and how long each is."""
    sizes = rng.integers(0, most, many)
    return rng.integers(0, values, sizes.sum()), sizes


def spelled(values: Numbers, sizes: Numbers) -> list[tuple[int, ...]]:
    return [tuple(each.tolist()) for each in np.split(values, np.cumsum(sizes)[:-1])][: len(sizes)]


@pytest.mark.parametrize("weak", [0, 1, 3])
def test_rows_keep_their_numbers_though_many_share_a_hash(
    weak: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    strong = rows._hashed

    def hashed(values: Numbers, sizes: Numbers, seed: int) -> np.ndarray[Any, Any]:
        told = strong(values, sizes, seed)
        return told % np.uint64(40) if seed < weak else told

    monkeypatch.setattr(rows, "_hashed", hashed)
    rng, found, numbers = np.random.default_rng(weak), Sequences(), dict[tuple[int, ...], int]()
    for _ in range(20):
        values, sizes = drawn(rng, int(rng.integers(0, 2000)), 4, 6)
        told = found.number(values, sizes).tolist()
        for row, number in zip(spelled(values, sizes), told, strict=True):
            assert numbers.setdefault(row, number) == number
    assert sorted(numbers.values()) == list(range(len(found)))
    assert found.seed == weak
    first, sizes = found.of(np.arange(len(found)))
    assert dict(zip(spelled(found.values, sizes), range(len(first)), strict=True)) == numbers


def test_rows_of_one_width_are_told_by_number() -> None:
    found = Rows(2)
    told = np.array([[1, 2], [3, 4], [1, 2]], dtype=np.uint64)
    numbers = found.number(told)
    assert sorted({*numbers.tolist()}) == [0, 1]
    assert numbers[0] == numbers[2]
    assert found.number(told[1:]).tolist() == numbers[1:].tolist()
    assert found.all[numbers].tolist() == told.tolist()


@pytest.mark.parametrize("seed", range(30))
def test_rows_are_put_in_order_as_tuples_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, sizes = drawn(rng, int(rng.integers(0, 80)), 3, 5)
    heads = rng.integers(0, 3, len(sizes))
    told = [*zip(heads.tolist(), spelled(values, sizes), strict=True)]
    ranks = {row: rank for rank, row in enumerate(sorted(set(told)))}
    assert ranked(heads, values, sizes).tolist() == [ranks[row] for row in told]


def test_heads_are_put_before_rows_and_taken_off_again() -> None:
    heads, values, sizes = np.array([7, 8]), np.array([1, 2, 3]), np.array([2, 1])
    told, longer = headed(heads, values, sizes)
    assert told.tolist() == [7, 1, 2, 8, 3]
    again = unheaded(told, longer)
    assert [each.tolist() for each in again] == [[7, 8], [1, 2, 3]]


def test_numbers_are_told_once_in_order() -> None:
    assert once(np.array([3, 1, 3, 2, 1])).tolist() == [1, 2, 3]
    assert once(np.array([], dtype=np.int64)).tolist() == []
