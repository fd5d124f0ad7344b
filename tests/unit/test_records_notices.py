"""What was met in two passes adds up to what one pass meets, whichever of them comes first."""

from itertools import permutations

import polars as pl

from audit.problems import Problem
from audit.records.notices import Met
from audit.records.tables import table
from audit.vocabulary import WHOLE_BASE, load_vocabulary

CODES = [f"strange.{number:02}" for number in range(60)]


def met() -> Met:
    return Met(table("flows"), load_vocabulary(), "+08:00")


def frame(codes: list[str]) -> pl.DataFrame:
    rows = len(codes)
    known = {name: ["share"] * rows for name in ("operation", "channel", "basis")}
    lists = pl.Series([[code] for code in codes], dtype=pl.List(pl.String))
    return pl.DataFrame({**known, "purpose": codes, "data_categories": lists})


def looked_at(into: Met, codes: list[str]) -> None:
    into.in_codes(frame(codes), {})
    into.in_times({"occurred_at": len(codes)})
    into.in_subjects(pl.Series(["S1", *[WHOLE_BASE] * len(codes)]))
    into.in_file([Problem("columns-unread", {"file": "flows.csv", "columns": codes[0]})])


def test_what_was_met_in_parts_is_what_was_met_in_one() -> None:
    parts = [CODES[30:], CODES[:20] + CODES[:3], CODES[10:40]]
    whole = met()
    for codes in parts:
        looked_at(whole, codes)
    for order in permutations(parts):
        merged = met()
        for codes in order:
            one = met()
            looked_at(one, codes)
            merged.take(one.noticed)
        assert merged.notices() == whole.notices()
    told = [notice.code for notice in whole.notices()]
    assert told.count("code-unmapped") > 20
    assert {"codes-unmapped-more", "times-naive", "flows-whole-base"} <= set(told)
