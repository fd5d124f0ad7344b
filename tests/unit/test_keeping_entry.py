"""An entry is what was written, to the last bit, or it is none."""

from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest

from audit.keeping.entry import Damaged, Entry, write_entry
from audit.keeping.spelling import Speller

VALUE = {"array": np.arange(50), "text": pl.Series(["a", "bc"]), "none": None}
OTHER = {"frame": pl.DataFrame({"x": ["y"] * 40})}


def written(path: Path) -> Path:
    parts = {}
    for name, value in (("one", VALUE), ("other", OTHER)):
        speller = Speller({}, None if name == "one" else "lz4")
        parts[name] = partial(tuple, (speller.spelled(value), speller.buffers))
    with path.open("wb") as file:
        write_entry(file, parts)
    return path


def read(path: Path, *parts: str) -> list[Any]:
    with path.open("rb") as file:
        entry = Entry(file)
    return [entry.read(part, {}) for part in parts]


def test_parts_are_read_in_any_order(tmp_path: Path) -> None:
    other, one = read(written(tmp_path / "entry"), "other", "one")
    assert other["frame"].equals(OTHER["frame"])
    assert one["array"].tolist() == [*range(50)]
    assert one["text"].to_list() == ["a", "bc"]


def test_an_entry_cut_short_anywhere_is_damaged(tmp_path: Path) -> None:
    path = written(tmp_path / "entry")
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(Damaged):
            read(path, "one", "other")


def test_an_entry_with_any_bit_turned_is_damaged(tmp_path: Path) -> None:
    path = written(tmp_path / "entry")
    whole = bytearray(path.read_bytes())
    drawn = Random(1)
    for place in range(len(whole)):
        turned = 1 << drawn.randrange(8)
        whole[place] ^= turned
        path.write_bytes(whole)
        with pytest.raises(Damaged):
            read(path, "one", "other")
        whole[place] ^= turned


def test_a_damaged_part_does_not_hinder_another(tmp_path: Path) -> None:
    path = written(tmp_path / "entry")
    whole = bytearray(path.read_bytes())
    whole[0] ^= 1
    path.write_bytes(whole)
    assert read(path, "other")[0]["frame"].equals(OTHER["frame"])
    with pytest.raises(Damaged):
        read(path, "one")


def test_a_part_that_was_not_written_is_damage(tmp_path: Path) -> None:
    with pytest.raises(Damaged):
        read(written(tmp_path / "entry"), "third")
