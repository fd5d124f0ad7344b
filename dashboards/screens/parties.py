"""The parties of the run: scope and contract, what they received beyond it, who is unregistered."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from audit import (
    Contract,
    Desk,
    KeptRun,
    Listing,
    Reader,
    Role,
    last_flow,
    parties_of,
    received_by,
)
from dashboards import session
from dashboards.parts import codes, page, people, tables, text, times, wordings

PARTY = "party"
EXCESS, UNCLEAR, AFTER_END, UNSEEN = "excess", "unclear", "after_end", "unseen"
_ENDINGS = (Contract.ENDED, Contract.ENDING, Contract.COMING, Contract.UNDATED)
_LACKING = (Contract.UNREGISTERED, Contract.REJECTED)
PICKS = (*map(str, (*_LACKING, *_ENDINGS)), AFTER_END, EXCESS, UNCLEAR, UNSEEN)
_ICONS = {"true": "✓", "false": "✕", "unknown": "?"}
_PEOPLE = "received_subjects"
_LABELLED = {"role": Listing.roles, "country": Listing.countries}


@dataclass(frozen=True)
class Some:
    """One page of parties, and how many there are on all pages."""

    frame: pl.DataFrame
    total: int


def draw(desk: Desk) -> None:
    """What must not be overlooked, the table, and the party that is chosen."""
    told = _parties(str(desk.run.folder), desk.run.run_id, desk.reader.role.value)
    _summary(told, desk.run)
    wordings.worse_of_layers(desk.run)
    picked = st.segmented_control(
        text.say("parties-pick"),
        [name for name in PICKS if told.filter(of_kind(name)).height],
        selection_mode="multi",
        format_func=lambda name: _counted(told, name),
        key=session.key_of("parties-picked", desk.run.run_id),
    )
    chosen = told.filter(pl.any_horizontal(map(of_kind, picked))) if picked else told
    table = _table(chosen, desk, tuple(picked))
    tables.paged(table, lambda party: _detail(told, party, desk))


@st.cache_data(max_entries=8, show_spinner=False)
def _parties(folder: str, run_id: str, role: str) -> pl.DataFrame:
    return parties_of(KeptRun(Path(folder), run_id), Reader(Role(role)))


def of_kind(name: str) -> pl.Expr:
    """Which parties belong to one of the PICKS."""
    match name:
        case "excess" | "unclear":
            return pl.col(name).list.len() > 0
        case "after_end":
            return pl.col("after_end")
        case "unseen":
            return ~pl.col("seen")
        case _:
            return pl.col("contract") == name


def _counted(told: pl.DataFrame, name: str) -> str:
    count = told.filter(of_kind(name)).height
    return text.say(f"parties-{name}") + f" {count}"


def _summary(told: pl.DataFrame, run: KeptRun) -> None:
    counts = {
        "parties-metric-registered": told["registered"].sum(),
        "parties-metric-seen": told["seen"].sum(),
        "parties-metric-unregistered": told.filter(of_kind(Contract.UNREGISTERED)).height,
        "parties-metric-excess": told.filter(of_kind(EXCESS)).height,
        "parties-metric-after-end": told.filter(of_kind(AFTER_END)).height,
    }
    for column, (key, count) in zip(st.columns(len(counts)), counts.items(), strict=True):
        column.metric(text.say(key), f"{count:,}", border=True)
    when = last_flow(run)
    if when is not None:
        st.caption(text.say("parties-as-of", day=times.day(when, run)))


# ---- the table


def _table(chosen: pl.DataFrame, desk: Desk, picked: tuple[str, ...]) -> tables.Paged:
    gravest = ["received_violation", "received_flows"]
    ordered = chosen.sort(*gravest, "party_id", descending=[True, True, False], nulls_last=True)

    def rows(number: int, size: int) -> Some:
        return Some(ordered.slice((number - 1) * size, size), ordered.height)

    return tables.Paged(
        name="parties",
        rows=rows,
        of=(desk.run.run_id, desk.reader.role.value, picked, session.language().value),
        columns=_columns(),
        identity="party_id",
        code=PARTY,
        alt=text.phrase_here("parties-table"),
        dress=dressed,
    )


def _columns() -> dict[str, Any]:
    words = ("party_id", "name", "role", "contract", "excess")
    numbers = ("received_flows", _PEOPLE, "received_violation", "sent_flows")
    columns: dict[str, Any] = {name: text.say(f"parties-column-{name}") for name in words}
    for name in numbers:
        columns[name] = st.column_config.NumberColumn(
            text.say(f"parties-column-{name}"), format="localized"
        )
    columns[_PEOPLE] = people.column(text.say(f"parties-column-{_PEOPLE}"))
    return columns | {"country": text.say("parties-column-country")}


def dressed(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in words of the tab's language."""
    excess = [codes.words(Listing.categories, each) for each in frame["excess"].to_list()]
    return frame.with_columns(
        *(codes.worded(listing, name) for name, listing in _LABELLED.items()),
        pl.col("contract").replace_strict(
            {each.value: text.phrase_here(f"parties-{each}") for each in Contract}
        ),
        pl.Series("excess", excess, pl.String()),
        people.cells(frame, _PEOPLE, "received_whole_base"),
    )


