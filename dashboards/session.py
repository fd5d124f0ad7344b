"""What one browser tab has open; the only place that touches Streamlit's session and the address.

The address holds codes and nothing else: `?run=…&lang=…&clause=…&finding=…`. Where it names a run
or a language, the address wins; where it does not, what the tab has open is written into it.
"""

from collections.abc import Hashable, Sequence
from hashlib import sha256
from typing import Any

import streamlit as st

from audit import Desk, KeptRun, Language, Reader, Role, Workspace
from dashboards import settings
from dashboards.settings import Identity

LANGUAGE, RUN = "lang", "run"
_ID_LETTERS = 12
_RUNS_SEEN, _NOT_HERE = "script runs", "run that is not here"


def arrive() -> None:
    """Take over what the address says, before anything is drawn."""
    st.session_state[_RUNS_SEEN] = st.session_state.get(_RUNS_SEEN, 0) + 1
    asked = code(LANGUAGE)
    if asked in tuple(Language):
        st.session_state[LANGUAGE] = asked
    st.session_state.setdefault(LANGUAGE, settings.in_use().language.value)


def script_runs() -> int:
    """How often this tab was drawn; a browser test waits for the next one."""
    return int(st.session_state.get(_RUNS_SEEN, 0))


# ---- who and in which language


def language() -> Language:
    """The language of this tab."""
    return Language(st.session_state.get(LANGUAGE) or settings.in_use().language)


def reader() -> Reader:
    """Who sits in front of this tab, and what that role may see."""
    in_use = settings.in_use()
    if in_use.identity is Identity.nobody:
        return Reader(in_use.role_without_login)
    address = _vouched_address()
    return Reader(in_use.role_of(address) if address else in_use.role_of_others, address)


def logged_in() -> bool:
    """Whether somebody vouches for the reader, or nobody has to."""
    match settings.in_use().identity:
        case Identity.nobody:
            return True
        case Identity.login:
            return bool(st.user.get("is_logged_in", False))
        case Identity.proxy:
            return bool(_vouched_address())


def _vouched_address() -> str:
    """The e-mail address; empty where the identity provider says that it did not verify it."""
    address = st.user.get("email")
    unverified = st.user.get("email_verified") in {False, "false"}
    return "" if unverified or not isinstance(address, str) else address.strip().casefold()


# ---- which run


def workspace() -> Workspace:
    """The folder whose runs are shown."""
    return Workspace(settings.in_use().runs)


def settle_on_a_run(runs: Sequence[KeptRun]) -> KeptRun | None:
    """The run of this tab: the one of the address, else the one open, else the newest.

    None where the address names a run that is not here: no other is shown in its stead, on any
    screen of this tab, until one is chosen.
    """
    asked = code(RUN) or st.session_state.get(_NOT_HERE)
    if asked:
        ids = {run.run_id for run in runs if run.run_id.startswith(asked)}
        st.session_state[_NOT_HERE] = None if len(ids) == 1 else asked
        st.session_state[RUN] = next(iter(ids)) if len(ids) == 1 else None
    if run_not_here():
        return None
    open_now = st.session_state.get(RUN)
    run = next((run for run in runs if run.run_id == open_now), next(iter(runs), None))
    if run is not None:
        st.session_state[RUN] = run.run_id
    return run


def run_not_here() -> str | None:
    """How the address names a run that is not here, or that it names too briefly."""
    asked: str | None = st.session_state.get(_NOT_HERE)
    return asked


def choose_run() -> None:
    """A run was chosen by hand, whatever the address asked for."""
    st.session_state[_NOT_HERE] = None
    put_place()


def current_run() -> KeptRun | None:
    """The run of this tab; None where none was left yet, or the one asked for is not here."""
    if run_not_here():
        return None
    open_now = st.session_state.get(RUN)
    runs = workspace().runs().runs
    return next((run for run in runs if run.run_id == open_now), next(iter(runs), None))


def desk() -> Desk | None:
    """All that this reader may see of the run of this tab; None where there is no run."""
    run = current_run()
    return None if run is None else Desk(run, reader())


def open_run(run_id: str) -> None:
    """Show this run from the next drawing on, e.g. the one that was just left."""
    st.session_state.pop(RUN, None)
    st.session_state[_NOT_HERE] = None
    put_codes(run=run_id[:_ID_LETTERS])


# ---- the address


def code(name: str) -> str | None:
    """What the address says under this name; None where it says nothing."""
    return st.query_params.get(name)


def put_codes(**codes: str | None) -> None:
    """Write codes into the address; None takes one out. A callback may do so too."""
    for name, value in codes.items():
        if value and value != code(name):
            st.query_params[name] = value
        elif not value and name in st.query_params:
            del st.query_params[name]


def put_place() -> None:
    """Write what this tab has open into the address, so that it can be sent to a colleague."""
    put_codes(run=_run_code(), lang=language().value)


def place() -> dict[str, str]:
    """The codes that a link to another screen must carry on."""
    run = _run_code()
    return {LANGUAGE: language().value} | ({RUN: run} if run else {})


def _run_code() -> str | None:
    """How the address names the run of this tab, be it here or not."""
    run = st.session_state.get(RUN)
    return run_not_here() or (run[:_ID_LETTERS] if run else None)


# ---- what a screen keeps


def kept(name: str, default: Any = None) -> Any:  # noqa: ANN401 (whatever the screen kept)
    """What a screen or a widget of this key keeps in this tab."""
    return st.session_state.get(name, default)


def keep(name: str, value: object) -> None:
    """Keep a small value in this tab; never a frame, which would stay in memory."""
    st.session_state[name] = value


def forget(name: str) -> None:
    """Keep it no longer."""
    st.session_state.pop(name, None)


def key_of(name: str, *of: Hashable) -> str:
    """A widget's key that changes with all that its rows depend on, e.g. run, filter and page."""
    return f"{name}-{sha256(repr(of).encode()).hexdigest()[:16]}"


def may(role: Role) -> bool:
    """Whether the reader's role reaches this far; the functions that read data ask again."""
    return reader().may(role)
