"""The frame around every screen: title, run, language, role, and the state without any run."""

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


def test_a_run_that_is_not_there_gives_way_to_the_newest(opening: Opening) -> None:
    assert "small_carrier" in words(opening.screen("clauses", run="ffffffffffff"))


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
