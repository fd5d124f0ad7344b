"""The place where two packs, or a changed register, are to be compared flow by flow."""

import streamlit as st

from audit import Desk
from dashboards.parts import page, text


def draw(_: Desk) -> None:
    """What will be asked here, and what answers part of it today."""
    st.info(text.say("what-if-not-yet"))
    st.text(text.phrase_here("what-if-questions"))
    st.caption(text.say("what-if-today"))
    page.link_to("runs")


page.run_page("what_if", draw)
