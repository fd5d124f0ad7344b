"""A table of many pages: pages turn, a box goes to any of them, a choice is kept by its id."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from audit import Language
from dashboards.settings import Settings, use
from tests.screens.opening import PATIENCE, words


def script() -> None:
    """333 rows in pages of 20; the detail of the chosen one below."""
    from dataclasses import dataclass

    import polars as pl
    import streamlit as st

    from dashboards import session
    from dashboards.parts.tables import Paged, paged

    @dataclass(frozen=True)
    class Some:
        frame: pl.DataFrame
        total: int

    def rows(number: int, size: int) -> Some:
        total = 333 if session.code("filter") is None else 5
        first = (number - 1) * size
        ids = [f"row {place}" for place in range(first, min(first + size, total))]
        return Some(pl.DataFrame({"id": ids}, schema={"id": pl.String}), total)

    of = ("run", session.code("filter"))
    table = Paged("rows", rows, of, {"id": "Id"}, "id", code="finding", size=20)

    def detail(chosen: str) -> None:
        st.text(f"detail of {chosen}")

    paged(table, detail)


@pytest.fixture
def app(tmp_path: Any) -> AppTest:  # noqa: ANN401
    use(Settings(tmp_path, Language.en))
    return AppTest.from_function(script, default_timeout=PATIENCE)


def test_the_first_page_comes_first(app: AppTest) -> None:
    shown = words(app.run())
    assert "row 0" in shown
    assert "row 20" not in shown
    assert "From row 1, of 333" in shown


def test_the_box_goes_to_any_page(app: AppTest) -> None:
    app.run().number_input[0].set_value(17).run()
    shown = words(app)
    assert "row 332" in shown
    assert "From row 321, of 333" in shown
    assert app.number_input[0].max == 17


def test_a_choice_is_kept_by_its_id_on_whatever_page(app: AppTest) -> None:
    app.query_params["finding"] = "row 2"
    assert "detail of row 2" in words(app.run())
    app.number_input[0].set_value(3).run()
    assert "row 40" in words(app)
    assert "detail of row 2" in words(app)


def test_another_filter_begins_at_its_first_page(app: AppTest) -> None:
    app.run().number_input[0].set_value(9).run()
    app.query_params["filter"] = "x"
    shown = words(app.run())
    assert "From row 1, of 5" in shown
    assert "row 4" in shown
    assert not app.number_input, "one page has no box"
