"""The run in all: what was audited, what came of it, what is gravest, what must not be missed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from audit import Desk, KeptRun, Overview, Quotable, Reader, Role, Verdict, quotable, trend
from dashboards import session
from dashboards.parts import (
    charts,
    decided,
    duties,
    notices,
    page,
    people,
    tables,
    text,
    times,
    verdicts,
    wordings,
)

_RUNS_OF_TREND = 20
_LAW = "statute"
_AT_ONCE = 5  # rows of a table; the others are reached by scrolling in it


def draw(desk: Desk) -> None:
    """From the conclusion down to the causes; what spoils the conclusion stands right below it."""
    told = _overview(str(desk.run.folder), desk.run.run_id, desk.reader.role.value)
    _audited(desk.run)
    _faults(desk)
    _conflicts(desk)
    _verdicts(told)
    duties.line(desk)
    notices.drawn(told, desk)
    decided.overview(desk)
    _gravest(told, desk)
    left, right = st.columns(2, gap="medium")
    with left:
        _roles(told)
    with right:
        _trend(desk)
    _scope(told, desk.run)


@st.cache_data(max_entries=8, show_spinner=False)
def _overview(folder: str, run_id: str, role: str) -> Overview:
    return Desk(KeptRun(Path(folder), run_id), Reader(Role(role))).overview()


# ---- what was audited


def _audited(run: KeptRun) -> None:
    """One line: which packs, up to when, left when."""
    packs = (f"{each['id']} {each['version']}" for each in run.manifest["packs"])
    joined = text.phrase_here("clause-list").join(packs)
    kept = times.minute(run.kept_at, run)
    st.text(text.phrase_here("overview-audited", packs=joined, kept=kept, run=run.run_id[:12]))


def _faults(desk: Desk) -> None:
    """A run that was tampered with is never shown as sound."""
    faults = desk.faults()
    if faults:
        st.error(text.say("overview-broken"), icon=":material/gpp_bad:")
        text.told(faults)


# ---- what came of it


def _conflicts(desk: Desk) -> None:
    """First what the agreement allows and the statute does not, and the other way round."""
    if not session.may(Role.officer):
        return
    for (layer,), found in desk.conflicts().group_by("violates", maintain_order=True):
        flows = f"{found['flows'].sum():,}"
        title = text.say(f"run-conflict-{layer}", flows=flows)
        box, icon = (st.error, ":material/balance:") if layer == _LAW else (st.warning, None)
        box(f"**{title}**", icon=icon)
        columns = ("forbidden_by", "allowed_by", "flows", "examples")
        st.dataframe(
            text.visible_frame(found.select(columns)),
            column_config={name: text.say(f"run-conflict-{name}") for name in columns},
            hide_index=True,
            placeholder=text.ABSENT,
            height=tables.ROW_PIXELS * (min(found.height, _AT_ONCE) + 1),
            alt=text.phrase_here(f"run-conflict-{layer}", flows=flows),
        )


def _verdicts(told: Overview) -> None:
    """Per layer the conclusion and how many flows have each verdict."""
    judged = notices.row_of(told.rows, "flows")["judged"]
    if not judged:
        st.error(text.say("overview-nothing-judged"), icon=":material/error:")
        return
    for layer in told.verdicts["layer"].unique(maintain_order=True):
        counts = told.verdicts.filter(pl.col("layer") == layer)
        st.subheader(text.say("overview-layer", layer=wordings.layer(layer)), anchor=False)
        columns = st.columns(len(Verdict))
        for column, verdict in zip(columns, verdicts.worst_first(), strict=True):
            row = counts.row(by_predicate=pl.col("verdict") == verdict.value, named=True)
            with column:
                _metric(verdict, row["flows"], judged)


def _metric(verdict: Verdict, flows: int | None, judged: int) -> None:
    st.metric(
        text.plain(verdicts.label(verdict, session.language())),
        text.count(flows),
        None if flows is None else share(flows, judged),
        delta_color="off",
        delta_arrow="off",
        border=True,
    )


def share(count: int, total: int) -> str:
    """The share of a total, never rounded to nothing or to all."""
    if not count or count == total:
        return "0%" if not count else "100%"
    tenths = min(max(round(count * 1000 / total), 1), 999)
    return f"{tenths // 10}.{tenths % 10}%"


# ---- the gravest causes


def _gravest(told: Overview, desk: Desk) -> None:
    st.subheader(text.say("overview-gravest"), anchor=False)
    if told.gravest.is_empty():
        st.success(text.say("overview-no-findings"), icon=":material/verified:")
        return
    cited = quotable(desk.run)
    for place, finding in enumerate(told.gravest.rows(named=True), 1):
        with st.container(border=True):
            _finding(place, finding, cited)
    findings = sum(told.severities.values())
    page.link_to("violations", text.say("overview-all-findings", findings=findings))


def _finding(place: int, finding: Mapping[str, Any], cited: Quotable) -> None:
    language = session.language()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        wordings.badge(finding["severity"])
        clause = wordings.clause(finding["clause"], finding["layer"], cited)
        st.markdown(f"**{text.plain(clause)}**", width="content")
        people.counted(finding)
    st.text(text.visible(finding[f"cause_{language}"]))
    remedy = text.visible(finding[f"remedy_{language}"])
    st.text(text.phrase_here("overview-remedy", remedy=remedy))
    if session.may(Role.officer):
        label = text.say("overview-open", number=place)
        page.link_to("violations", label, finding=finding["fingerprint"])


# ---- by role, by run


def _roles(told: Overview) -> None:
    """Whose flows they are: the share of each verdict per role of the recipient."""
    st.subheader(text.say("overview-roles"), anchor=False)
    if told.roles.is_empty():
        st.text(text.phrase_here("overview-no-flows"))
        return
    layer = _layer_of(told.roles, "roles")
    counted = _wide(told.roles.filter(pl.col("layer") == layer), "role")
    ordered = counted.sort(pl.sum_horizontal(*Verdict), descending=True, maintain_order=True)
    names = [wordings.role(role) for role in ordered["role"]]
    spec = charts.bars(names, {each: ordered[each].to_list() for each in Verdict}, shares=True)
    charts.draw(spec, text.phrase_here("overview-roles-alt"), "roles")
    _table_of(ordered, "role", names)


def _trend(desk: Desk) -> None:
    """How the verdicts of the workspace's runs went, the oldest first."""
    st.subheader(text.say("overview-trend"), anchor=False)
    told = _trend_of(str(session.workspace().folder), _stamps(), desk.reader.role.value)
    if told["run_id"].n_unique() < 2:  # noqa: PLR2004 (one point is no line)
        st.info(text.say("overview-one-run"), icon=":material/timeline:")
        return
    layer = _layer_of(told, "trend")
    counted = _wide(told.filter(pl.col("layer") == layer), "run_id", "kept_at")
    names = [times.minute(when, desk.run) for when in counted["kept_at"]]
    spec = charts.lines(names, {each: counted[each].to_list() for each in Verdict})
    charts.draw(spec, text.phrase_here("overview-trend-alt"), "trend")
    _table_of(counted, "run", names)


