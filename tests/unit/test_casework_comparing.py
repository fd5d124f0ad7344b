"""Two runs side by side: every finding is new, gone, changed or the same; verdicts move by flow."""

from pathlib import Path

import polars as pl
import pytest

from audit.casework.comparing import Change, Comparison, changes, compare, migration
from audit.casework.findings import Turn
from audit.casework.roles import NotAllowed
from audit.casework.workspace import KeptRun
from audit.clauses.clause import Verdict
from tests.judged import Flow, Unit
from tests.kept import OFFICER, VIEWER, kept, several

WANTING = Unit(Verdict.VIOLATION, ("no-ground",), nearest="3-2-7b", lacking=("data",))


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("runs")
    stays = several("S", people=4)
    before = [
        *stays,
        *several("G", people=2, recipient="PTR-2"),
        *several("C", people=2, recipient="STRANGER"),
        Flow("M1"),
        Flow("M2"),
        Flow("M3", recipient="PTR-2"),
    ]
    after = [
        *stays,
        *several("C", people=3, recipient="STRANGER"),
        Flow("M1", sender="PTR-1", recipient="PTR-2", units={"health": WANTING}),
        Flow("M2", sender="PTR-1", recipient="PTR-2", units={"health": WANTING}),
        Flow("M4", recipient="PTR-2"),
    ]
    return compare(kept(folder / "before", before), kept(folder / "after", after))


def table(run: KeptRun) -> pl.DataFrame:
    return pl.read_parquet(run.file("findings.parquet"))


def told(comparison: Comparison, change: Change) -> pl.DataFrame:
    return changes(comparison, OFFICER, change, Turn(size=100))


def test_every_finding_is_counted_once(compared: Comparison) -> None:
    before, after = (set(table(run)["fingerprint"]) for run in (compared.before, compared.after))
    assert sum(compared.counts.values()) == len(before | after)
    assert compared.counts[Change.NEW] == len(after - before) > 0
    assert compared.counts[Change.GONE] == len(before - after) > 0
    assert compared.counts[Change.CHANGED] > 0
    assert compared.counts[Change.SAME] > 0


def test_what_changed_is_told_with_both_counts(compared: Comparison) -> None:
    strangers = told(compared, Change.CHANGED).filter(pl.col("recipient") == "STRANGER")
    row = strangers.filter(pl.col("verdict") == "violation").row(0, named=True)
    assert (row["before_flows"], row["after_flows"]) == (2, 3)
    assert (row["before_subjects"], row["after_subjects"]) == (2, 3)
    assert row["cause_zh"]


def test_what_is_new_or_gone_has_only_one_side(compared: Comparison) -> None:
    new, gone = (told(compared, change) for change in (Change.NEW, Change.GONE))
    assert new["before_flows"].null_count() == new.height
    assert gone["after_flows"].null_count() == gone.height
    before, after = (
        table(run)["fingerprint"].to_list() for run in (compared.before, compared.after)
    )
    assert new["fingerprint"].to_list() == [name for name in after if name not in set(before)]
    assert gone["fingerprint"].to_list() == [name for name in before if name not in set(after)]


def test_changes_are_paged(compared: Comparison) -> None:
    whole = told(compared, Change.NEW)["fingerprint"].to_list()
    pages = [
        changes(compared, OFFICER, Change.NEW, Turn(number, 1))["fingerprint"].to_list()
        for number in range(1, len(whole) + 1)
    ]
    assert [name for page in pages for name in page] == whole
    assert changes(compared, OFFICER, Change.NEW, Turn(len(whole) + 1, 1)).is_empty()


def test_a_run_beside_itself_is_the_same(compared: Comparison) -> None:
    alike = compare(compared.after, compared.after)
    assert alike.counts[Change.SAME] == table(compared.after).height
    assert sum(alike.counts.values()) == alike.counts[Change.SAME]
    moved = migration(alike, OFFICER)
    assert (moved["before"] == moved["after"]).all()


def test_verdicts_move_flow_by_flow(compared: Comparison) -> None:
    moved = migration(compared, OFFICER)
    assert moved.rows() == [
        ("contract", "permitted", "violation", 2, ["M1", "M2"]),
        ("contract", "permitted", None, 1, ["M3"]),
        ("contract", "violation", "violation", 6, ["C-0", "C-1", "S-0"]),
        ("contract", "violation", None, 2, ["G-0", "G-1"]),
        ("contract", None, "permitted", 1, ["M4"]),
        ("contract", None, "violation", 1, ["C-2"]),
    ]


def test_counts_are_for_everybody_rows_for_officers(compared: Comparison) -> None:
    with pytest.raises(NotAllowed):
        changes(compared, VIEWER, Change.NEW)
    with pytest.raises(NotAllowed):
        migration(compared, VIEWER)


def test_nothing_beside_nothing(tmp_path: Path) -> None:
    empty = kept(tmp_path / "run", [])
    nothing = compare(empty, empty)
    assert nothing.counts[Change.NEW] == nothing.counts[Change.GONE] == 0
    assert migration(nothing, OFFICER).is_empty()
