"""The runs on the screen: which there are, tampering, and two of them side by side."""

import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from audit import Language, Role, phrase
from tests.example_run import EXAMPLE
from tests.screens.keeping import keep
from tests.screens.opening import Opening, unescaped, words


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Opening:
    """Two runs: the example, and the example after one party's contract was prolonged."""
    folder = tmp_path_factory.mktemp("runs")
    keep(EXAMPLE, folder / "earlier")
    changed = tmp_path_factory.mktemp("changed") / "export"
    shutil.copytree(EXAMPLE, changed)
    parties = changed / "parties.csv"
    text = parties.read_text("utf-8")
    assert "2024-01-01,2025-09-30" in text
    parties.write_text(text.replace("2024-01-01,2025-09-30", "2024-01-01,2026-09-30"), "utf-8")
    keep(changed, folder / "later")
    return Opening(folder)


def metrics(app: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in app.metric}


def of(run: Path) -> dict[str, dict[str, object]]:
    """The findings of a run by fingerprint."""
    rows = pl.read_parquet(run / "findings.parquet").to_dicts()
    return {str(row["fingerprint"]): row for row in rows}


def test_every_run_is_listed_with_what_it_found(two: Opening) -> None:
    table = two.screen("runs").dataframe[0].value
    assert set(table["folder"]) == {"earlier", "later"}
    for name in ("earlier", "later"):
        verdicts = pl.read_parquet(two.runs / name / "verdicts.parquet")
        counted = dict(verdicts["contract_verdict"].value_counts().iter_rows())
        (row,) = table[table["folder"] == name].to_dict("records")
        assert row["flows"] == verdicts.height
        assert row["violation"] == counted["violation"]
        assert row["permitted"] == counted["permitted"]


def test_a_sound_run_is_told_as_sound(two: Opening) -> None:
    app = two.screen("runs")
    (button,) = [each for each in app.button if each.label == "Check it"]
    app = button.click().run()
    assert len(app.success) == 1
    assert not app.error


def test_a_touched_run_is_told_with_the_file_that_was_touched(
    workspace: Path, tmp_path: Path
) -> None:
    kept = Path(shutil.copytree(workspace / "small_carrier", tmp_path / "runs" / "kept"))
    with (kept / "rejected.csv").open("a", encoding="utf-8") as file:
        file.write("x\n")
    app = Opening(tmp_path / "runs").screen("runs")
    (button,) = [each for each in app.button if each.label == "Check it"]
    app = button.click().run()
    assert not app.success
    assert "rejected.csv" in words(app)


def test_findings_new_gone_and_changed_are_counted_by_fingerprint(two: Opening) -> None:
    told = metrics(two.screen("runs"))
    before, after = of(two.runs / "earlier"), of(two.runs / "later")
    compared = ("severity", "flows", "subjects", "whole_base", "records")
    shared = before.keys() & after.keys()
    changed = {
        each for each in shared if any(before[each][name] != after[each][name] for name in compared)
    }
    assert told["New findings"] == str(len(after.keys() - before.keys()))
    assert told["Findings gone"] == str(len(before.keys() - after.keys()))
    assert told["Findings changed"] == str(len(changed))
    assert before.keys() - after.keys()


def test_verdicts_that_moved_are_told_with_flows_to_look_at(two: Opening) -> None:
    app = two.screen("runs")
    (table,) = [each.value for each in app.dataframe if "examples" in each.value.columns]
    sides = [
        dict(pl.read_parquet(two.runs / name / "verdicts.parquet")
             .select("flow_id", "contract_verdict").iter_rows())
        for name in ("earlier", "later")
    ]  # fmt: skip
    moved = {flow for flow in sides[0] if sides[0][flow] != sides[1][flow]}
    assert moved
    assert int(table["flows"].sum()) == len(moved)
    assert {flow for examples in table["examples"] for flow in examples} <= moved
    assert "✕ violation" in set(table["before"])


def test_the_findings_that_are_gone_are_listed_one_by_one(two: Opening) -> None:
    app = two.screen("runs")
    (choice,) = [each for each in app.button_group if each.label == "One by one"]
    app = choice.set_value("gone").run()
    table = app.dataframe[-1].value
    gone = of(two.runs / "earlier").keys() - of(two.runs / "later").keys()
    assert set(table["fingerprint"]) == gone


def test_a_viewer_sees_how_many_changed_but_no_flow_and_no_finding(two: Opening) -> None:
    app = replace(two, role=Role.viewer).screen("runs")
    assert "Findings gone" in metrics(app)
    assert "needs the role of officer" in words(app)
    assert len(app.dataframe) == 1
    assert "Start an audit" not in words(app).replace("Start an audit of your own", "")


def test_one_run_alone_is_not_compared(opening: Opening) -> None:
    assert "after another one the two can be compared" in words(opening.screen("runs"))


def test_a_broken_run_is_named_beside_the_sound_ones(workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace / "small_carrier", tmp_path / "sound")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{", "utf-8")
    app = Opening(tmp_path).screen("runs")
    assert "broken" in "\n".join(each.value for each in app.error)
    assert set(app.dataframe[0].value["folder"]) == {"sound"}


def test_without_a_run_it_says_how_to_get_one(nothing_yet: Opening) -> None:
    assert "No run has been left here yet" in words(nothing_yet.screen("runs"))


def test_everything_is_in_chinese_too(two: Opening) -> None:
    shown = words(replace(two, language=Language.zh).screen("runs"))
    assert "已消除的发现" in shown
    assert "核对是否被改动" in shown


def test_a_link_to_a_run_that_is_not_here_is_said(two: Opening) -> None:
    assert "The link says before=ffff" in words(two.screen("runs", before="ffff"))


@pytest.mark.parametrize("language", Language)
def test_a_report_is_made_when_it_is_asked_for_and_handed_out(
    opening: Opening, language: Language
) -> None:
    app = replace(opening, language=language, role=Role.officer).screen("runs")
    assert not app.get("download_button")
    app.selectbox(key="reporting-format").set_value("junit")
    label = phrase("reporting-make", language)
    app = next(each for each in app.button if each.label == label).click().run()
    assert not app.exception
    (button,) = app.get("download_button")
    assert "junit" in unescaped(button.proto.label)


def test_a_viewer_is_offered_no_report(opening: Opening) -> None:
    shown = words(replace(opening, role=Role.viewer).screen("runs"))
    assert phrase("reporting", Language.en) not in shown