def _stamps() -> tuple[tuple[str, str], ...]:
    """The runs of the trend, and when they were left: another run, another trend."""
    runs = session.workspace().runs().runs[:_RUNS_OF_TREND]
    return tuple((str(run.folder), run.run_id) for run in runs)


@st.cache_data(max_entries=8, show_spinner=False)
def _trend_of(workspace: str, runs: tuple[tuple[str, str], ...], role: str) -> pl.DataFrame:
    _ = workspace
    kept = [KeptRun(Path(folder), run_id) for folder, run_id in runs]
    return trend(kept, Reader(Role(role)))


def _layer_of(frame: pl.DataFrame, key: str) -> str:
    """The layer to be shown, to be chosen where there are several."""
    layers = frame["layer"].unique(maintain_order=True).to_list()
    if len(layers) == 1:
        return str(layers[0])
    chosen = st.segmented_control(
        text.say("overview-which-layer"),
        layers,
        format_func=wordings.layer,
        key=f"layer-of-{key}",
        default=layers[0],
        required=True,
        label_visibility="collapsed",
    )
    return str(chosen)


def _wide(frame: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """A row per key, a column per verdict; what is not told stays null."""
    told = [
        pl.col("flows").filter(pl.col("verdict") == each).sum().alias(each)
        if frame["flows"].null_count() == 0
        else pl.col("flows").filter(pl.col("verdict") == each).first().alias(each)
        for each in Verdict
    ]
    return frame.group_by(*keys, maintain_order=True).agg(told)


def _table_of(counted: pl.DataFrame, what: str, names: Sequence[str]) -> None:
    """The same figures as a table, for whoever does not see the chart."""
    with st.expander(text.say("overview-as-table")):
        columns: dict[str, Any] = {"name": text.phrase_here(f"overview-{what}")}
        for each in verdicts.worst_first():
            heading = verdicts.label(each, session.language())
            columns[each] = st.column_config.NumberColumn(heading, format="localized")
        shown = counted.with_columns(pl.Series("name", names, pl.String()))
        st.dataframe(
            text.visible_frame(shown.select(*columns)),
            column_config=columns,
            hide_index=True,
            placeholder=text.ABSENT,
            key=f"table-of-{what}",
        )


# ---- what was read


def _scope(told: Overview, run: KeptRun) -> None:
    """The packs, the files with their rows and digests, the zone: what the figures rest on."""
    with st.expander(text.say("overview-scope"), icon=":material/inventory_2:"):
        manifest = run.manifest
        zone, version = manifest["options"]["timezone"], manifest["versions"]["consent-audit"]
        st.text(text.phrase_here("overview-options", zone=zone, version=version))
        rows = told.rows.with_columns(notices.tables_in_words())
        headings = ("table", "rows", "judged", "rejected", "repeated")
        st.dataframe(
            text.visible_frame(rows),
            column_config={name: text.phrase_here(f"overview-{name}") for name in headings},
            hide_index=True,
            placeholder=text.ABSENT,
            key="rows",
        )
        inputs = told.inputs.with_columns(notices.tables_in_words())
        st.dataframe(
            text.visible_frame(inputs),
            column_config={
                "table": text.phrase_here("overview-table"),
                "name": text.phrase_here("overview-file"),
                "rows": text.phrase_here("overview-rows"),
                "digest": text.phrase_here("overview-digest"),
            },
            hide_index=True,
            placeholder=text.ABSENT,
            key="inputs",
        )


page.run_page("overview", draw)
