"""The duties that the clause packs of the run impose, where a pack has any."""

import streamlit as st

from audit import Desk
from dashboards.parts import page, text


def draw(desk: Desk) -> None:
    """Which packs judged the run, and that none of them imposes a duty."""
    packs = text.phrase_here("cli-list").join(each["id"] for each in desk.run.manifest["packs"])
    st.info(text.say("duties-none", packs=packs))
    st.text(text.phrase_here("duties-what"))


page.run_page("duties", draw)
