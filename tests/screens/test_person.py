"""One person's dossier on the screen: for officers alone, whole, and about nobody else."""

import csv
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from audit import Language, Role
from tests.example_run import EXAMPLE
from tests.screens.keeping import keep
from tests.screens.opening import Opening, words
from tests.screens.recounting import Recount

WHO = "S-0021"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Opening:
    """A workspace of its own: a dossier leaves a journal and a key in it."""
    folder = tmp_path_factory.mktemp("runs")
    keep(EXAMPLE, folder / "run")
    return Opening(folder, Role.officer)


@pytest.fixture
def counted(own: Opening) -> Recount:
    return Recount(own.runs / "run")


def ask(app: AppTest, person: str) -> AppTest:
    """Type the id and press the button."""
    app.text_input[0].set_value(person)
    return app.button[0].click().run()


def pseudonym_of(app: AppTest) -> str:
    """Whom the address names."""
    told = app.query_params["person"]
    return told if isinstance(told, str) else str(told[0])


def shown_flows(app: AppTest) -> set[str]:
    return {
        flow
        for table in app.dataframe
        if "flow_id" in table.value.columns
        for flow in table.value["flow_id"]
    }


def test_nobody_is_shown_before_somebody_is_asked_for(own: Opening) -> None:
    app = own.screen("person")
    assert "Type the id or the pseudonym" in words(app)
    assert not app.dataframe


def test_the_dossier_has_every_flow_of_the_person_and_no_other(
    own: Opening, counted: Recount
) -> None:
    app = ask(own.screen("person"), WHO)
    mine = {flow["flow_id"] for flow in counted.flows if flow["subject_id"] == WHO}
    assert len(mine) > 3
    assert shown_flows(app) == mine
    metrics = {each.label: each.value for each in app.metric}
    assert metrics["Flows"] == str(len(mine))


def test_the_dossier_has_the_consents_of_the_person(own: Opening) -> None:
    app = ask(own.screen("person"), WHO)
    with (EXAMPLE / "consents.csv").open(encoding="utf-8", newline="") as file:
        mine = {row["consent_id"] for row in csv.DictReader(file) if row["subject_id"] == WHO}
    assert mine
    (table,) = [each.value for each in app.dataframe if "document" in each.value.columns]
    assert set(table["consent_id"]) == mine


def test_nobody_else_is_named(own: Opening) -> None:
    shown = words(ask(own.screen("person"), WHO))
    assert set(re.findall(r"S-00\d\d", shown)) <= {WHO}


def test_the_address_has_the_pseudonym_and_never_the_id(own: Opening, counted: Recount) -> None:
    app = ask(own.screen("person"), WHO)
    pseudonym = pseudonym_of(app)
    assert WHO not in str(dict(app.query_params))
    again = own.screen("person", person=pseudonym)
    mine = {flow["flow_id"] for flow in counted.flows if flow["subject_id"] == WHO}
    assert shown_flows(again) == mine


def test_the_dossier_can_be_taken_away_in_every_format(own: Opening) -> None:
    app = ask(own.screen("person"), WHO)
    assert not app.exception
    shown = [each.proto.label for each in app.get("download_button")]
    assert shown == ["Web page (prints)", "JSON", "CSV", "Excel"]
    assert "Files that can be handed to the person" in words(app)


def test_a_person_that_the_run_does_not_know_is_told_so(own: Opening) -> None:
    app = ask(own.screen("person"), "S-9999")
    assert app.error
    assert not app.dataframe


def test_a_viewer_sees_no_dossier_whatever_the_address_says(own: Opening) -> None:
    officer = ask(own.screen("person"), WHO)
    pseudonym = pseudonym_of(officer)
    app = replace(own, role=Role.viewer).screen("person", person=pseudonym)
    assert not app.dataframe
    assert not app.text_input
    assert "needs the role of officer" in words(app)


def test_without_the_export_it_says_why_there_is_no_dossier(own: Opening, tmp_path: Path) -> None:
    shutil.copytree(own.runs / "run", tmp_path / "elsewhere" / "run")
    app = ask(Opening(tmp_path / "elsewhere").screen("person"), WHO)
    assert app.error
    assert not app.dataframe


def test_everything_is_in_chinese_too(own: Opening) -> None:
    shown = words(ask(replace(own, language=Language.zh).screen("person"), WHO))
    assert "收到其信息的参与方" in shown
    assert "催收机构" in shown
