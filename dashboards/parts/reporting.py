"""Reports of a kept run, made when an officer asks for one, and handed out as a file."""

from collections.abc import Sequence

import streamlit as st

from audit import FORMATS, Desk, KeptRun, Refusal, Role
from dashboards import session
from dashboards.parts import text

_MOST_FLOWS = 2_000_000  # a larger run is told by the command line, which needs no browser to wait


def drawn(runs: Sequence[KeptRun]) -> None:
    """Which run, in which format; the file is made when it is asked for, and not kept."""
    if not session.may(Role.officer):
        return
    st.subheader(text.say("reporting"), anchor=False)
    st.caption(text.say("reporting-what"))
    named = {run.folder.name: run for run in runs}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            text.say("reporting-run"),
            list(named),
            format_func=text.visible,
            key=session.key_of("reporting-run", tuple(named)),
        )
        form = st.selectbox(
            text.say("reporting-format"),
            list(FORMATS),
            format_func=lambda each: text.say(f"reporting-{each}"),
            key="reporting-format",
        )
        flows = int(named[name].manifest["rows"]["flows"]["judged"])
        asked = st.button(
            text.say("reporting-make"),
            icon=":material/description:",
            disabled=flows > _MOST_FLOWS,
        )
    if flows > _MOST_FLOWS:
        st.caption(text.say("reporting-large", flows=f"{flows:,}", most=f"{_MOST_FLOWS:,}"))
    if asked:
        _made(Desk(named[name], session.reader()), form)


def _made(desk: Desk, form: str) -> None:
    """The file, or why there is none."""
    with st.spinner(text.say("reporting-making")):
        try:
            file = desk.report(form, session.language())
        except Refusal as refusal:
            text.told(refusal.problems)
            return
    st.download_button(
        text.say("reporting-save", file=file.name),
        file.body,
        file_name=file.name,
        mime=file.mime,
        icon=":material/download:",
        type="primary",
        on_click="ignore",
        key="reporting-save",
    )
