"""How verdicts would move: a matrix for each layer, then the clauses responsible, with flows."""

from typing import Any

import polars as pl
import streamlit as st

from audit import Desk, Refusal, Replayed, Verdict, quotable, without_subject
from dashboards import session
from dashboards.parts import explanation, tables, text, verdicts, wordings

_BEFORE = "before"
_MOST_ROWS = 200


def shown(told: Replayed, desk: Desk) -> None:
    """What the answer says, and how it was found."""
    moved = int(told.shifts["flows"].sum())
    key = "whatif-moved" if moved else "whatif-same"
    st.subheader(text.say(key, flows=f"{moved:,}"), anchor=False)
    st.caption(text.say(f"whatif-{told.how}", flows=f"{told.judged:,}"))
    for (layer,), cells in told.migration.group_by("layer", maintain_order=True):
        _matrix(str(layer), cells)
    if moved:
        _responsible(told.shifts, desk)
        _example(told.shifts, desk)


def _matrix(layer: str, cells: pl.DataFrame) -> None:
    """The verdicts before, a row each, against those after, a column each."""
    st.text(text.phrase_here("diff-layer", layer=wordings.layer(layer)))
    language = session.language()
    counts = {(before, after): flows for _, before, after, flows, _ in cells.iter_rows()}
    order = verdicts.worst_first()
    rows = [
        {_BEFORE: verdicts.label(before, language)}
        | {after.value: counts.get((before.value, after.value), 0) for after in order}
        for before in order
    ]
    columns: dict[str, Any] = {_BEFORE: text.say("diff-from-to")}
    for after in order:
        heading = verdicts.label(after, language)
        columns[after.value] = st.column_config.NumberColumn(heading, format="localized")
    _table(pl.DataFrame(rows), columns, text.phrase_here("what-if-matrix"))


def _responsible(shifts: pl.DataFrame, desk: Desk) -> None:
    st.subheader(text.say("diff-clauses"), anchor=False)
    language = session.language()
    words = {verdict.value: verdicts.label(verdict, language) for verdict in Verdict}
    cited = quotable(desk.run)
    rows = [
        {
            "layer": wordings.layer(each["layer"]),
            **{side: words[each[side]] for side in (_BEFORE, "after")},
            **{
                by: [wordings.clause(name, each["layer"], cited) for name in each[by]]
                for by in ("before_by", "after_by")
            },
            "flows": each["flows"],
            "examples": each["examples"],
        }
        for each in shifts.head(_MOST_ROWS).to_dicts()
    ]
    columns: dict[str, Any] = {name: text.say(f"what-if-shift-{name}") for name in rows[0]}
    columns["flows"] = st.column_config.NumberColumn(columns["flows"], format="localized")
    _table(pl.DataFrame(rows), columns, text.phrase_here("diff-clauses"))
    if shifts.height > _MOST_ROWS:
        st.caption(text.say("diff-more", left=shifts.height - _MOST_ROWS))


def _example(shifts: pl.DataFrame, desk: Desk) -> None:
    """One of the flows to look at: why the run judged it as it did, clause by clause."""
    flows = list(dict.fromkeys(shifts["examples"].explode().drop_nulls().head(_MOST_ROWS)))
    flow = st.selectbox(
        text.say("what-if-example"),
        flows,
        index=None,
        placeholder=text.phrase_here("what-if-choose"),
        format_func=text.visible,
        key=session.key_of("what-if-example", desk.run.run_id, tuple(flows)),
    )
    if flow is None:
        return
    try:
        explanation.explained(without_subject(desk.explain(flow)))
    except Refusal as refusal:
        text.told(refusal.problems)


def _table(rows: pl.DataFrame, columns: dict[str, Any], alt: str) -> None:
    st.dataframe(
        text.visible_frame(rows),
        column_config=columns,
        hide_index=True,
        placeholder=text.ABSENT,
        height=tables.ROW_PIXELS * (min(rows.height, 12) + 1) + 3,
        alt=alt,
    )
