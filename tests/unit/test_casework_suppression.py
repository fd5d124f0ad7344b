"""Viewers are told no count of few people, and none that is what is left of a sum."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.casework.suppression import COUNTS, K, hidden, suppressed
from tests.kept import ADMIN, OFFICER, VIEWER


def frame(
    *subjects: int | None, group: str | None = None, everybody: tuple[int, ...] = ()
) -> pl.DataFrame:
    rows = [
        {"group": g, "subjects": n, "whole_base": place in everybody, "flows": 10, "records": 100}
        for place, (n, g) in enumerate(zip(subjects, group or "a" * len(subjects), strict=True))
    ]
    numbers = dict.fromkeys(("flows", "records"), pl.Int64)
    people = {"subjects": pl.Int64, "whole_base": pl.Boolean}
    return pl.DataFrame(rows, schema={"group": pl.String, **people, **numbers})


def told(table: pl.DataFrame, *columns: str) -> list[int | None]:
    return suppressed(table, VIEWER, (columns,))["subjects"].to_list()


def test_officers_see_everything() -> None:
    for reader in (OFFICER, ADMIN):
        shown = suppressed(frame(1, 4, 9), reader)
        assert shown["subjects"].to_list() == [1, 4, 9]
        assert not shown["suppressed"].any()


def test_a_row_of_few_people_loses_every_count() -> None:
    shown = suppressed(frame(4, 4, 9), VIEWER)
    assert shown.rows(named=True)[0] == {
        "group": "a",
        "subjects": None,
        "whole_base": None,
        "flows": None,
        "records": None,
        "suppressed": True,
    }
    assert shown["suppressed"].to_list() == [True, True, False]


def test_dates_and_verdicts_are_counts_as_well() -> None:
    names = {"first_seen", "last_seen", "violation", "contract_violation", "statute_permitted"}
    assert names < set(COUNTS)


@pytest.mark.parametrize("subjects", [0, K, 100])
def test_nobody_and_enough_people_are_told(subjects: int) -> None:
    assert told(frame(subjects, 9)) == [subjects, 9]


def test_unknown_people_are_hidden_and_cover_nobody() -> None:
    assert told(frame(None, 9, 8, 7)) == [None, 9, None, None]


def test_a_single_hidden_row_takes_the_smallest_other_with_it() -> None:
    assert told(frame(3, 20, 10, 0)) == [None, 20, None, 0]


def test_hidden_rows_of_too_few_people_together_take_one_more() -> None:
    assert told(frame(1, 1, 20, 9)) == [None, None, 20, None]
    assert told(frame(2, 3, 20, 9)) == [None, None, 20, 9]


def test_groups_are_covered_each_for_itself() -> None:
    assert told(frame(3, 9, 8, 7, group="aabb"), "group") == [None, None, 8, 7]
    assert told(frame(3, 9, 8, 7, group="aabb")) == [None, 9, 8, None]


def test_rows_keep_their_order_and_an_empty_frame_is_no_trouble() -> None:
    assert suppressed(frame(9, 3, 8), VIEWER)["suppressed"].to_list() == [False, True, True]
    assert suppressed(frame(), VIEWER).is_empty()


def flows_told(table: pl.DataFrame) -> list[int | None]:
    return suppressed(table, VIEWER)["flows"].to_list()


def test_the_whole_customer_base_is_not_few_people() -> None:
    assert flows_told(frame(0, 9, everybody=(0,))) == [10, 10]
    assert flows_told(frame(0, everybody=(0,))) == [10]


def test_few_names_beside_the_whole_customer_base_are_hidden_and_covered() -> None:
    assert flows_told(frame(2, 9, 30, everybody=(0,))) == [None, None, 10]


def test_the_whole_customer_base_is_the_last_to_be_hidden_for_others() -> None:
    assert flows_told(frame(3, 0, 20, everybody=(1,))) == [None, 10, None]
    assert flows_told(frame(3, 0, everybody=(1,))) == [None, None]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 12), st.booleans()), max_size=12))
def test_in_no_group_is_a_hidden_row_what_is_left_of_its_sum(
    rows: list[tuple[str, int, bool]],
) -> None:
    schema = {"group": pl.String, "subjects": pl.Int64, "whole_base": pl.Boolean}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    marked = table.with_columns(hidden=hidden(table, (("group",),)))
    for group in marked.partition_by("group"):
        few = group.filter(pl.col("hidden"))
        peopled = (pl.col("subjects") > 0) | pl.col("whole_base")
        rest = group.filter(~pl.col("hidden") & peopled)
        plenty = few.filter("whole_base", ~pl.col("subjects").is_between(1, K - 1)).height > 0
        covered = few.height != 1 and (few.is_empty() or plenty or few["subjects"].sum() >= K)
        assert covered or rest.is_empty()
        assert not ((rest["subjects"] < K) & (rest["subjects"] > 0)).any()
