"""The form by which an officer decides about findings: one, its cause, its edge, or many at once.

What is decided about is named when the form is drawn and handed on as it stood then, by the ids of
findings, together with how long the log was when its reader looked. Whatever is drawn meanwhile,
another page or another filter, moves no decision onto another finding.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import streamlit as st

from audit import (
    Desk,
    Problem,
    Refusal,
    Ruling,
    Stale,
    State,
    Target,
    sentence,
)
from dashboards import session
from dashboards.parts import filter_codes, text, times
from dashboards.parts.deciding_about import Around, targets_of

_LONGEST_NAME, _LONGEST_REASON = 200, 4000
_SEEN, _ROUND, _LACKS = "decision-seen", "decision-round", "decision-lacks"
_SAVED, _SETTLE, _AUTHOR = "decision-saved", "decision-settle", "decision-author"
_APART = re.compile(r"[,，;；、\s]+")
_HERE = {  # what the command line says with its options is said here with the form's fields
    "triage-state-automatic": "decide-lacks-state",
    "triage-lacks-reason": "decide-lacks-reason",
    "triage-lacks-author": "decide-lacks-author",
    "triage-lacks-until": "decide-lacks-until",
    "triage-lacks-evidence": "decide-lacks-evidence",
    "triage-approver-needed": "decide-approver-needed",
    "triage-target-nowhere": "decide-target-gone",
}


@dataclass(frozen=True)
class _Draft:
    """A form as it was drawn: of which finding, about what, and how long the log was then."""

    fingerprint: str
    targets: tuple[Target, ...]
    seen: int
    key: str


def settle() -> None:
    """The whole screen is being drawn: what was decided is in all of it."""
    session.forget(_SETTLE)


def form(desk: Desk, finding: Mapping[str, Any], around: Around, entries: int) -> None:
    """The form; `entries` is how long the log is now."""
    if session.kept(_SETTLE):  # counts outside of the table's fragment have changed, too
        st.rerun()
    fingerprint = finding["fingerprint"]
    saved = session.kept(_SAVED)
    if saved and saved[0] == fingerprint:
        state = text.phrase_here(f"triage-state-{saved[2]}")
        st.success(text.say("decide-saved", entry=saved[1], state=state))
    key = f"decision-{fingerprint[:16]}-{session.kept(_ROUND, 0)}"
    lacking = (session.kept(_LACKS) or ("",))[0] == fingerprint
    with st.expander(text.say("decide-title"), expanded=lacking, icon=":material/gavel:"):
        targets = targets_of(desk, finding, around, key)
        _form(desk, _Draft(fingerprint, targets, _looked(fingerprint, entries), key))


def _form(desk: Desk, draft: _Draft) -> None:
    findings = len(draft.targets)
    with st.form(f"{draft.key}-form", enter_to_submit=False, border=False):
        _fields(desk, draft.key)
        _lacking(draft.fingerprint)
        one = text.say("decide-save-one")
        st.form_submit_button(
            one if findings == 1 else text.say("decide-save", findings=findings),
            type="primary",
            icon=":material/gavel:",
            on_click=_decide,
            args=(desk, draft),
        )


def _looked(fingerprint: str, entries: int) -> int:
    """How long the log was when the finding was opened, or its reader told of a change."""
    kept: tuple[str, int] = session.kept(_SEEN) or ("", 0)
    if kept[0] != fingerprint:
        session.keep(_SEEN, (fingerprint, entries))
        return entries
    return kept[1]


# ---- what is filled in


def _fields(desk: Desk, key: str) -> None:
    state, until, author, approver = st.columns(4)
    state.selectbox(
        text.say("decide-state"),
        [each.value for each in State if each.decidable],
        index=None,
        format_func=lambda each: text.say(f"triage-state-{each}"),
        placeholder=text.phrase_here("decide-state-choose"),
        key=f"{key}-state",
    )
    until.date_input(
        text.say("decide-until"),
        None,
        min_value=times.today(desk.run),
        max_value=filter_codes.LAST_DAY,
        format="YYYY-MM-DD",
        help=text.say("decide-until-help"),
        key=f"{key}-until",
    )
    with author:
        _author(desk, key)
    approver.text_input(
        text.say("decide-approver"),
        max_chars=_LONGEST_NAME,
        help=text.say("decide-approver-help"),
        key=f"{key}-approver",
    )
    reason, evidence = st.columns([3, 1])
    reason.text_area(
        text.say("decide-reason"), max_chars=_LONGEST_REASON, height=68, key=f"{key}-reason"
    )
    evidence.text_input(
        text.say("decide-evidence"),
        max_chars=_LONGEST_REASON,
        help=text.say("decide-evidence-help"),
        key=f"{key}-evidence",
    )


def _author(desk: Desk, key: str) -> None:
    """Who has logged in decides; where nobody has to, whoever sits there says who they are."""
    if desk.reader.name:
        st.text_input(text.say("decide-author"), desk.reader.name, disabled=True)
        return
    st.text_input(
        text.say("decide-author"),
        session.kept(_AUTHOR, ""),
        max_chars=_LONGEST_NAME,
        key=f"{key}-author",
    )


def _lacking(fingerprint: str) -> None:
    """Everything that the decision lacked, at the form; it was not written."""
    of, problems = session.kept(_LACKS) or ("", ())
    if of != fingerprint or not problems:
        return
    lines = "\n".join(f"- {text.plain(_said(problem))}" for problem in problems)
    st.error(f"{text.say('decide-not-saved')}\n{lines}", icon=":material/block:")


def _said(problem: Problem) -> str:
    """The problem in the words of the form."""
    if problem.code == "triage-changed-meanwhile":
        state = text.phrase_here(f"triage-state-{problem.facts['state']}")
        return text.phrase_here("decide-changed", **{**problem.facts, "state": state})
    if problem.code in _HERE:
        return text.phrase_here(_HERE[problem.code], **problem.facts)
    return sentence(problem, session.language())


# ---- and written


def _decide(desk: Desk, draft: _Draft) -> None:
    """Write the decision; what it lacks is kept for the form, and all that was typed stays."""
    session.forget(_SAVED)
    ruling = _ruling(draft)
    if ruling.author:
        session.keep(_AUTHOR, ruling.author)
    try:
        entry = desk.decide(ruling, draft.seen, datetime.now(UTC))
    except Refusal as refusal:
        session.keep(_LACKS, (draft.fingerprint, refusal.problems))
        if isinstance(refusal, Stale):  # whoever reads this has now been told
            session.keep(_SEEN, (draft.fingerprint, desk.decisions(draft.fingerprint)[0]))
        return
    session.keep(_SAVED, (draft.fingerprint, entry.sequence, ruling.state.value))
    session.keep(_ROUND, session.kept(_ROUND, 0) + 1)
    session.keep(_SETTLE, True)
    session.forget(_LACKS)
    session.forget(_SEEN)


def _ruling(draft: _Draft) -> Ruling:
    """What the form says; no state is one that nobody can decide, so that all is told at once."""

    def typed(field: str) -> str:
        return str(session.kept(f"{draft.key}-{field}") or "").strip()

    until: date | None = session.kept(f"{draft.key}-until")
    return Ruling(
        state=State(typed("state") or State.RESOLVED),
        targets=draft.targets,
        reason=typed("reason"),
        approver=typed("approver") or None,
        until=until,
        evidence=tuple(filter(None, _APART.split(typed("evidence")))),
        author=typed("author"),
    )
