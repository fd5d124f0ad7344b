"""Distinct numbers without sorting: the same as numpy finds, whatever the numbers."""

import numpy as np
import pytest

from audit.facts.distinct import distinct

GENERATOR = np.random.default_rng(20251122)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 1000, 50_000])
@pytest.mark.parametrize("values", [1, 2, 700, 1 << 62])
def test_each_key_is_shown_once_and_every_row_finds_its_key(size: int, values: int) -> None:
    keys = GENERATOR.integers(0, values, size).astype(np.uint64)
    shown_by, of_row = distinct(keys)
    assert sorted(keys[shown_by].tolist()) == np.unique(keys).tolist()
    assert (keys[shown_by][of_row] == keys).all()
    assert (np.diff(shown_by) > 0).all()


def test_keys_that_fall_into_one_slot_are_told_apart() -> None:
    # Slots are told by the high bits of a product: of these keys it is all but the same.
    inverse = pow(0x9E3779B97F4A7C15, -1, 1 << 64)
    keys = np.array([(inverse * (n + 1)) % (1 << 64) for n in range(200)] * 2, dtype=np.uint64)
    shown_by, of_row = distinct(keys)
    assert shown_by.tolist() == sorted(shown_by.tolist())
    assert len(shown_by) == 200
    assert (keys[shown_by][of_row] == keys).all()
