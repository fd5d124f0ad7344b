"""The overview counts what the run counted; a viewer's can be computed from nothing else in it."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from audit.casework.overviewing import overview, rejected, trend
from audit.casework.paging import Sheet
from audit.casework.roles import NotAllowed
from audit.casework.workspace import KeptRun
from audit.wording import Language
from tests.example_run import kept_run
from tests.judged import NO_GROUND, PERMITTED, Flow
from tests.kept import ADMIN, OFFICER, VIEWER, kept, several


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    flows = [
        *several("A", people=9),
        *several("B", people=2, recipient="PTR-2"),
        *several("C", people=6, recipient="PTR-2", units={"contact.phone": PERMITTED}),
        *several("D", people=3, recipient="STRANGER", units={"contact.phone": PERMITTED}),
    ]
    return kept(tmp_path_factory.mktemp("runs") / "run", flows)


def test_an_officer_sees_every_count(run: KeptRun) -> None:
    told = overview(run, OFFICER)
    assert told.verdicts.drop("suppressed").rows() == [
        ("contract", "permitted", 9),
        ("contract", "excepted", 0),
        ("contract", "indeterminate", 0),
        ("contract", "violation", 11),
    ]
    assert told.roles.drop("suppressed").rows() == [
        ("authorized_partner", "contract", "permitted", 6),
        ("authorized_partner", "contract", "violation", 11),
        (None, "contract", "permitted", 3),
    ]
    assert told.rows.filter(pl.col("table") == "flows").row(0) == ("flows", 21, 20, 1, 0)


def test_roles_add_up_to_the_verdicts(run: KeptRun) -> None:
    told = overview(run, ADMIN)
    summed = dict(told.roles.group_by("verdict").agg(pl.col("flows").sum()).iter_rows())
    counted = dict(told.verdicts.select("verdict", "flows").iter_rows())
    assert summed == {verdict: flows for verdict, flows in counted.items() if flows}


def test_a_viewer_is_not_told_what_a_sum_would_leave(run: KeptRun) -> None:
    told = overview(run, VIEWER)
    assert told.verdicts["flows"].to_list() == [9, 0, 0, 11]
    assert told.roles.rows() == [
        ("authorized_partner", "contract", "permitted", None, True),
        ("authorized_partner", "contract", "violation", 11, False),
        (None, "contract", "permitted", None, True),
    ]


def test_a_run_of_few_people_tells_a_viewer_no_count_at_all(tmp_path: Path) -> None:
    run = kept(tmp_path / "run", [Flow("F1"), Flow("F2", units={"health": NO_GROUND}, subject=2)])
    told = overview(run, VIEWER)
    assert told.verdicts["flows"].to_list() == [None, 0, 0, None]
    assert told.roles["flows"].null_count() == told.roles.height
    flows = told.rows.filter(pl.col("table") == "flows").row(0, named=True)
    assert (flows["rows"], flows["judged"], flows["rejected"]) == (None, None, 1)
    assert told.inputs.select("name", "rows").rows() == [("flows.csv", None)]
    assert overview(run, OFFICER).inputs["rows"].to_list() == [3]


def test_a_run_without_flows_is_shown_too(tmp_path: Path) -> None:
    run = kept(tmp_path / "run", [])
    for reader in (OFFICER, VIEWER):
        told = overview(run, reader)
        assert told.verdicts["flows"].to_list() == [0, 0, 0, 0]
        assert told.roles.is_empty()


def test_the_gravest_come_first_and_no_more_than_five(run: KeptRun) -> None:
    table = pl.read_parquet(run.file("findings.parquet"))
    told = overview(run, OFFICER)
    assert told.gravest["fingerprint"].to_list() == table["fingerprint"].head(5).to_list()
    assert told.severities == {
        grade: Counter(table["severity"])[grade] for grade in ("critical", "high", "medium", "low")
    }


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept_run(tmp_path_factory.mktemp("runs"))


def test_what_was_rejected_is_counted_by_reason(example: KeptRun) -> None:
    told = overview(example, VIEWER).rejections
    rejected = pl.read_csv(example.file("rejected.csv"), infer_schema=False)
    rows = rejected.select("table", "file", "position").n_unique()
    assert told["rows"].sum() == rows > 0
    assert told["rows"].is_sorted(descending=True)


def test_rejected_rows_are_paged_and_for_officers(example: KeptRun) -> None:
    whole = pl.read_csv(example.file("rejected.csv"), infer_schema=False)
    pages = [rejected(example, OFFICER, Sheet(number, 4)) for number in (1, 2, 3)]
    assert pl.concat([page.frame for page in pages]).equals(whole)
    assert {(page.total, page.pages) for page in pages} == {(whole.height, -(-whole.height // 4))}
    assert rejected(example, OFFICER, Sheet(99, 4)).number == -(-whole.height // 4)
    with pytest.raises(NotAllowed):
        rejected(example, VIEWER, Sheet(1, 4))


def test_notices_are_told_in_both_languages_and_name_nobody_to_a_viewer(
    example: KeptRun,
) -> None:
    officer, viewer = (overview(example, reader).notices for reader in (OFFICER, VIEWER))
    assert [notice.code for notice in officer] == [notice.code for notice in viewer]
    hollow = [
        notices[[each.code for each in officer].index("consents-hollow")]
        for notices in (officer, viewer)
    ]
    for language in Language:
        assert "C-0117" in hollow[0].into(language)
        assert "C-0117" not in hollow[1].into(language)


def test_the_trend_tells_the_oldest_first_and_passes_by_what_is_gone(
    run: KeptRun, tmp_path: Path
) -> None:
    later, gone = kept(tmp_path / "later", [Flow("F9")]), KeptRun(tmp_path / "gone", "0" * 64)
    told = trend([later, gone, run], OFFICER)
    assert told["run_id"].unique(maintain_order=True).to_list() == [run.run_id, later.run_id]
    assert told.filter(pl.col("run_id") == run.run_id)["flows"].to_list() == [9, 0, 0, 11]
    assert trend([], VIEWER).is_empty()
    hidden = trend([later], VIEWER)["flows"].to_list()
    assert hidden == [None, 0, 0, 0]
