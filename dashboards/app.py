"""The dashboard's entry: Streamlit runs this script each time something is to be drawn."""

import streamlit as st

from audit import Refusal
from dashboards import session
from dashboards.parts import page, text
from dashboards.settings import Identity, in_use


def main() -> None:
    """The frame, and in it the screen that is open."""
    session.arrive()
    st.set_page_config(
        page_title=text.phrase_here("shell-title"), page_icon=str(page.ICON), layout="wide"
    )
    if not session.logged_in():
        log_in()
        return
    opened = st.navigation(page.screens())
    page.frame()
    opened.run()


def log_in() -> None:
    """All that a stranger sees."""
    st.title(text.say("shell-title"))
    if in_use().identity is Identity.login:
        st.info(text.say("shell-log-in-first"))
        st.button(text.say("shell-log-in"), on_click=st.login, type="primary")
    else:
        st.error(text.say("shell-nobody-vouches"))
    text.done("log_in")


try:
    main()
except Refusal as refusal:
    text.told(refusal.problems)
    text.done("refused")
