"""Ids are found exactly: present, absent, null, in small registers and in large ones."""

import polars as pl
import pytest

from audit.facts.keys import ABSENT, coded, key_index

MANY = [f"S{number:06}" for number in range(20_000)]


@pytest.mark.parametrize("ids", [["b", "a", "c"], ["only"], [f"é{n}" for n in range(50)], MANY])
def test_every_id_is_found_at_its_place_and_no_other(ids: list[str]) -> None:
    index = key_index(pl.Series(ids, dtype=pl.String))
    assert len(index) == len(ids)
    assert index.find(pl.Series(ids)).tolist() == list(range(len(ids)))
    shorter = {one[:-1] for one in ids} - set(ids)
    strangers = [*(f"{one} " for one in ids), *shorter]
    assert set(index.find(pl.Series(strangers)).tolist()) == {ABSENT}


def test_null_is_found_nowhere() -> None:
    index = key_index(pl.Series(["a", "b"]))
    wanted = pl.Series(["b", None, "x", "a", "b"])
    assert index.find(wanted).tolist() == [1, ABSENT, ABSENT, 0, 1]


def test_an_empty_register_has_nobody() -> None:
    index = key_index(pl.Series([], dtype=pl.String))
    assert index.find(pl.Series(["a", None])).tolist() == [ABSENT, ABSENT]
    assert key_index(pl.Series(["a"])).find(pl.Series([], dtype=pl.String)).tolist() == []


def test_ids_must_be_distinct() -> None:
    with pytest.raises(ValueError, match="listed twice"):
        key_index(pl.Series(["a", "b", "a"]))


def test_hashes_that_collide_do_not_confuse_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    index = key_index(pl.Series(["a", "b"]))
    # Whatever is asked for now has the hash of `a`: only the text itself can tell.
    same = pl.Series(["a"]).hash(seed=index.seed)
    monkeypatch.setattr(pl.Series, "hash", lambda wanted, **_: same.new_from_index(0, len(wanted)))
    assert index.find(pl.Series(["a", "z"])).tolist() == [0, ABSENT]


@pytest.mark.parametrize(
    "values", [["x", None, "y", "x"], [None, None], [], ["y"], ["", "x", ""], ["b", "a", None]]
)
@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical])
def test_a_column_is_its_codes_and_the_values_they_stand_for(
    values: list[str | None], dtype: type[pl.DataType]
) -> None:
    codes, known = coded(pl.Series(values, dtype=pl.String).cast(dtype))
    assert [known[code] for code in codes] == values
    assert len(set(known)) == len(known) <= len(set(values))
