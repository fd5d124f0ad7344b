"""What must not be overlooked: rejected rows, registers that taint, codes without meaning."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
import streamlit as st

from audit import Desk, Overview, Role
from dashboards import session
from dashboards.parts import text

_AT_ONCE = 8
_TAINTING = ("parties", "consents", "evidence")


def drawn(told: Overview, desk: Desk) -> None:
    """Rejected rows, registers that taint, codes without meaning: beside the figures, in full."""
    lines = [*_lost(told), *(text.plain(each.into(session.language())) for each in told.notices)]
    if not lines:
        st.success(text.say("overview-no-notices"), icon=":material/check_circle:")
        return
    lost = any(row["rejected"] for row in told.rows.rows(named=True))
    shown, rest = lines[:_AT_ONCE], lines[_AT_ONCE:]
    title = text.say("overview-notices", notices=len(lines))
    listed = "\n".join(f"- {line}" for line in shown)
    box, icon = (st.error, ":material/report:") if lost else (st.warning, ":material/warning:")
    box(f"**{title}**\n\n{listed}", icon=icon)
    if rest:
        with st.expander(text.say("overview-more-notices", notices=len(rest))):
            st.markdown("\n".join(f"- {line}" for line in rest))
    _rejections(told, desk)


def _lost(told: Overview) -> Iterable[str]:
    """What the rejected rows of each table mean for the verdicts."""
    for table in (*_TAINTING, "flows"):
        rejected = row_of(told.rows, table)["rejected"]
        if rejected:
            key = "overview-rejected-flows" if table == "flows" else "overview-tainting"
            name = text.phrase_here(f"overview-table-{table}")
            yield text.say(key, rows=rejected, table=name)


def _rejections(told: Overview, desk: Desk) -> None:
    """How many rows were rejected for which reason, and for officers which rows."""
    if told.rejections.is_empty():
        return
    with st.expander(text.say("overview-rejections"), icon=":material/rule:"):
        columns: dict[str, Any] = {
            "table": text.phrase_here("overview-table"),
            "column": text.phrase_here("overview-column"),
            "code": text.phrase_here("overview-code"),
            "rows": st.column_config.NumberColumn(
                text.phrase_here("overview-rows"), format="localized"
            ),
        }
        shown = told.rejections.with_columns(tables_in_words())
        st.dataframe(
            text.visible_frame(shown),
            column_config=columns,
            hide_index=True,
            placeholder=text.ABSENT,
            key="rejections",
        )
        if session.may(Role.officer):
            st.download_button(
                text.say("overview-rejected-download"),
                (desk.run.folder / "rejected.csv").read_bytes,
                file_name=f"rejected-{desk.run.run_id[:12]}.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
            )


def tables_in_words() -> pl.Expr:
    """The tables of an export as people call them."""
    names = {name: text.phrase_here(f"overview-table-{name}") for name in (*_TAINTING, "flows")}
    return pl.col("table").replace(names)


def row_of(rows: pl.DataFrame, table: str) -> Mapping[str, Any]:
    """What became of the rows of a table."""
    nothing = dict.fromkeys(("rows", "judged", "rejected", "repeated"), 0)
    found = rows.filter(pl.col("table") == table).rows(named=True)
    return found[0] if found else nothing
