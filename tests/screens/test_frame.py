"""The frame around every screen: title, run, language, role, and the state without any run."""

import json
import os
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit import Language, Role
from dashboards.parts.page import SCREENS
from tests.screens.opening import Opening, words

JUNE = datetime(2025, 6, 1, 20, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_comes_to_its_end_in_both_languages(
    opening: Opening, screen: str, language: Language
) -> None:
    replace(opening, language=language).screen(screen)


@pytest.mark.parametrize("screen", ["overview", "flow_groups", "data_map"])
def test_charts_stand_still_so_that_a_click_meets_what_it_is_meant_for(
    opening: Opening, screen: str
) -> None:
    charts = opening.screen(screen).get("echarts_chart")
    assert charts
    assert not any(json.loads(chart.proto.spec).get("animation", True) for chart in charts)


def test_the_side_names_the_run_and_the_role(opening: Opening) -> None:
    shown = words(opening.screen("clauses"))
    assert "small_carrier" in shown
    assert "Your role: administrator" in shown


@pytest.mark.parametrize(("role", "word"), [(Role.viewer, "viewer"), (Role.officer, "officer")])
def test_the_role_is_that_of_the_settings(opening: Opening, role: Role, word: str) -> None:
    assert f"Your role: {word}" in words(replace(opening, role=role).screen("clauses"))


def test_the_address_says_which_language(opening: Opening) -> None:
    assert "条款" in words(opening.screen("clauses", lang="zh"))
    assert "Your role" in words(opening.screen("clauses", lang="fr"))


def test_switching_the_language_draws_the_screen_in_it(opening: Opening) -> None:
    app = opening.screen("clauses")
    app.button_group(key="lang").set_value("zh")
    assert "当前角色：管理员" in words(app.run())
    assert app.query_params["lang"] == "zh"


def test_without_a_run_a_screen_says_how_to_get_one(nothing_yet: Opening) -> None:
    assert "No run has been left here yet" in words(nothing_yet.screen("clauses"))


@pytest.mark.parametrize("screen", ["overview", "violations", "data_map", "clauses", "parties"])
def test_a_run_that_is_not_here_is_said_and_no_other_shown(opening: Opening, screen: str) -> None:
    app = opening.screen(screen, run="ffffffffffff")
    assert "(its id begins with “ffffffffffff”) is not here" in words(app)
    assert not app.dataframe
    assert not app.metric
    assert app.selectbox(key="run").value is None
    assert app.query_params["run"] == "ffffffffffff"


def test_too_few_letters_of_a_run_are_not_guessed_at(workspace: Path, tmp_path: Path) -> None:
    for name in "0a", "0b":
        kept = Path(shutil.copytree(workspace / "small_carrier", tmp_path / name))
        told = (kept / "manifest.json").read_text("utf-8")
        run_id = json.loads(told)["run_id"]
        (kept / "manifest.json").write_text(told.replace(run_id, name + run_id[2:]), "utf-8")
    opening = Opening(tmp_path)
    assert "more than one begins so" in words(opening.screen("clauses", run="0"))
    assert "more than one begins so" not in words(opening.screen("clauses", run="0b"))


def test_where_the_run_of_a_link_is_not_here_one_is_chosen_at_the_side(opening: Opening) -> None:
    app = opening.screen("clauses", run="ffffffffffff")
    app.switch_page("screens/parties.py").run()
    assert "is not here" in words(app), "on the next screen too"
    app.selectbox(key="run").set_value(run_id_of(opening)).run()
    assert "is not here" not in words(app)
    assert app.query_params["run"] == run_id_of(opening)[:12]
    assert app.dataframe


def run_id_of(opening: Opening) -> str:
    manifest = opening.runs / "small_carrier" / "manifest.json"
    return str(json.loads(manifest.read_bytes())["run_id"])


def test_the_times_of_a_run_are_those_of_its_zone_whatever_the_server_has(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    kept = Path(shutil.copytree(workspace / "small_carrier", tmp_path / "kept"))
    os.utime(kept / "manifest.json", (JUNE, JUNE))
    opening = Opening(tmp_path)
    shown = [words(opening.screen(screen)) for screen in ("overview", "runs")]
    assert all("told in its own zone; of this one, +08:00" in each for each in shown)
    assert all("2025-06-02 04:00 · kept" in each for each in shown), "in the side"
    assert "left 2025-06-02 04:00" in shown[0]
    assert "2025-06-02 04:00 | kept" in shown[1], "in the table of runs"
    assert not [each for each in shown if "2025-06-01" in each]
    monkeypatch.undo()
    time.tzset()


def test_what_cannot_be_read_as_a_run_is_named_where_there_is_no_other(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{", "utf-8")
    shown = words(Opening(tmp_path).screen("clauses"))
    assert "broken" in shown
    assert "No run has been left here yet" in shown
