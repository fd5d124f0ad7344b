"""A finding is known only where nothing of it is more or graver than what was accepted."""

from typing import Any

import polars as pl
import pytest

from audit.findings.finding import FINDINGS
from audit.findings.known import KNOWN, Held, Since, held

PLAIN: dict[str, Any] = {
    "fingerprint": "a" * 64,
    "layer": "contract",
    "verdict": "violation",
    "clause": "3-2-7c",
    "severity": "medium",
    "flows": 3,
    "subjects": 2,
    "whole_base": False,
    "records": 30,
}


def findings(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{**PLAIN, **row} for row in rows], schema=FINDINGS)


def known(*rows: dict[str, Any]) -> pl.DataFrame:
    return findings(*rows).select(KNOWN.names())


def since(now: dict[str, Any], then: dict[str, Any]) -> str:
    (told,) = held(findings(now), known(then))[0]["since"]
    return str(told)


@pytest.mark.parametrize(
    ("now", "then", "told"),
    [
        ({}, {}, "known"),
        ({"flows": 2}, {}, "known"),
        ({"subjects": 1, "records": 1}, {}, "known"),
        ({"severity": "low"}, {}, "known"),
        ({"flows": 4}, {}, "worse"),
        ({"flows": 4, "records": 1}, {}, "worse"),
        ({"subjects": 3}, {}, "worse"),
        ({"records": 31}, {}, "worse"),
        ({"whole_base": True}, {}, "worse"),
        ({}, {"whole_base": True}, "known"),
        ({"severity": "high"}, {}, "worse"),
        ({"severity": "critical", "flows": 1}, {}, "worse"),
        ({}, {"verdict": "indeterminate"}, "worse"),
        ({"verdict": None, "layer": None}, {"verdict": None, "layer": None}, "known"),
        ({"fingerprint": "b" * 64}, {}, "new"),
    ],
)
def test_more_or_graver_is_worse_and_fewer_is_known(
    now: dict[str, Any], then: dict[str, Any], told: str
) -> None:
    assert since(now, then) == told


@pytest.mark.parametrize("name", ["flows", "subjects", "records", "whole_base", "severity"])
def test_what_cannot_be_compared_is_never_known(name: str) -> None:
    then = known({}).with_columns(pl.lit(None, KNOWN[name]).alias(name))
    assert held(findings({}), then)[0]["since"].to_list() == ["worse"]


def test_what_the_run_no_longer_has_is_gone_and_the_order_of_the_run_stays() -> None:
    names = [letter * 64 for letter in "dbca"]
    run = findings(*({"fingerprint": name} for name in names))
    told, gone = held(run, known({"fingerprint": "e" * 64}, {"fingerprint": "b" * 64}))
    assert told["fingerprint"].to_list() == names
    assert told["since"].to_list() == ["new", "known", "new", "new"]
    assert gone["fingerprint"].to_list() == ["e" * 64]
    assert gone.schema == KNOWN
    counts = Held("x", told, gone).counts
    assert counts == {Since.NEW: 3, Since.WORSE: 0, Since.KNOWN: 1, Since.GONE: 1}


def test_only_what_is_new_or_worse_is_reported_by_its_verdict() -> None:
    doubt = {"fingerprint": "b" * 64, "verdict": "indeterminate"}
    told, gone = held(findings({}, doubt), known({}))
    found = Held("x", told, gone)
    assert found.reported["fingerprint"].to_list() == ["b" * 64]
    assert found.reports("indeterminate")
    assert not found.reports("violation")
