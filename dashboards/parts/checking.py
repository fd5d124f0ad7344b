"""What validation found, on a screen: rows by table, each reason with its rows, what to know.

The sentences are those of `consent-audit check`.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from audit import Checked, sentence
from dashboards import session
from dashboards.parts import text

MOST_ROWS = 20
_COUNTS = {
    "rows-read": "rows",
    "rows-used": "judged",
    "rows-rejected": "rejected",
    "rows-repeated": "repeated",
}


def checked_page(checked: Checked) -> None:
    """The whole of it, the conclusion first."""
    _conclusion(checked)
    _rows(checked)
    _reasons(checked.rejected)
    _notices(checked)


def _conclusion(checked: Checked) -> None:
    rejected = sum(each.rejected for each in checked.rows.values())
    if rejected:
        st.warning(text.say("check-rejected", rows=f"{rejected:,}"))
    else:
        st.success(text.say("check-sound"))


def _rows(checked: Checked) -> None:
    """What became of the rows of each table."""
    st.subheader(text.say("rows-accounted"), anchor=False)
    told = [
        {"rows-table": table, **{key: getattr(each, name) for key, name in _COUNTS.items()}}
        for table, each in checked.rows.items()
    ]
    columns: dict[str, Any] = {"rows-table": text.say("rows-table")}
    for key in _COUNTS:
        columns[key] = st.column_config.NumberColumn(text.say(key), format="localized")
    st.dataframe(
        text.visible_frame(pl.DataFrame(told)),
        column_config=columns,
        hide_index=True,
        placeholder=text.ABSENT,
        alt=text.phrase_here("rows-accounted"),
    )
    tainting = sum(each.rejected for table, each in checked.rows.items() if table != "flows")
    if tainting:
        st.warning(text.say("rows-tainting", rows=f"{tainting:,}"))


def _reasons(rejected: pl.DataFrame) -> None:
    """Each table and code with its rejected rows, in the order of their places."""
    ordered = rejected.sort("table", "code", "file", "position", "column")
    for (table, code), rows in ordered.group_by("table", "code", maintain_order=True):
        counted = f"{rows.height:,}"
        label = text.say("check-reason", table=str(table), code=str(code), rows=counted)
        with st.expander(label, expanded=True):
            st.text("\n".join(_row(row) for row in rows.head(MOST_ROWS).to_dicts()))
            if rows.height > MOST_ROWS:
                st.text(text.phrase_here("check-more", rows=f"{rows.height - MOST_ROWS:,}"))


def _row(row: Mapping[str, Any]) -> str:
    key = "check-row-empty" if row["value"] is None else "check-row"
    return text.visible(text.phrase_here(key, **row))


def _notices(checked: Checked) -> None:
    language = session.language()
    told = dict.fromkeys(sentence(notice, language) for notice in checked.notices)
    if told:
        st.subheader(text.say("notices"), anchor=False)
        st.text("\n".join(f"- {text.visible(notice)}" for notice in told))
