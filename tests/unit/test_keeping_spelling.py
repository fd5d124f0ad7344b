"""Values come back as they were; what is not ours is neither written nor brought to life."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.facts.consents import Consents
from audit.facts.flows import CategorySets
from audit.facts.keys import ABSENT, KeyIndex, key_index
from audit.facts.pairs import Grouped
from audit.keeping.spelling import Reader, Speller, Unspeakable
from audit.problems import Problem
from tests.asking import ALLOW, FORBID, World, clause, pack_saying

FRAME = pl.DataFrame(
    {
        "text": ["a", None, "一段文字, longer than twelve bytes"],
        "list": [["a"], None, ["b", "c"]],
        "at": [datetime(2025, 1, 1, tzinfo=UTC), None, datetime(9999, 12, 31, tzinfo=UTC)],
        "amount": [0.1, None, -1e300],
        "whole": [1, None, -(2**60)],
    },
    schema_overrides={"at": pl.Datetime("us", "UTC")},
)


def there_and_back(value: object, **given: object) -> Any:  # noqa: ANN401
    speller = Speller(given)
    told = json.loads(json.dumps(speller.spelled(value)))
    return Reader(speller.buffers, given).read(told)


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=5),
    st.sampled_from([np.int64, np.int8, np.uint64, np.bool_]),
)
def test_arrays_keep_their_numbers_and_their_type(numbers: list[int], kind: type) -> None:
    array: npt.NDArray[Any] = np.array(numbers, dtype=np.int64).astype(kind)
    back = there_and_back(array)
    assert back.dtype == array.dtype
    assert back.tolist() == array.tolist()


@pytest.mark.parametrize("edge", [-(2**31) - 1, -129, -128, 127, 128, 32767, 32768, 2**31])
def test_narrow_numbers_are_wide_again(edge: int) -> None:
    back = there_and_back(np.array([[0, edge]]))
    assert back.dtype == np.int64
    assert back.tolist() == [[0, edge]]


@pytest.mark.parametrize("frame", [FRAME, FRAME.clear(), pl.concat([FRAME, FRAME], rechunk=False)])
def test_frames_and_columns_come_back_as_they_were(frame: pl.DataFrame) -> None:
    back = there_and_back(frame)
    assert back.equals(frame, null_equal=True)
    assert back.schema == frame.schema
    for column in frame:
        assert there_and_back(column).equals(column, null_equal=True)


@pytest.mark.parametrize(
    "value",
    [None, True, 7, "x", ("a", ("b",)), {"a": 1, None: 2}, frozenset({"b", "a"}), {}, ()],
)
def test_plain_values_come_back(value: object) -> None:
    assert there_and_back(value) == value


def test_what_is_shared_is_written_once_and_shared_again() -> None:
    array = np.arange(9)
    speller = Speller({})
    told = speller.spelled((Grouped(array, array), array))
    assert len(speller.buffers) == 1
    group, same = Reader(speller.buffers, {}).read(told)
    assert group.first is group.rows is same


def test_what_the_reader_has_already_is_not_written() -> None:
    known = {"many": "things"}
    assert there_and_back((known, 1), vocabulary=known)[0] is known


def test_what_a_value_remembers_begins_anew() -> None:
    sets = CategorySets({"a": 1})
    sets.of(pl.Series([["a"]]))
    back = there_and_back(sets)
    assert (back.domain, back.names) == ({"a": 1}, [])


def test_all_compiled_registers_come_back() -> None:
    world = World(consents=(ALLOW, FORBID))
    compiled = world.compiled(pack_saying(clause("c", "permit", {"consented": True})))
    numbering = compiled.numbering
    given = {
        "program": compiled.program,
        "vocabulary": numbering.vocabulary,
        "domains": numbering.domains,
        "kinds": numbering.evidence_kinds,
    }
    back = there_and_back(compiled, **given)
    assert back.program is compiled.program
    assert isinstance(back.consents, Consents)
    assert back.refusals.consents is back.consents
    assert back.numbering.subjects.find(pl.Series(["S1", "nobody"])).tolist() == [0, ABSENT]


def test_an_index_whose_hashes_are_of_another_machine_is_none() -> None:
    index = key_index(pl.Series(["a", "b", "c"]))
    with pytest.raises(ValueError, match="order of their hashes"):
        KeyIndex(index.ids.reverse(), index.places, index.seed)


@dataclass(frozen=True)
class Stranger:
    """A value of somebody else."""

    number: int = 1


@pytest.mark.parametrize("value", [Stranger(), object(), {"x": b"bytes"}, [1.5j]])
def test_values_that_are_not_ours_cannot_be_spelled(value: object) -> None:
    with pytest.raises(Unspeakable):
        Speller({}).spelled(value)


@pytest.mark.parametrize(
    ("module", "name"),
    [("os", "system"), ("subprocess", "Popen"), ("audit.problems", "Mapping"), ("audit", "audit")],
)
def test_nothing_but_our_own_values_is_brought_to_life(module: str, name: str) -> None:
    with pytest.raises((Unspeakable, AttributeError, ValueError)):
        Reader([], {}).read(["value", module, name, "true"])


def test_problems_are_values() -> None:
    problem = Problem("x", {"count": 1})
    assert there_and_back((problem,)) == (problem,)
