"""People named by the million have the pseudonyms that they have one by one."""

import polars as pl
import pytest

from audit.casework.naming import named, person_of, pseudonyms_of
from audit.records.pseudonyms import pseudonym

KEY = bytes(range(32))
PEOPLE = pl.Series("subject_id", ["S-1", "13800000000", "客户甲", "S-1", "*", "x" * 200])


def test_the_pseudonyms_are_those_of_the_records() -> None:
    subjects, _ = named(KEY, PEOPLE)
    assert subjects.to_list() == [pseudonym(KEY, name) for name in PEOPLE]


def test_people_are_told_apart_by_number_as_by_pseudonym() -> None:
    subjects, persons = named(KEY, pl.Series([f"S-{n}" for n in range(2000)] * 2))
    assert persons.dtype == pl.UInt64
    assert persons.n_unique() == subjects.n_unique() == 2000
    assert persons.to_list() == [person_of(name) for name in subjects]


def test_the_whole_base_is_nobody() -> None:
    subjects, persons = named(KEY, pl.Series(["*"]))
    assert (subjects[0], persons[0]) == ("*", 0)


def test_no_people_have_no_names() -> None:
    subjects, persons = named(KEY, pl.Series([], dtype=pl.String))
    assert subjects.dtype == pl.String
    assert persons.dtype == pl.UInt64
    assert subjects.is_empty()


def test_somebody_is_meant_by_pseudonym_or_by_id() -> None:
    name = pseudonym(KEY, "S-1")
    assert pseudonyms_of(KEY, "S-1") == (name,)
    assert name in pseudonyms_of(KEY, name)


def test_an_id_that_looks_like_a_pseudonym_is_taken_for_both() -> None:
    strange = "0123456789abcdef0123456789abcdef"
    assert pseudonyms_of(KEY, strange) == (strange, pseudonym(KEY, strange))


@pytest.mark.parametrize("other", [b"\1" * 32, b"\2" * 32])
def test_another_key_gives_other_names(other: bytes) -> None:
    assert set(named(KEY, PEOPLE)[0]) & set(named(other, PEOPLE)[0]) == {"*"}
