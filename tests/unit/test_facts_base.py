"""A base agreement row proves that the agreement is in force, and is never a consent to anyone."""

from typing import Any

import polars as pl
import pytest

from audit.facts.base import base_rows, is_base
from tests.asking import BASE, CONSENTS, frame


@pytest.mark.parametrize(
    ("cells", "base"),
    [
        ({}, True),
        ({"kind": "separate"}, False),
        ({"kind": "written"}, False),
        ({"effect": "forbid"}, False),
        ({"recipient": "PTR"}, False),
        ({"purposes": ("service",)}, False),
        ({"data_categories": ("contact",)}, False),
    ],
)
def test_it_is_of_kind_agreement_and_names_nothing(cells: dict[str, Any], base: bool) -> None:  # noqa: FBT001
    rows = frame([{**BASE, **cells}], CONSENTS)
    assert rows.select(is_base()).to_series().to_list() == [base]
    assert base_rows(rows).to_list() == [base]


def test_what_is_not_known_to_be_one_is_none() -> None:
    told = frame([BASE, {**BASE, "kind": None}, {**BASE, "effect": None}], CONSENTS)
    rows = pl.concat([told, told.reverse()])  # in several pieces
    assert base_rows(rows).to_list() == [True, False, False, False, False, True]
