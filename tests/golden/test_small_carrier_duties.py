"""The duties of the example, judged by hand from the semantics, against the engine.

`if_declared` is the state where the registers of evidence and of flows are declared complete: only
then is what is not on record known to be missing.
"""

import csv
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from audit.running import Request, audit
from tests.commanding import command

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "small_carrier"
PACKS = ("telecom_agreement", "cn_statute")
DECLARED = ("flows", *(f"evidence.{kind}" for kind in ("notice", "stop_notice", "data_return")))
Told = dict[tuple[str, str, str], tuple[object, ...]]


@cache
def by_hand() -> tuple[dict[str, str], ...]:
    """What the people who read the stories expect."""
    with (HERE / "small_carrier_duties.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def expected(state: str) -> Told:
    """The same as the engine tells it; `state` is the column that counts."""
    return {
        (row["layer"], row["duty"], row["event_id"]): (
            row["event"],
            row["subject"] or None,
            row["party"] or None,
            datetime.fromisoformat(row["due"]),
            row[state],
            row["done_by"] or None,
            int(row["flows"]),
        )
        for row in by_hand()
    }


def by_engine(export: Path) -> Told:
    """What the engine says of the example."""
    told = ("event", "subject", "party", "due", "state", "done_by", "flows")
    return {
        (row["layer"], row["duty"], row["event_id"]): tuple(row[name] for name in told)
        for row in audit(Request(export, PACKS)).duties.to_dicts()
    }


def declared(folder: Path) -> Path:
    """The example under a source file that declares its registers complete."""
    tables = ("flows", "parties", "consents", "evidence")
    lines = [f"complete = {['consents', *DECLARED, 'evidence.impact_assessment']}"]
    lines += [f'[tables.{name}]\npaths = ["{EXAMPLE / name}.csv"]' for name in tables]
    file = folder / "declared.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_no_two_rows_are_the_same_case() -> None:
    assert len(expected("state")) == len(by_hand())


def test_the_engine_tells_every_duty_as_the_stories_do() -> None:
    assert by_engine(EXAMPLE) == expected("state")


def test_what_is_not_on_record_is_a_breach_only_where_the_register_is_complete(
    tmp_path: Path,
) -> None:
    assert by_engine(declared(tmp_path)) == expected("if_declared")
    breached = {row["event_id"] for row in by_hand() if row["if_declared"] == "breached"}
    assert breached == {"F-0711", "F-0712", "F-0714", "F-0715"}
    assert "breached" not in {row["state"] for row in by_hand()}


@pytest.mark.parametrize("state", ["fulfilled", "pending", "not_due", "undetermined"])
def test_the_stories_have_every_other_state(state: str) -> None:
    assert [row for row in by_hand() if row["state"] == state]


def test_every_duty_says_why_in_both_languages() -> None:
    for row in by_hand():
        chinese, _, english = row["why"].partition(" / ")
        assert chinese
        assert english


def test_the_summary_counts_them_as_the_hand_does(tmp_path: Path) -> None:
    packs = [argument for name in PACKS for argument in ("--pack", name)]
    shown = command("run", EXAMPLE, *packs, "--out", tmp_path / "run", "--lang", "en").out
    counted = [row["state"] for row in by_hand()]
    assert "Duties, as of 2025-10-09 10:00" in shown
    assert f"{counted.count('fulfilment_unknown')} of unknown fulfilment" in shown
    assert f"{counted.count('undetermined')} undetermined" in shown
