"""Pairing flows with register rows, and the best truth among the pairs."""

import numpy as np

from audit.facts.pairs import agreed, best, grouped, holds, running, soften
from audit.vocabulary import Truth

FALSE, UNKNOWN, TRUE = Truth


def places(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Numbers as the engine keeps them."""
    return np.array(numbers, dtype=np.int64)


def truths(*values: Truth) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """Truths as the engine keeps them."""
    return np.array(values, dtype=np.int8)


def test_each_key_is_paired_with_all_its_rows_in_order() -> None:
    rows = grouped(places(1, 0, 1, -1, 3), 4)
    owners, found = rows.pairs(places(1, 2, -1, 0, 1, 3))
    assert owners.tolist() == [0, 0, 3, 4, 4, 5]
    assert found.tolist() == [0, 2, 1, 0, 2, 4]


def test_nobody_asking_and_nothing_to_find_give_no_pairs() -> None:
    for rows, keys in ((grouped(places(), 3), places(0, 2)), (grouped(places(0), 1), places())):
        owners, found = rows.pairs(keys)
        assert (owners.tolist(), found.tolist()) == ([], [])


def test_the_best_is_the_greatest_truth_or_the_default() -> None:
    found = best(places(0, 0, 2, 2, 3), truths(UNKNOWN, TRUE, FALSE, UNKNOWN, FALSE), 5)
    assert found.tolist() == [TRUE, FALSE, UNKNOWN, FALSE, FALSE]
    assert best(places(), truths(), 2, Truth.UNKNOWN).tolist() == [UNKNOWN, UNKNOWN]


def test_an_interval_holds_its_start_but_not_its_end() -> None:
    start, end = places(5, 5, 5, 5), places(9, 9, 9, 5)
    assert holds(start, end, places(4, 5, 9, 5)).tolist() == [False, True, False, False]


def test_softening_makes_false_unknown_and_nothing_else() -> None:
    values = truths(FALSE, UNKNOWN, TRUE, FALSE)
    where = np.array([True, True, True, False])
    assert soften(values, where).tolist() == [UNKNOWN, UNKNOWN, TRUE, FALSE]


def test_two_agree_where_they_say_the_same() -> None:
    found = agreed(truths(TRUE, TRUE, FALSE, UNKNOWN), truths(TRUE, FALSE, FALSE, UNKNOWN))
    assert found.tolist() == [TRUE, UNKNOWN, FALSE, UNKNOWN]


def test_running_counts_within_each_group() -> None:
    assert running(places(2, 0, 3)).tolist() == [0, 1, 0, 1, 2]