# ---- one party


def _detail(told: pl.DataFrame, party: str, desk: Desk) -> None:
    found = told.filter(pl.col("party_id") == party)
    if found.is_empty():
        st.info(text.say("parties-unknown", party=party))
        return
    row = found.row(0, named=True)
    with st.container(border=True):
        st.subheader(text.plain(row["name"] or party), anchor=False)
        _terms(row, desk.run)
        _received(row, desk)
        with st.container(horizontal=True):
            page.link_to("data_map", focus=party)
            page.link_to("violations", party=party)


def _terms(row: dict[str, Any], run: KeptRun) -> None:
    """What the register says of the party."""
    if row["contract"] == Contract.REJECTED:
        st.error(text.say("parties-row-rejected"))
        if reason := row[f"rejected_{session.language()}"]:
            st.text(text.phrase_here("parties-row-rejected-reason", reason=text.visible(reason)))
        return
    if not row["registered"]:
        st.warning(text.say("parties-not-registered"))
        return
    unknown = text.phrase_here("parties-not-on-record")
    says = {
        "party_id": row["party_id"],
        "role": codes.word(Listing.roles, row["role"] or ""),
        "legal_role": text.phrase_here(f"legal-role-{row['legal_role']}")
        if row["legal_role"]
        else "",
        "country": codes.word(Listing.countries, row["country"] or ""),
        "purposes": codes.words(Listing.purposes, row["purposes"]),
        "data_categories": codes.words(Listing.categories, row["data_categories"]),
        "from": times.first(row["agreement_from"], run),
        "until": times.last(row["agreement_until"], run),
        "contract": text.phrase_here(f"parties-{row['contract']}"),
    }
    lines = [
        text.phrase_here(f"parties-says-{name}", value=value or unknown)
        for name, value in says.items()
    ]
    half = -(-len(lines) // 2)
    for column, told in zip(st.columns(2), (lines[:half], lines[half:]), strict=True):
        column.text("\n".join(map(text.visible, told)))
    if row["after_end"]:
        _received_after_end(times.day(row["last_received"], run))


def _received_after_end(day: str) -> None:
    """That it received after its contract had ended; and when, unless so few are behind it."""
    if day:
        st.error(text.say("parties-received-after-end", day=day))
    else:
        st.error(text.say("parties-received-after-end-few"))


def _received(row: dict[str, Any], desk: Desk) -> None:
    """What it received by category, against what its contract calls necessary."""
    told = received_by(desk.run, row["party_id"], desk.reader)
    if told.is_empty():
        st.text(text.phrase_here("parties-received-nothing"))
        return
    st.caption(text.say("parties-received"))
    necessary = {
        name: f"{sign} {text.phrase_here(f'parties-necessary-{name}')}"
        for name, sign in _ICONS.items()
    }
    columns = ("data_category", "necessary", "flows", "subjects", "first", "last")
    st.dataframe(
        text.visible_frame(
            told.with_columns(
                codes.worded(Listing.categories, "data_category"),
                pl.col("necessary").replace_strict(necessary),
                people.cells(told),
                first=pl.Series([times.day(each, desk.run) for each in told["first_seen"]]),
                last=pl.Series([times.day(each, desk.run) for each in told["last_seen"]]),
            )
        ),
        column_order=columns,
        column_config={name: text.say(f"parties-received-{name}") for name in columns}
        | {people.SUBJECTS: people.column(text.say("parties-received-subjects"))},
        hide_index=True,
        placeholder=text.ABSENT,
        alt=text.phrase_here("parties-received"),
    )


page.run_page("parties", draw)
