"""Starting an audit: choose an export, see what would be rejected, watch it run, land on it."""

from pathlib import Path
from typing import BinaryIO

import streamlit as st

from audit import (
    Job,
    JobOrder,
    Jobs,
    JobState,
    Refusal,
    Role,
    Step,
    Upload,
    example_export,
    known_packs,
)
from dashboards import session
from dashboards.parts import page, text, times
from dashboards.parts.checking import checked_page

JOB = "job"
UPLOAD, FOLDER = "upload", "folder"
_LETTERS = 12
_ENDED_BADLY = (JobState.REFUSED, JobState.CANCELLED, JobState.DIED)
_MOST_SHOWN = 10


def draw() -> None:
    """The job that the address names, else the choice of what to audit."""
    jobs = Jobs(session.workspace().folder, session.reader())
    asked = session.code(JOB)
    if asked is None:
        _intake(jobs)
        return
    _job(jobs, asked)


# ---- what to audit


def _intake(jobs: Jobs) -> None:
    _example(jobs)
    kind = st.segmented_control(
        text.say("start-from"),
        [UPLOAD, FOLDER],
        default=UPLOAD,
        required=True,
        format_func=lambda each: text.say(f"start-from-{each}"),
        key="start-kind",
    )
    # Where a file did not arrive nothing can be sent (dashboard.css), not by a key either.
    with st.form("start-form", enter_to_submit=kind == FOLDER):
        files = folder = None
        if kind == FOLDER:
            folder = st.text_input(text.say("start-folder"), placeholder="/data/export")
        else:
            files = st.file_uploader(
                text.say("start-files"), accept_multiple_files=True, key="start-files"
            )
            _limits()
        st.caption(text.say("start-which-files"))
        given = st.file_uploader(text.say("start-agreement"), key="start-agreement")
        order = _order()
        asked = st.form_submit_button(
            text.say("start-check"), type="primary", icon=":material/fact_check:"
        )
    if asked and kind == FOLDER and not (folder or "").strip():
        st.error(text.say("start-no-folder"))
    elif asked and folder is not None:
        place = Path(folder.strip()).expanduser()
        _begin(jobs, jobs.on_folder(place, order, _sent(given)))
    elif asked:
        sent = [Upload(each.name, each) for each in files or ()]
        _begin(jobs, jobs.upload(sent, order, _sent(given)))
    _earlier(jobs)


def _limits() -> None:
    """How large a file may be; and, seen only where one did not arrive, that it has to go first."""
    most = st.get_option("server.maxUploadSize")
    st.caption(text.say("start-largest", most=most))
    with st.container(key="start-not-arrived"):
        st.error(text.say("start-not-arrived", most=most), icon=":material/upload_file:")


def _sent(given: BinaryIO | None) -> Upload | None:
    """A text that was chosen, under the name that it came with."""
    return None if given is None else Upload(str(given.name), given)


def _example(jobs: Jobs) -> None:
    """The example carrier, a click away."""
    export = example_export()
    if export is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.text(text.phrase_here("start-example"))
        if st.button(text.say("start-example-do"), icon=":material/science:"):
            _begin(jobs, jobs.on_folder(export, JobOrder(language=session.language())))


def _order() -> JobOrder:
    """Under which packs and in which zone; told in the language of this tab."""
    with st.expander(text.say("start-options")):
        packs = st.multiselect(
            text.say("start-packs"), known_packs(), default=list(JobOrder.packs), key="start-packs"
        )
        timezone = st.text_input(text.say("start-timezone"), placeholder="+08:00")
    chosen = tuple(packs) or JobOrder.packs
    return JobOrder(chosen, timezone.strip() or None, session.language())


def _begin(jobs: Jobs, job: Job) -> None:
    """Validate first; the screen then follows the job by its address."""
    jobs.start(job.id, Step.CHECK)
    session.put_codes(job=job.id)
    st.rerun()


