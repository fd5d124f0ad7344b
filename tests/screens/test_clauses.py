"""The clauses of a run on the screen: every one, its words, and how often it decided."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from audit import Language, Role, cite_told
from audit.clauses.reading import load_pack
from tests.drafts import drafted_run
from tests.screens.opening import Opening, words
from tests.screens.recounting import Recount, is_few

PACK = load_pack("telecom_agreement")


@pytest.fixture
def counted(workspace: Path) -> Recount:
    return Recount(workspace / "small_carrier")


@pytest.mark.parametrize("language", Language)
def test_every_clause_is_there_with_its_gist_and_note(opening: Opening, language: Language) -> None:
    shown = words(replace(opening, language=language).screen("clauses"))
    for clause in PACK.clauses:
        assert f"{cite_told(clause.cite, language)} · {clause.id}" in shown
        assert clause.gist.into(language) in shown
        assert clause.note is None or clause.note.into(language) in shown


def test_each_clause_says_how_often_it_decided(opening: Opening, counted: Recount) -> None:
    shown = words(opening.screen("clauses"))
    for clause in PACK.clauses:
        flows, people = counted.decided[clause.id]
        assert f"Decided {flows} flows in this run ({people}; " in shown


def test_how_many_flows_are_without_any_ground_is_told(opening: Opening, counted: Recount) -> None:
    metrics = {each.label: each.value for each in opening.screen("clauses").metric}
    assert metrics["Clauses"] == str(len(PACK.clauses))
    assert metrics["Flows without any ground"] == str(counted.decided["no-ground"][0])


def test_one_clause_of_the_address_is_shown_alone(opening: Opening) -> None:
    app = opening.screen("clauses", clause="3-2-9.1")
    shown = words(app)
    assert "Article 3(2)9(1) · 3-2-9.1" in shown
    assert "Article 3(2)6 · 3-2-6" not in shown
    assert "the sender's role: Carrier (carrier)" in shown
    app.button[0].click().run()
    assert "Article 3(2)6 · 3-2-6" in words(app)


def test_a_clause_of_the_address_that_there_is_not_shows_all(opening: Opening) -> None:
    shown = words(opening.screen("clauses", clause="9-9-9"))
    assert "Article 1(1) · 1-1" in shown
    assert "The link says clause=9-9-9, which means nothing here" in shown
    assert "The link says" not in words(opening.screen("clauses", clause="3-2-9.1"))


def test_exceptions_are_told_at_both_ends(opening: Opening) -> None:
    assert "An exception to:" in words(opening.screen("clauses", clause="3-2-9.1"))
    assert "Its exceptions:" in words(opening.screen("clauses", clause="3-2-7c"))


def test_only_clauses_never_used_can_be_asked_for(opening: Opening) -> None:
    app = opening.screen("clauses")
    app.button_group(key="clauses-picked-contract").set_value(["never"]).run()
    assert "Article 1(1) · 1-1" not in words(app)
    assert "There is no such clause." in words(app)


def test_a_viewer_is_not_told_of_few_people(opening: Opening, counted: Recount) -> None:
    shown = words(replace(opening, role=Role.viewer).screen("clauses"))
    few = {name: told for name, told in counted.decided.items() if is_few(told[1])}
    assert few
    assert shown.count("so few people that your role is not told how many") == len(few)
    for flows, people in few.values():
        assert f"Decided {flows} flows in this run ({people};" not in shown


def test_a_pack_that_is_no_longer_the_one_that_judged_is_told(
    workspace: Path, tmp_path: Path
) -> None:
    kept = Path(shutil.copytree(workspace / "small_carrier", tmp_path / "runs" / "kept"))
    manifest = kept / "manifest.json"
    told = json.loads(manifest.read_bytes())
    told["packs"][0]["digest"] = "0" * 64
    manifest.write_text(json.dumps(told), "utf-8")
    shown = words(Opening(tmp_path / "runs").screen("clauses"))
    assert "telecom_agreement" in shown
    assert "Article 1(1) · 1-1" not in shown


def test_a_draft_says_that_it_decides_nothing_and_what_it_would_change(
    opening: Opening, tmp_path: Path
) -> None:
    drafted_run(tmp_path, "3-2-7b")
    there = replace(opening, runs=tmp_path)
    shown = words(there.screen("clauses", clause="3-2-7b"))
    assert (
        "it would change the verdicts of 12 flows (all customers and 6 people; violation" in shown
    )
    assert "The relations that it would change most" in shown
    assert "4 more are not listed" in shown
    viewer = words(replace(there, role=Role.viewer).screen("clauses", clause="x-stop"))
    assert "of so few people that your role is not told how many" in viewer
    assert "The relations" not in viewer
    chinese = words(replace(there, language=Language.zh).screen("clauses", clause="3-2-7b"))
    assert "草案：不参与判定。如启用，12 条流转的结论将改变" in chinese
