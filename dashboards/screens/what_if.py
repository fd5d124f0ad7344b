"""What-if: what would become of the verdicts if a clause, contract or consent were otherwise."""

import streamlit as st

from audit import Desk, Job, JobState, Rehearsals, Role, change_of
from dashboards import session
from dashboards.parts import migrated, page, supposing, text
from dashboards.parts.supposing import FORMS, Document

JOB = "job"
_ASKED = "what-if-asked"


def draw(desk: Desk) -> None:
    """The choice of what is supposed, then the answer to what was asked last."""
    if faults := desk.faults():
        text.told(faults)
        return
    st.caption(text.say("what-if-what"))
    kind = st.segmented_control(
        text.say("what-if-kind-of-change"),
        list(FORMS),
        default=next(iter(FORMS)),
        required=True,
        format_func=lambda each: text.say(f"what-if-of-{each}"),
        key="what-if-of",
    )
    if (document := FORMS[kind](desk)) is not None:
        _ask(desk, document)
    if job := session.code(JOB):
        _job(desk, job)
    elif (asked := session.kept(_ASKED)) and asked[0] == desk.run.run_id:
        _answered(desk, asked[1])


def _ask(desk: Desk, document: Document) -> None:
    """Remember what is asked; where flows must be read, a worker does it."""
    session.put_codes(job=None)
    session.forget(_ASKED)
    if desk.what_if(change_of(document, "")) is None:
        session.put_codes(job=_rehearsals(desk).begin(desk.run, document).id)
    else:
        session.keep(_ASKED, (desk.run.run_id, document))


def _rehearsals(desk: Desk) -> Rehearsals:
    return Rehearsals(desk.run.folder.parent, session.reader())


def _answered(desk: Desk, document: Document) -> None:
    told = desk.what_if(change_of(document, ""))
    if told is not None:
        _supposed(document)
        migrated.shown(told, desk)


def _supposed(document: Document) -> None:
    st.divider()
    for line in supposing.told(document):
        st.text(text.visible(line))


# ---- judged again by a worker


def _job(desk: Desk, job_id: str) -> None:
    rehearsals = _rehearsals(desk)
    job = rehearsals.job(job_id)
    if job.order.run != str(desk.run.folder.absolute()):
        session.put_codes(job=None)
        return
    _supposed(job.order.supposed or {})
    if job.under_way:
        _watched(rehearsals, job_id)
    elif (told := rehearsals.answer(job_id)) is not None:
        migrated.shown(told, desk)
    else:
        st.subheader(text.say(f"job-state-{job.state}"), anchor=False)
        text.told(job.problems)


@st.fragment(run_every="1s")
def _watched(rehearsals: Rehearsals, job_id: str) -> None:
    """How far the worker is, once a second; then the screen is drawn anew."""
    job = rehearsals.job(job_id)
    if job.state is not JobState.RUNNING:
        st.rerun(scope="app")
    _progress(job)
    if st.button(text.say("start-cancel"), icon=":material/stop:"):
        rehearsals.cancel(job_id)
        st.rerun(scope="app")
    text.done("job")


def _progress(job: Job) -> None:
    told = job.progress
    if told is None:
        st.progress(0, text=text.say("start-waiting"))
        return
    share = min(told.rows / told.of, 1.0) if told.of else 0.0
    st.progress(share, text=text.say(f"stage-{told.stage}", rows=f"{told.rows:,}"))


page.run_page("what_if", draw, needs=Role.officer)
