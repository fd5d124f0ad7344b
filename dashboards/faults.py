"""What becomes of a bug of ours: one sentence on the screen and one line where we were started."""

import sys
import traceback
from pathlib import Path

import streamlit as st

from audit import phrase
from dashboards import session
from dashboards.parts import text

_HOUSE = Path(__file__).parents[1]
_OURS = tuple(_HOUSE / name for name in ("dashboards", "audit"))


def told(error: Exception) -> bool:
    """Tell of the error without quoting it, for it may quote data; True: nothing else is shown."""
    facts = {"kind": type(error).__name__, "place": place(error)}
    st.error(text.say("shell-bug", **facts))
    text.done("bug")
    print(phrase("shell-bug", session.language(), **facts), file=sys.stderr, flush=True)  # noqa: T201
    return True


def told_at_length(error: Exception) -> bool:
    """The same, with the traceback for whoever asked for it with --debug."""
    traceback.print_exception(error)
    return told(error)


def place(error: Exception) -> str:
    """Where in our own code the error arose; a question mark where it did not."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if any(Path(each.filename).is_relative_to(at) for at in _OURS)]
    if not ours:
        return "?"
    return f"{Path(ours[-1].filename).relative_to(_HOUSE).as_posix()}:{ours[-1].lineno}"
