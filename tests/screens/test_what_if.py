"""What-if on the screen: a change chosen in a form, the matrix, the clauses, the flows."""

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from audit import Language, Role
from tests.example_run import EXAMPLE
from tests.screens.keeping import keep
from tests.screens.opening import Opening, words

PATIENCE = 60


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Opening:
    folder = tmp_path_factory.mktemp("runs")
    keep(EXAMPLE, folder / "run", "telecom_agreement", "cn_statute")
    return Opening(folder, Role.officer)


def chosen(app: AppTest, label: str, *codes: str) -> None:
    """Choose these codes in the list of this label."""
    (widget,) = [each for each in app.multiselect if each.label == label]
    for code in codes:
        widget.select(code)


def asked(app: AppTest) -> AppTest:
    """What the screen says once the form was sent, and the worker, where one is at it, is done."""
    (button,) = [each for each in app.button if each.label == "See what would change"]
    app = button.click().run()
    end = time.monotonic() + PATIENCE
    while any(each.label == "Cancel" for each in app.button) and time.monotonic() < end:
        time.sleep(0.3)
        app = app.run()
    assert not app.exception
    return app


def of(app: AppTest, kind: str) -> AppTest:
    """The form of this kind of change."""
    (control,) = [each for each in app.button_group if each.key == "what-if-of"]
    return control.set_value(kind).run()


def shifts(app: AppTest) -> list[dict[str, object]]:
    found: list[dict[str, object]] = app.dataframe[-1].value.to_dict("records")
    return found


def test_a_clause_left_out_is_answered_at_once(kept: Opening) -> None:
    app = kept.screen("what_if")
    chosen(app, "Clauses left out", "3-2-7b")
    app = asked(app)
    told = words(app)
    assert "no flow was read again" in told
    assert "Left out of the pack telecom_agreement: 3-2-7b" in told
    assert any("3-2-7b" in str(each["before_by"]) for each in shifts(app))
    before = [frame.value for frame in app.dataframe[:2]]
    assert all(frame["violation"].sum() for frame in before)


def test_one_of_the_flows_is_explained_as_the_run_judged_it(kept: Opening) -> None:
    app = kept.screen("what_if")
    chosen(app, "Clauses left out", "3-2-7b")
    app = asked(app)
    label = "Why one of these flows is judged as it is now"
    (flows,) = [each for each in app.selectbox if each.label == label]
    app = flows.set_value("F-0301").run()
    assert not app.exception
    assert len(app.expander) >= 2


def test_a_contract_that_ends_is_judged_again_by_a_worker(kept: Opening) -> None:
    app = of(kept.screen("what_if"), "party")
    (party,) = [each for each in app.selectbox if each.label == "Party"]
    app = party.set_value("AFF-CLOUD").run()
    app.date_input[0].set_value(date(2025, 1, 31))
    app = asked(app)
    assert "the 4 flows that the change can touch" in words(app)
    (shift,) = shifts(app)
    assert "F-0612" in shift["examples"]  # type: ignore[operator]
    assert "The agreement with AFF-CLOUD ends on 2025-01-31" in words(app)


def test_what_is_withdrawn_and_what_is_complete(kept: Opening) -> None:
    app = of(kept.screen("what_if"), "complete")
    chosen(app, "Registers declared complete in addition", "evidence.arrears")
    app = asked(app)
    assert "Judged again: all 242 flows" in words(app)
    app = of(app, "consents")
    (kind,) = [each for each in app.selectbox if each.label == "Kind of consent"]
    kind.set_value("separate")
    app.date_input[0].set_value(date(2025, 1, 1))
    app = asked(app)
    assert "Consents (separate consent) are withdrawn from 2025-01-01 on" in words(app)
    assert shifts(app)


def test_a_form_that_says_nothing_is_not_asked(kept: Opening) -> None:
    app = asked(kept.screen("what_if"))
    assert [each.value for each in app.warning] == ["Say first what would be otherwise"]


def test_a_pack_that_is_none_is_refused_in_a_sentence(kept: Opening) -> None:
    app = kept.screen("what_if")
    app.file_uploader[0].set_value(("ours.toml", b"no = [", "application/toml"))
    app = asked(app)
    assert len(app.error) == 1


@pytest.mark.parametrize("language", Language)
def test_a_viewer_is_told_whom_it_is_for(kept: Opening, language: Language) -> None:
    app = replace(kept, role=Role.viewer, language=language).screen("what_if")
    assert len(app.warning) == 1
    assert not app.dataframe


def test_it_speaks_chinese(kept: Opening) -> None:
    told = words(replace(kept, language=Language.zh).screen("what_if"))
    assert "假设什么变更" in told
    assert "停用的条款" in told


def test_a_run_that_was_changed_is_not_asked(kept: Opening, tmp_path: Path) -> None:
    run = keep(EXAMPLE, tmp_path / "run")
    (run / "added.txt").write_text("by somebody else")
    app = replace(kept, runs=tmp_path).screen("what_if")
    assert app.error
    assert not [each for each in app.button_group if each.key == "what-if-of"]
