"""How many people a row concerns, in a table: a number, the whole customer base, or both.

The cells are text, for the whole customer base is no number; numbers stand to the right in cells of
one width, so that a column that is sorted in the browser is sorted as numbers are.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from audit import people_told
from dashboards import session
from dashboards.parts import text, wordings

_WIDE = 96  # pixels, for the whole customer base and some beside it
SUBJECTS, WHOLE_BASE = "subjects", "whole_base"
_COUNTS = ("flows", "records")


def cells(frame: pl.DataFrame, subjects: str = SUBJECTS, whole_base: str = WHOLE_BASE) -> pl.Series:
    """The column as text; null where it is withheld."""
    told = [_cell(*row) for row in frame.select(subjects, whole_base).iter_rows()]
    width = max((len(each) for each in told if each), default=0)
    return pl.Series(subjects, [each and each.rjust(width) for each in told], pl.String)


def _cell(subjects: int | None, whole_base: bool | None) -> str | None:  # noqa: FBT001
    if subjects is None or whole_base is None:
        return None
    if whole_base and not subjects:
        return people_told(subjects, whole_base, session.language())
    named = f"{subjects:,}"
    return text.phrase_here("people-everybody-beside", people=named) if whole_base else named


def column(heading: str, **options: Any) -> Any:  # noqa: ANN401 (Streamlit's own)
    """The column of these cells under this heading."""
    placed: dict[str, Any] = {"alignment": "right", "width": _WIDE}
    return st.column_config.TextColumn(heading, **placed | options)


def told(row: Mapping[str, Any]) -> str:
    """The people of a row that is not withheld, in a sentence."""
    return people_told(row[SUBJECTS], row[WHOLE_BASE], session.language())


def counted(finding: Mapping[str, Any]) -> None:
    """How much is behind a finding; of few people a viewer is told nothing, a duty has no flows."""
    if finding["flows"] is None:
        st.caption(text.say("overview-few"), width="content")
    elif not wordings.is_duty(finding):
        counts = {name: text.count(finding[name]) for name in _COUNTS}
        st.caption(text.say("overview-counts", people=told(finding), **counts), width="content")
    elif finding[SUBJECTS] or finding[WHOLE_BASE]:
        st.caption(text.plain(told(finding)), width="content")
