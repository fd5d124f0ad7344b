"""The runs kept here: which there are, whether they are as they were left, two of them compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from audit import (
    Change,
    Comparison,
    Desk,
    KeptRun,
    Role,
    Turn,
    Verdict,
    trend,
    verify,
)
from dashboards import session
from dashboards.parts import (
    links,
    page,
    people,
    reporting,
    tables,
    text,
    times,
    verdicts,
    wordings,
)

BEFORE, AFTER = "before", "after"
_LETTERS = 12
_TOLD = (Change.NEW, Change.GONE, Change.CHANGED)
_COUNTS = ("flows", people.SUBJECTS, "records")


@dataclass(frozen=True)
class Some:
    """One page of findings, and how many there are on all pages."""

    frame: pl.DataFrame
    total: int


def draw() -> None:
    """The list of runs, then what can be done with them."""
    kept = session.workspace().runs()
    if not kept.runs:
        page.no_run_yet()
        return
    text.told(kept.broken)
    if session.may(Role.admin):
        page.link_to("start")
    _list(kept.runs)
    runs = {run.folder.name: run for run in kept.runs}
    _verification(runs)
    reporting.drawn(kept.runs)
    _comparison(runs)


# ---- which there are


def _list(runs: Sequence[KeptRun]) -> None:
    """A row per run and layer that judged it, newest first."""
    told = pl.concat([_rows(run) for run in runs])
    words = ("kept", "folder", "id", "packs", "layer")
    columns: dict[str, Any] = {name: text.say(f"runs-column-{name}") for name in words}
    for name in ("flows", *(verdict.value for verdict in verdicts.worst_first()), "rejected"):
        columns[name] = st.column_config.NumberColumn(_heading(name), format="localized")
    st.dataframe(
        text.visible_frame(told),
        column_order=list(columns),
        column_config=columns,
        hide_index=True,
        placeholder=text.ABSENT,
        alt=text.phrase_here("runs-table"),
    )


def _heading(name: str) -> str:
    if name in tuple(Verdict):
        return verdicts.label(name, session.language())
    return text.say(f"runs-column-{name}")


def _rows(run: KeptRun) -> pl.DataFrame:
    """When and where the run was left, and what it found by layer; null is not for this reader."""
    said = run.manifest
    words = {layer: text.phrase_here(f"layer-{layer}") for layer in said["verdicts"]}
    counts = trend([run], session.reader()).pivot("verdict", index="layer", values="flows")
    return counts.select(
        pl.lit(times.minute(run.kept_at, run)).alias("kept"),
        pl.lit(run.folder.name).alias("folder"),
        pl.lit(run.run_id[:_LETTERS]).alias("id"),
        pl.lit("; ".join(f"{each['id']} {each['version']}" for each in said["packs"])).alias(
            "packs"
        ),
        pl.col("layer").replace_strict(words, return_dtype=pl.String),
        pl.lit(said["rows"]["flows"]["judged"], pl.Int64).alias("flows"),
        pl.lit(said["rows"]["flows"]["rejected"], pl.Int64).alias("rejected"),
        *(pl.col(verdict.value).cast(pl.Int64) for verdict in Verdict),
    )


# ---- whether they are as they were left


def _verification(runs: dict[str, KeptRun]) -> None:
    st.subheader(text.say("runs-verify"), anchor=False)
    st.caption(text.say("runs-verify-what"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = _choice("runs-verify-which", runs, next(iter(runs)), "runs-verified")
        asked = st.button(text.say("runs-verify-do"), icon=":material/fact_check:")
    if asked:
        with st.spinner(text.say("runs-verifying")):
            problems = verify(runs[name].folder)
        text.told(problems)
        if not problems:
            st.success(text.say("verify-sound", folder=name))


def _choice(key: str, runs: dict[str, KeptRun], default: str, widget: str) -> str:
    """One of the runs by the name of its folder, which is its own in a workspace."""
    return st.selectbox(
        text.say(key),
        list(runs),
        index=list(runs).index(default),
        format_func=lambda name: text.visible(f"{name} · {runs[name].run_id[:_LETTERS]}"),
        key=session.key_of(widget, tuple(runs), default),
    )


# ---- two compared


def _comparison(runs: dict[str, KeptRun]) -> None:
    st.subheader(text.say("runs-compare"), anchor=False)
    if len(runs) == 1:
        st.info(text.say("runs-compare-one"))
        return
    links.not_applied(
        (side, code)
        for side in (BEFORE, AFTER)
        if (code := session.code(side)) and not _asked(side, runs)
    )
    newest, older = list(runs)[:2]
    left, right = st.columns(2)
    with left:
        before = _choice("runs-before", runs, _asked(BEFORE, runs) or older, "runs-before")
    with right:
        after = _choice("runs-after", runs, _asked(AFTER, runs) or newest, "runs-after")
    if before == after:
        st.info(text.say("runs-compare-same"))
        return
    _compared(Desk(runs[before], session.reader()), runs[after])


def _asked(side: str, runs: dict[str, KeptRun]) -> str | None:
    """The run that the address names for this side."""
    asked = session.code(side)
    found = (name for name, run in runs.items() if asked and run.run_id.startswith(asked))
    return next(found, None)


def _compared(desk: Desk, later: KeptRun) -> None:
    told = desk.compare(later)
    for column, change in zip(st.columns(len(Change)), Change, strict=True):
        column.metric(text.say(f"runs-change-{change}"), f"{told.counts[change]:,}", border=True)
    if not session.may(Role.officer):
        st.info(text.say("shell-role-needed", role=page.role_word(Role.officer)))
        return
    _migration(desk, later)
    present = [change for change in _TOLD if told.counts[change]]
    if not present:
        return
    change = st.segmented_control(
        text.say("runs-changes"),
        present,
        default=present[0],
        format_func=lambda each: text.say(f"runs-change-{each}"),
        required=True,
        key=session.key_of("runs-change", desk.run.folder.name, later.folder.name),
    )
    tables.paged(_changes(desk, later, told, Change(change)))


def _changes(desk: Desk, later: KeptRun, told: Comparison, change: Change) -> tables.Paged:
    cause = f"cause_{session.language()}"
    words = ("severity", "clause", "sender", "recipient", cause)
    columns: dict[str, Any] = {
        name: text.say(f"runs-changed-{name.split('_')[0]}") for name in words
    }
    for name in _COUNTS:
        for side in (BEFORE, AFTER):
            heading = text.say(f"runs-changed-{side}-{name}")
            columns[f"{side}_{name}"] = (
                people.column(heading)
                if name == people.SUBJECTS
                else st.column_config.NumberColumn(heading, format="localized")
            )

    def rows(number: int, size: int) -> Some:
        frame = desk.changes(later, change, Turn(number=number, size=size))
        return Some(frame, told.counts[change])

    return tables.Paged(
        name="changes",
        rows=rows,
        of=(str(desk.run.folder), str(later.folder), change.value, session.language().value),
        columns=columns,
        identity="fingerprint",
        alt=text.phrase_here("runs-changes"),
        dress=lambda frame: _dressed(frame, Desk(later, desk.reader)),
    )


def _dressed(frame: pl.DataFrame, desk: Desk) -> pl.DataFrame:
    """Severities as words, the earlier one first where it changed; parties by name and id."""
    ends = {end: frame[end].to_list() for end in ("sender", "recipient")}
    names = desk.names_of(party for parties in ends.values() for party in parties if party)
    severities = {code: wordings.severity(code) for code in wordings.SEVERITY_SIGNS}
    before, after = (
        pl.col(f"{side}_severity").cast(pl.String).replace(severities) for side in (BEFORE, AFTER)
    )
    moved = (before != after).fill_null(False)
    return frame.with_columns(
        severity=pl.when(moved)
        .then(pl.concat_str(before, pl.lit(" → "), after))
        .otherwise(pl.coalesce(after, before)),
        **{
            end: pl.Series([wordings.party(each or "", names) for each in parties], dtype=pl.String)
            for end, parties in ends.items()
        },
        **{
            f"{side}_{people.SUBJECTS}": people.cells(
                frame, f"{side}_{people.SUBJECTS}", f"{side}_{people.WHOLE_BASE}"
            )
            for side in (BEFORE, AFTER)
        },
    )


def _migration(desk: Desk, later: KeptRun) -> None:
    """Which verdict became which: only what moved, with the flows to look at."""
    moved = desk.migration(later).filter(pl.col(BEFORE).ne_missing(pl.col(AFTER)))
    st.caption(text.say("runs-migration"))
    if moved.is_empty():
        st.text(text.phrase_here("runs-migration-none"))
        return
    language, nowhere = session.language(), text.phrase_here("runs-not-judged")
    words = {verdict.value: verdicts.label(verdict, language) for verdict in Verdict}
    sides = [pl.col(side).replace(words).fill_null(nowhere) for side in (BEFORE, AFTER)]
    layers = {layer: text.phrase_here(f"layer-{layer}") for layer in moved["layer"].unique()}
    columns = ("layer", BEFORE, AFTER, "flows", "examples")
    st.dataframe(
        text.visible_frame(
            moved.sort("flows", descending=True).with_columns(
                pl.col("layer").replace(layers), *sides
            )
        ),
        column_order=columns,
        column_config={name: text.say(f"runs-migration-{name}") for name in columns},
        hide_index=True,
        placeholder=text.ABSENT,
        alt=text.phrase_here("runs-migration"),
    )


page.page("runs", draw)