def _earlier(jobs: Jobs) -> None:
    """Jobs that were begun before, to come back to."""
    every = [job for job in jobs.every() if job.order.run is None]
    if not every:
        return
    st.subheader(text.say("start-earlier"), anchor=False)
    for job in every[:_MOST_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"{times.of_no_run(job.order.made_at)} · {_named(job)}")
            st.badge(text.say(f"job-state-{job.state}"), color="gray")
            page.link_to("start", text.say("start-open"), job=job.id)


def _named(job: Job) -> str:
    """What the job is about: its folder, or the files that were uploaded."""
    if job.order.export is not None:
        return text.visible(job.order.export)
    return text.visible(text.phrase_here("cli-list").join(job.order.files))


# ---- one job


def _job(jobs: Jobs, job_id: str) -> None:
    job = jobs.job(job_id)
    st.text(text.phrase_here("start-what", what=_named(job)))
    if job.order.agreement:
        name = text.visible(job.order.agreement)
        st.text(text.phrase_here("start-with-agreement", name=name))
    if job.under_way:
        _watched(jobs, job_id, job.state)
        return
    match job.state:
        case JobState.CHECKED:
            _checked(jobs, job)
        case JobState.DONE if job.run_id:
            session.put_codes(job=None)
            session.open_run(job.run_id)
            page.go_to("overview", run=job.run_id[:_LETTERS])
        case _:
            _ended_badly(jobs, job)


@st.fragment(run_every="1s")
def _watched(jobs: Jobs, job_id: str, state: JobState) -> None:
    """How far the job is, once a second; when it is at something else, the screen is drawn anew."""
    job = jobs.job(job_id)
    if job.state is not state:
        st.rerun(scope="app")
    st.subheader(text.say(f"job-state-{job.state}"), anchor=False)
    _progress(job)
    if st.button(text.say("start-cancel"), icon=":material/stop:"):
        jobs.cancel(job_id)
        st.rerun(scope="app")
    text.done("job")


def _progress(job: Job) -> None:
    told = job.progress
    if told is None:
        st.progress(0, text=text.say("start-waiting"))
        return
    rows = f"{told.rows:,}"
    share = min(told.rows / told.of, 1.0) if told.of else 0.0
    st.progress(share, text=text.say(f"stage-{told.stage}", rows=rows))
    facts = {"rows": rows, "rate": f"{told.rate:,}", "seconds": f"{told.seconds:.0f}"}
    st.text(text.phrase_here("job-progress", **facts))


def _checked(jobs: Jobs, job: Job) -> None:
    """What would be rejected and why, and the button that starts the audit."""
    checked = jobs.checked(job.id)
    judged = checked is not None and checked.rows["flows"].judged > 0
    with st.container(horizontal=True):
        started = st.button(
            text.say("start-run"),
            type="primary",
            icon=":material/play_arrow:",
            disabled=not judged,
        )
        _another(jobs, job)
    if started:
        jobs.start(job.id, Step.RUN)
        st.rerun()
    if checked is not None:
        checked_page(checked)


def _ended_badly(jobs: Jobs, job: Job) -> None:
    st.subheader(text.say(f"job-state-{job.state}"), anchor=False)
    text.told(job.problems)
    with st.container(horizontal=True):
        if st.button(text.say("start-again"), icon=":material/refresh:"):
            jobs.start(job.id, Step.CHECK)
            st.rerun()
        _another(jobs, job)


def _another(jobs: Jobs, job: Job) -> None:
    """Put this job away and choose something else."""
    if st.button(text.say("start-another"), icon=":material/arrow_back:"):
        _put_away(jobs, job)
        session.put_codes(job=None)
        st.rerun()


def _put_away(jobs: Jobs, job: Job) -> None:
    """Its files go with it, unless a run rests on them."""
    try:
        jobs.discard(job.id)
    except Refusal as refusal:
        text.told(refusal.problems)


page.page("start", draw, needs=Role.admin)
