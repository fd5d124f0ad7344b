"""What lists of codes cover, as tables."""

import polars as pl

from audit.facts.coverage import coverage, listings
from audit.vocabulary import Truth

FALSE, UNKNOWN, TRUE = Truth
TREE = {"service": None, "service.billing": "service", "service.repair": "service", "rights": None}
DOMAIN = (None, *TREE)


def test_lists_are_numbered_and_null_stays_null() -> None:
    column = pl.Series([["a", "b"], None, ["a"], ["a", "b"]], dtype=pl.List(pl.String))
    codes, lists = listings(column)
    assert [lists[code] for code in codes] == [("a", "b"), None, ("a",), ("a", "b")]
    assert len(lists) == 3


def test_a_register_without_rows_has_no_lists() -> None:
    codes, lists = listings(pl.Series([], dtype=pl.List(pl.String)))
    assert (codes.tolist(), lists) == ([], [])


def test_a_list_covers_its_members_and_what_lies_below_them() -> None:
    lists = [("service",), ("service.billing",), ("rights", "service.repair")]
    assert coverage(TREE, DOMAIN, lists, Truth.UNKNOWN).tolist() == [
        [UNKNOWN, TRUE, TRUE, TRUE, FALSE],
        [UNKNOWN, UNKNOWN, TRUE, FALSE, FALSE],
        [UNKNOWN, UNKNOWN, FALSE, TRUE, TRUE],
    ]


def test_a_member_that_is_not_mapped_leaves_the_rest_open() -> None:
    found = coverage(TREE, DOMAIN, [("rights", "mine")], Truth.UNKNOWN)
    assert found.tolist() == [[UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, TRUE]]


def test_a_null_list_says_what_it_is_told_to() -> None:
    for null in Truth:
        assert coverage(TREE, DOMAIN, [None], null).tolist() == [[null] * len(DOMAIN)]


def test_no_lists_make_an_empty_table() -> None:
    assert coverage(TREE, DOMAIN, [], Truth.UNKNOWN).shape == (0, len(DOMAIN))
