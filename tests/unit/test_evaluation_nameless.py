"""Frames come back as they came, from memory or from a file, and keep nothing else in memory."""

import polars as pl
import pyarrow as pa
import pytest

from audit.evaluation.nameless import Heap, Nameless
from audit.sources.arrows import detached

LONG = "a text that is too long to lie in its place "


def frame(number: int) -> pl.DataFrame:
    """A frame with text, lists, nulls and times."""
    return pl.DataFrame(
        {
            "text": [None, "", f"{LONG}{number}"],
            "codes": [["a", LONG], None, []],
            "mask": pl.Series([1, 2**64 - 1, number], dtype=pl.UInt64),
            "at": pl.Series([0, None, number], dtype=pl.Datetime("us", "UTC")),
        }
    )


@pytest.mark.parametrize("most", [0, 4_000, 1 << 20])
def test_frames_come_back_as_they_came(most: int) -> None:
    heap, frames = Heap(most), [frame(number) for number in range(9)]
    for each in (*frames[:5], frame(5).clear(), *frames[5:]):
        heap.add(each)
    assert (heap.file is None) == (most == 1 << 20)
    assert bool(heap.held) == (most > 0)
    for _ in range(2):
        found = [each for each in heap if each.height]
        assert all(a.equals(b) and a.schema == b.schema for a, b in zip(found, frames, strict=True))


def test_what_a_frame_was_cut_out_of_is_let_go() -> None:
    def cut() -> pl.DataFrame:
        whole = pl.DataFrame(pa.table({"text": [f"{LONG}{row}" for row in range(50_000)]}))
        return whole[[3, 40_000]]

    before, heap = pa.total_allocated_bytes(), Heap()
    heap.add(cut())
    own = detached(cut())
    assert pa.total_allocated_bytes() - before < 100_000
    kept = cut()
    assert pa.total_allocated_bytes() - before > 1_000_000  # so that the measure can fail
    assert kept.equals(own)


def test_a_file_without_a_name_holds_what_was_put_there() -> None:
    file = Nameless()
    places = [file.put(pa.py_buffer(told)) for told in (b"one", b"", b"three")]
    assert [file.take(*place) for place in places] == [b"one", b"", b"three"]
