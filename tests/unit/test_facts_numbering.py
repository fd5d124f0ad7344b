"""Codes and subjects have numbers that every register shares."""

import polars as pl

from audit.facts.keys import key_index
from audit.facts.numbering import UNKNOWN_CODE, Numbering
from audit.vocabulary import load_vocabulary

DOMAINS = {"operation": (None, "collect", "use")}


def test_a_code_has_its_place_in_the_domain_and_0_where_it_is_null_or_not_mapped() -> None:
    vocabulary = load_vocabulary()
    numbering = Numbering(vocabulary, DOMAINS, {}, key_index(pl.Series(["S1"])))
    column = pl.Series(["use", None, "mine", "collect", "use"])
    assert numbering.coded(column, "operation").tolist() == [2, UNKNOWN_CODE, UNKNOWN_CODE, 1, 2]
    assert numbering.places["operation"] == {None: 0, "collect": 1, "use": 2}
