"""What was measured is kept row by row; the page says of every figure whether it was reached."""

import subprocess
import sys
from pathlib import Path

import polars as pl

from tests.benchmarks.measuring.costs import Cost, Machine
from tests.benchmarks.measuring.figures import FIGURES
from tests.benchmarks.measuring.page import page
from tests.benchmarks.measuring.plan import PARTS, Planner
from tests.benchmarks.measuring.rows import Row, keep, kept
from tests.benchmarks.peers.agreeing import compared

MACHINE = Machine("a processor", 2, 8.0, "3.11")
CHEAP, DEAR = Cost(2.0, 1.0, 100.0), Cost(90.0, 50.0, 4000.0)
PROFILE = "  step   seconds\n  in all    50.00"


def row(key: str, *costs: Cost, fault: str = "") -> Row:
    return Row(
        key, 10_000_000, "2026-01-02", costs, [{}] * len(costs), [PROFILE] * len(costs), fault
    )


def test_rows_come_back_as_they_were_kept_and_the_latest_counts(tmp_path: Path) -> None:
    keep(row("10M/kept", DEAR), tmp_path)
    keep(row("10M/kept", CHEAP, DEAR, CHEAP), tmp_path)
    keep(row("10M/two layers", fault="it ended with code 5"), tmp_path)
    found = kept(tmp_path)
    assert found["10M/kept"].cost == CHEAP
    assert found["10M/two layers"].fault == "it ended with code 5"


def test_a_missed_figure_has_its_profile_and_a_missing_one_its_reason() -> None:
    rows = [row("10M/floor", CHEAP), row("10M/kept", DEAR), row("10M/spark", fault="no Java")]
    told = page({each.key: each for each in [*rows, row("10M/local", CHEAP)]}, MACHINE, 1)
    assert "| 10M flows: CPU over the floor's | ≤ 3.0 x | 45.0 x | **missed** |" in told
    assert PROFILE in told
    assert "seconds over local | ≤ 4.0 x | not measured: no Java | |" in told
    assert "| 100M flows: peak of memory, MB | ≤ 1,500 | not measured | |" in told


def test_the_page_is_written_from_nothing() -> None:
    told = page({}, MACHINE, 1)
    assert told.count("| not measured | |") == len(FIGURES)


def test_every_figure_names_a_run_that_some_part_measures() -> None:
    keys = {
        each.key
        for part, sizes in PARTS.items()
        for n in sizes
        for each in Planner().entries(part, n)
    }
    assert {figure.run for figure in FIGURES} <= keys


def test_a_process_costs_what_it_left_behind_cost() -> None:
    """In a process of its own: whoever measures waits for everything that is left."""
    burn = "import time; end = time.process_time() + 0.4\nwhile time.process_time() < end: pass"
    leave = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {burn!r}])"
    ask = f"""
from tests.benchmarks.measuring.costs import spent
import sys
print(spent([sys.executable, "-c", {leave!r}], {{}})[0].cpu)
"""
    told = _asked(ask)
    assert 0.4 <= float(told) < 2


def test_what_fails_has_no_figure_but_a_reason() -> None:
    ask = """
from tests.benchmarks.measuring.costs import NotMeasuredError, python, spent
try:
    spent(python("audit", "run", "nowhere", "--lang", "en"), {})
except NotMeasuredError as why:
    print(why)
"""
    assert "ended with code" in _asked(ask)
    peer = 'sys.executable, "-c", "raise OSError(28)"'  # 1, with which only a run ends that found
    ask = f"""
import sys
from tests.benchmarks.measuring.costs import NotMeasuredError, spent
try:
    spent([{peer}], {{}})
except NotMeasuredError as why:
    print(why)
"""
    assert "code 1 (OSError: 28)" in _asked(ask)


def _asked(programme: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", programme], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_verdicts_that_differ_or_are_missing_are_counted(tmp_path: Path) -> None:
    ids = [f"F{number}" for number in range(4)]
    ours = pl.DataFrame({"flow_id": ids, "contract_verdict": ["permitted"] * 4})
    (run := tmp_path / "run").mkdir()
    ours.write_parquet(run / "verdicts.parquet")
    theirs = {"flow_id": [*ids[:3], "rejected"], "verdict": ["permitted", "excepted", None, "x"]}
    pl.DataFrame(theirs).write_parquet(tmp_path / "theirs.parquet")
    assert compared(tmp_path / "theirs.parquet", run) == {"judged": 4, "differ": 3}
