"""Patterns mean the same to jsonschema (Python) and to the compiled rules (polars)."""

import re

import polars as pl
import pytest

from audit.records import patterns
from audit.records.tables import table

TEXTS = [
    "",
    "a",
    "aa",
    "ab",
    "b\n",
    "a\n",
    "\n",
    "甲",
    "A1",
    "a.b",
    "a\nb",
    "$",
    "a$",
    "-",
    "\u2028",
]


@pytest.mark.parametrize(
    "pattern",
    [
        "^a*$",
        "a+",
        "^[^b]+$",
        "(ab|甲)",
        "^(?:a|b)?$",
        "\\.",
        "\\$",
        "[a$]",
        "^[A-Z0-9.-]{1,4}$",
        "$",
        "^",
    ],
)
def test_portable_patterns_mean_the_same(pattern: str) -> None:
    assert patterns.is_portable(pattern)
    found = pl.Series(TEXTS).str.contains(patterns.in_polars(pattern))
    assert found.to_list() == [re.search(pattern, text) is not None for text in TEXTS]


@pytest.mark.parametrize(
    "pattern",
    [
        *("\\d", "\\w+", "\\s", "\\bx", "a.b", "(?=a)", "(?<!a)", "(?P<x>a)", "(?i)a", "(a)\\1"),
        *(
            "a*?",
            "a++",
            "a{2}{3}",
            "[[:alpha:]]",
            "[a&&b]",
            "[]a]",
            "[a",
            "(a",
            "a)",
            "*a",
            "\\p{L}",
        ),
        *("[\\d]", "a\\", "\\u12", "[z-a]"),
    ],
)
def test_what_engines_read_differently_is_no_pattern(pattern: str) -> None:
    assert not patterns.is_portable(pattern)


def test_visible_text_needs_no_asking_where_one_class_takes_it_all() -> None:
    plain = table("flows").schema["properties"]["flow_id"]["pattern"]
    assert patterns.takes_graphic(plain)
    assert patterns.takes_graphic("^[^ ]*$")
    for pattern in ("^[a-z]+$", "^[^~]+$", "[^ ]+", "^[^ ]+", "^[^ ]{3}$", "^a[^ ]+$"):
        assert not patterns.takes_graphic(pattern)
