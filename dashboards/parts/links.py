"""What a link asks for and this place does not know: said in a sentence, never passed over."""

from collections.abc import Iterable

import streamlit as st

from dashboards import session
from dashboards.parts import text


def not_applied(codes: Iterable[tuple[str, str]]) -> None:
    """Names and values of the address that mean nothing here, so that nothing is asked by them."""
    for name, value in codes:
        st.warning(text.say("link-not-applied", name=name, value=value), icon=_BROKEN)


def not_in_run(values: Iterable[str]) -> None:
    """What the address asks for and the run does not have."""
    for value in values:
        st.warning(text.say("link-not-in-run", value=value), icon=_BROKEN)


def strange(name: str, known: Iterable[str]) -> list[tuple[str, str]]:
    """The name with its value in the address, where that is none of those known."""
    value = session.code(name)
    return [(name, value)] if value and value not in set(known) else []


_BROKEN = ":material/link_off:"
