"""What a draft would change if counsel switched it on."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from audit import Listing, Verdict, WouldChange, moves_told, people_told
from dashboards import session
from dashboards.parts import tables, text, verdicts, wordings

_COLUMNS = ("sender", "recipient", "operation", "purpose", "now", "would_be", "flows", "examples")


def told(would: WouldChange | None) -> None:
    """In a sentence, and for officers the relations that it would change most."""
    st.text(_sentence(would))
    if would is not None and would.relations:
        st.caption(text.say("drafts-relations"))
        shown = pl.DataFrame([_dressed(each) for each in would.relations])
        st.dataframe(
            text.visible_frame(shown.select(_COLUMNS)),
            column_config={name: text.say(f"drafts-{name}") for name in _COLUMNS},
            hide_index=True,
            placeholder=text.ABSENT,
            height=tables.ROW_PIXELS * (shown.height + 1) + 3,
            alt=text.phrase_here("drafts-relations"),
        )
    if would is not None and would.other_relations:
        st.caption(text.say("drafts-other-relations", left=would.other_relations))


def _sentence(would: WouldChange | None) -> str:
    if would is None:
        return text.phrase_here("drafts-untold")
    if would.flows is None:
        return text.phrase_here("drafts-would-few")
    if not would.flows:
        return text.phrase_here("drafts-would-nothing")
    return text.phrase_here(
        "drafts-would" if would.changes else "drafts-would-count",
        flows=f"{would.flows:,}",
        people=people_told(would.subjects, would.whole_base, session.language()),
        moves=moves_told(would.changes, session.language()),
    )


def _dressed(relation: Mapping[str, Any]) -> dict[str, Any]:
    words = {
        "operation": wordings.coded(Listing.operations, str(relation["operation"])),
        "purpose": wordings.coded(Listing.purposes, str(relation["purpose"])),
    }
    for name in ("now", "would_be"):
        words[name] = verdicts.label(Verdict(str(relation[name])), session.language())
    return {**relation, **words}
