"""A table of any length, one page at a time, with one row chosen by its id and never by its place.

The table is a fragment: turning a page draws the table and the detail of the chosen row, not the
whole screen. The widget's key holds all that the rows depend on, so that a choice made on one page
or under one filter can never point at a row of another.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import polars as pl
import streamlit as st

from audit import Refusal
from dashboards import session
from dashboards.parts import text

ROWS_A_PAGE = 50
ROW_PIXELS = 35


class Rows(Protocol):
    """One page of rows, and how many rows there are on all pages."""

    @property
    def frame(self) -> pl.DataFrame:
        """The rows of this page."""

    @property
    def total(self) -> int:
        """The rows of all pages."""


@dataclass(frozen=True)
class Paged:
    """A table to be shown.

    `rows(number, size)` gives page `number`, counted from 1; `of` is all that the rows depend on
    (run, role, filter, sort, language), as hashable values; `columns` maps the columns shown to
    their headings or to a `st.column_config`; `identity` is the column that names a row, which is
    kept in the address under `code`; `dress` makes a page ready to be read (codes to words).
    """

    name: str
    rows: Callable[[int, int], Rows]
    of: Hashable
    columns: Mapping[str, Any]
    identity: str
    code: str | None = None
    size: int = ROWS_A_PAGE
    alt: str | None = None
    dress: Callable[[pl.DataFrame], pl.DataFrame] = field(default=lambda frame: frame)

    def key(self, part: str, *of: Hashable) -> str:
        """The key of one of the table's widgets."""
        return session.key_of(f"{self.name}-{part}", self.of, *of)


@st.fragment
def paged(table: Paged, detail: Callable[[str], None] | None = None) -> None:
    """The table with its pager, and below it `detail(id)` of the row that is chosen.

    A refusal becomes its sentence here, for a fragment is drawn again without its screen.
    """
    try:
        _paged(table, detail)
    except Refusal as refusal:
        text.told(refusal.problems)
    text.done(f"table-{table.name}")


def _paged(table: Paged, detail: Callable[[str], None] | None) -> None:
    number, page = _open(table)
    pages = _pages(table, page)
    _rows_of(table, number, page.frame, selectable=detail is not None)
    if pages > 1:
        _pager(table, number, pages)
    if page.total:
        st.text(text.phrase_here("table-rows", first=_first(table, number), total=page.total))
    chosen = chosen_in(table)
    if detail is not None and chosen is not None:
        detail(chosen)


def _open(table: Paged) -> tuple[int, Rows]:
    """The page that is open; the first where there are fewer pages than there were."""
    number = int(session.kept(table.key("pages"), 1))
    page = table.rows(number, table.size)
    return (number, page) if number <= _pages(table, page) else (1, table.rows(1, table.size))


def _pages(table: Paged, page: Rows) -> int:
    return max(1, -(-page.total // table.size))


def _ids(table: Paged, frame: pl.DataFrame) -> tuple[str, ...]:
    return tuple(frame[table.identity].cast(pl.String).to_list())


def ids_here(table: Paged) -> tuple[str, ...]:
    """The ids of the rows on the page that is open."""
    return _ids(table, _open(table)[1].frame)


def chosen_in(table: Paged) -> str | None:
    """The id of the chosen row: the one in the address, else what this tab chose before."""
    asked = session.code(table.code) if table.code else None
    if asked:
        session.keep(_kept_under(table), asked)
    chosen: str | None = session.kept(_kept_under(table))
    return chosen


def _kept_under(table: Paged) -> str:
    return f"{table.name}-chosen"


def choose(table: Paged, identity: str | None) -> None:
    """Choose the row of this id, or none."""
    session.keep(_kept_under(table), identity)
    if table.code:
        session.put_codes(**{table.code: identity})


def _first(table: Paged, number: int) -> int:
    return (number - 1) * table.size + 1


def _rows_of(table: Paged, number: int, frame: pl.DataFrame, *, selectable: bool) -> None:
    """One page; its ids are kept beside the widget, for the choice comes back as a place."""
    dressed = text.visible_frame(table.dress(frame))
    ids = _ids(table, frame)
    key = table.key("rows", number, ids)
    shown: dict[str, Any] = {
        "column_order": [each for each in table.columns if each in dressed.columns],
        "column_config": dict(table.columns),
        "hide_index": True,
        "placeholder": text.ABSENT,
        "height": ROW_PIXELS * (max(1, min(len(ids), 12)) + 1) + 3,
        "alt": table.alt,
        "key": key,
    }
    if not selectable:
        st.dataframe(dressed, **shown)
        return
    chosen = chosen_in(table)
    st.dataframe(
        dressed,
        **shown,
        on_select=partial(_chosen_by_hand, table, ids, key),
        selection_mode="single-row",
        selection_default={"selection": {"rows": [ids.index(chosen)] if chosen in ids else []}},
    )


def _chosen_by_hand(table: Paged, ids: tuple[str, ...], key: str) -> None:
    places = session.kept(key)["selection"]["rows"]
    choose(table, ids[places[0]] if places else None)


def _pager(table: Paged, number: int, pages: int) -> None:
    turning, going = st.columns([4, 1], vertical_alignment="bottom")
    with turning:
        st.pagination(pages, key=table.key("pages"))
    with going:
        key = table.key("go", number)
        st.number_input(
            text.say("table-go-to-page", pages=pages),
            min_value=1,
            max_value=pages,
            value=number,
            key=key,
            on_change=partial(_go_to, table, key, number),
        )


def _go_to(table: Paged, key: str, number: int) -> None:
    """Go there, unless that is where the box stood: one drawn in haste tells its own number."""
    asked = int(session.kept(key))
    if asked != number:
        session.keep(table.key("pages"), asked)
