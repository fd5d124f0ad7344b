"""What was decided in an earlier batch is found again, and never for another signature."""

import numpy as np
import pytest

from audit.evaluation import recognising
from audit.evaluation.outcomes import Numbered
from audit.evaluation.recognising import Recognised

Words = np.ndarray[tuple[int, int], np.dtype[np.uint64]]


class Deciding:
    """Decides that the outcome of a signature is its first word; remembers what it was asked."""

    def __init__(self, rows: Words) -> None:
        self.rows = rows
        self.asked: list[int] = []

    def __call__(self, fresh: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Numbered:
        rows = self.rows[fresh]
        self.asked += rows[:, 0].tolist()
        units = np.arange(2 * len(rows)) % 2 == 1  # two units each, the second by consent
        return Numbered(
            outcome=rows[:, 0].astype(np.int64),
            first_unit=2 * np.arange(len(rows)),
            asked_evidence=(rows[:, :1] % 2 == 0),
            consented=units,
        )


def signatures(*first: int, width: int = 2) -> Words:
    rows = np.zeros((len(first), width), dtype=np.uint64)
    rows[:, 0] = first
    return rows


@pytest.mark.parametrize("most", [0, 1, 1000])
def test_each_row_finds_what_was_decided_of_it(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognising, "_MOST", most)
    recognised = Recognised()
    for batch in ([5, 7], [7, 9, 5], [4], [9, 4, 5, 7], []):
        rows = signatures(*batch)
        numbered, places = recognised.numbered(rows, Deciding(rows))
        assert numbered.outcome[places].tolist() == batch
        assert numbered.asked_evidence[places, 0].tolist() == [number % 2 == 0 for number in batch]
        assert not numbered.consented[numbered.first_unit[places]].any()
        assert numbered.consented[numbered.first_unit[places] + 1].all()


def test_only_new_signatures_are_decided() -> None:
    recognised, rows = Recognised(), signatures(5, 7)
    recognised.numbered(rows, Deciding(rows))
    more = Deciding(signatures(7, 9, 5))
    recognised.numbered(more.rows, more)
    assert more.asked == [9]


def test_signatures_of_another_width_are_others() -> None:
    recognised, rows = Recognised(), signatures(5)
    recognised.numbered(rows, Deciding(rows))
    wider = Deciding(signatures(5, width=3))
    recognised.numbered(wider.rows, wider)
    assert wider.asked == [5]
