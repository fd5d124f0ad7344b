"""What stands around every screen: its title, the run, the language, the reader's role.

A screen ends with one line: `run_page("violations", draw)`, where `draw(desk)` draws the run that
is open, or `page("start", draw)`, where `draw()` needs none. Refusals become sentences.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from audit import Desk, KeptRun, Language, Refusal, Role, phrase
from dashboards import session, settings
from dashboards.parts import text, times
from dashboards.settings import Identity

ICON = Path(__file__).parents[1] / "icon.png"
SCREENS_FOLDER = Path(__file__).parents[1] / "screens"
SCREENS = {
    "overview": ":material/dashboard:",
    "violations": ":material/gavel:",
    "data_map": ":material/hub:",
    "flow_groups": ":material/swap_horiz:",
    "clauses": ":material/menu_book:",
    "parties": ":material/apartment:",
    "person": ":material/person:",
    "what_if": ":material/fork_right:",
    "runs": ":material/history:",
    "duties": ":material/task_alt:",
    "start": ":material/play_arrow:",
}
_ID_SHOWN = 8


def run_page(screen: str, draw: Callable[[Desk], None], *, needs: Role = Role.viewer) -> None:
    """A screen on the run that is open; without a run it says how to get one."""

    def drawn() -> None:
        desk = session.desk()
        if desk is not None:
            draw(desk)
        elif not session.run_not_here():
            no_run_yet()

    page(screen, drawn, needs=needs)


def page(screen: str, draw: Callable[[], None], *, needs: Role = Role.viewer) -> None:
    """A screen: title, what it draws, the mark of its end."""
    st.title(text.say(f"screen-{screen}"))
    if missing := session.run_not_here():
        st.error(text.say("shell-run-not-here", run=missing), icon=":material/link_off:")
    try:
        if session.may(needs):
            draw()
        else:
            st.warning(text.say("shell-role-needed", role=role_word(needs)))
    except Refusal as refusal:
        text.told(refusal.problems)
    text.done(screen)


def no_run_yet() -> None:
    """The empty state: where the example is, and how to start an audit.

    What lies there and cannot be read as a run is never passed over in silence.
    """
    text.told(session.workspace().runs().broken)
    st.info(text.say("shell-no-run"))
    if session.may(Role.admin):
        link_to("start")


def link_to(screen: str, label: str | None = None, **codes: str) -> None:
    """A link to another screen that carries the run, the language and these codes."""
    st.page_link(
        SCREENS_FOLDER / f"{screen}.py",
        label=label or text.say(f"screen-{screen}"),
        icon=SCREENS[screen],
        query_params=session.place() | codes,
    )


def go_to(screen: str, **codes: str) -> None:
    """Open another screen at once, with these codes; what follows is not run."""
    st.switch_page(SCREENS_FOLDER / f"{screen}.py", query_params=session.place() | codes)


def screens() -> list[st.Page]:
    """The pages, the first one opened first."""
    return [
        st.Page(
            SCREENS_FOLDER / f"{name}.py",
            title=phrase(f"screen-{name}", session.language()),
            icon=icon,
            url_path=name,
            default=name == "overview",
        )
        for name, icon in SCREENS.items()
    ]


# ---- the frame


def frame() -> None:
    """The side of every screen: which run, which language, who reads."""
    with st.sidebar:
        _language_switch()
        _run_chooser()
        _who_reads()
    session.put_place()


def _language_switch() -> None:
    st.segmented_control(
        "语言 · Language",
        [each.value for each in Language],
        format_func={"zh": "中文", "en": "English"}.__getitem__,
        key=session.LANGUAGE,
        required=True,
        on_change=session.put_place,
    )


def _run_chooser() -> None:
    kept = session.workspace().runs()
    run = session.settle_on_a_run(kept.runs)
    if not kept.runs:
        return
    labels = {run.run_id: _named(run) for run in kept.runs}
    st.selectbox(
        text.say("shell-run"),
        list(labels),
        format_func=labels.__getitem__,
        index=0 if run else None,
        placeholder=text.phrase_here("shell-choose-run"),
        key=session.RUN,
        on_change=session.choose_run,
    )
    if run is not None:
        st.caption(text.say("shell-zone", zone=times.zone(run)))


def _named(run: KeptRun) -> str:
    """When it was left, where, and the beginning of its id."""
    when = times.minute(run.kept_at, run)
    return f"{when} · {text.visible(run.folder.name)} · {run.run_id[:_ID_SHOWN]}"


def _who_reads() -> None:
    reader = session.reader()
    st.caption(text.say("shell-role", role=role_word(reader.role)))
    if reader.name:
        st.text(text.visible(reader.name))
    if settings.in_use().identity is Identity.login and st.button(text.say("shell-log-out")):
        st.logout()


def role_word(role: Role) -> str:
    """The role in words."""
    return phrase(f"role-{role.value}", session.language())
