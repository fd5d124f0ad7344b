"""Single flows as a table of pages, for officers: when, between whom, what for, the verdict."""

from collections.abc import Callable
from typing import Any

import polars as pl

from audit import WHOLE_BASE, Desk, FlowFilter, Listing, Page, Verdict
from dashboards import session
from dashboards.parts import codes, tables, text, times, verdicts, wordings

_WORDS = {"operation": Listing.operations, "purpose": Listing.purposes}
COLUMNS = (
    *("when", "flow_id", "sender", "recipient", "operation", "purpose", "data_categories"),
    *("overall", "subject"),
)


def flow_table(
    desk: Desk, asked: FlowFilter, name: str, detail: Callable[[str], None] | None = None
) -> None:
    """The flows asked for, one page at a time; `detail(flow_id)` of the one that is chosen."""
    tables.paged(_paged(desk, asked, name), detail)


def _paged(desk: Desk, asked: FlowFilter, name: str) -> tables.Paged:
    def rows(number: int, size: int) -> Page:
        return desk.flows(asked, number, size)

    columns: dict[str, Any] = {each: text.say(f"flow-table-{each}") for each in columns_of(desk)}
    return tables.Paged(
        name=name,
        rows=rows,
        of=(str(desk.run.folder), desk.reader.role.value, asked, session.language().value),
        columns=columns,
        identity="flow_id",
        code="flow",
        alt=text.phrase_here("flow-table-alt"),
        dress=lambda frame: dressed(frame, desk),
    )


def columns_of(desk: Desk) -> tuple[str, ...]:
    """The columns; where several layers judged the run, what each of them said as well."""
    layers = wordings.layers_of(desk.run)
    at = COLUMNS.index("overall") + 1
    said = [f"{layer}_verdict" for layer in layers] if len(layers) > 1 else []
    return (*COLUMNS[:at], *said, *COLUMNS[at:])


def dressed(frame: pl.DataFrame, desk: Desk) -> pl.DataFrame:
    """The flows in words of the tab's language, times in the run's zone."""
    whens = [times.minute(each, desk.run) for each in frame["occurred_at"]]
    data = [codes.words(Listing.categories, each) for each in frame["data_categories"].to_list()]
    said = {verdict.value: verdicts.label(verdict, session.language()) for verdict in Verdict}
    return frame.with_columns(
        *(codes.worded(listing, name) for name, listing in _WORDS.items()),
        pl.Series("when", whens, pl.String()),
        pl.Series("data_categories", data, pl.String()),
        pl.col("overall", "^.*_verdict$").replace(said),
        pl.col("subject").replace(WHOLE_BASE, text.phrase_here("people-everybody")),
    )
