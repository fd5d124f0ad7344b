"""A change that is only supposed is judged by a worker, for officers, who may start no audit."""

import stat
import time
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from audit.casework.jobfiles import JobOrder
from audit.casework.jobs import Job, Jobs, JobState
from audit.casework.rehearsing import Rehearsals
from audit.casework.replaying import How, rejudged_replay
from audit.casework.roles import NotAllowed, Reader, Role
from audit.casework.workspace import KeptRun
from audit.changes.reading import change_of
from audit.problems import UsageRefused
from tests.example_run import EXAMPLE, OFFICER, VIEWER, kept_run

ENDED = {"party": [{"id": "AFF-CLOUD", "agreement_until": "2025-01-31"}]}
PATIENCE = 60


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept_run(tmp_path_factory.mktemp("runs"))


def ended(rehearsals: Rehearsals, job: Job) -> Job:
    end = time.monotonic() + PATIENCE
    while (now := rehearsals.job(job.id)).under_way and time.monotonic() < end:
        time.sleep(0.1)
    return now


def test_the_worker_gives_the_answer_that_judging_again_gives(run: KeptRun) -> None:
    rehearsals = Rehearsals(run.folder.parent, OFFICER)
    job = ended(rehearsals, rehearsals.begin(run, ENDED))
    assert job.state is JobState.DONE
    told, wanted = rehearsals.answer(job.id), rejudged_replay(run, change_of(ENDED, ""))
    assert told is not None
    assert (told.how, told.judged) == (How.SOME, wanted.judged)
    assert_frame_equal(told.migration, wanted.migration)
    assert_frame_equal(told.shifts, wanted.shifts)
    for file in (run.folder.parent / ".jobs" / job.id).glob("answer*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_wrong_with_a_change_is_told_when_the_worker_meets_it(run: KeptRun) -> None:
    rehearsals = Rehearsals(run.folder.parent, OFFICER)
    document = {"party": [{"id": "NOBODY", "country": "CN"}]}
    job = ended(rehearsals, rehearsals.begin(run, document))
    assert job.state is JobState.REFUSED
    assert [problem.code for problem in job.problems] == ["change-party-unknown"]
    assert rehearsals.answer(job.id) is None


def test_no_viewer_and_no_job_of_an_administrator(run: KeptRun) -> None:
    with pytest.raises(NotAllowed):
        Rehearsals(run.folder.parent, VIEWER)
    jobs = Jobs(run.folder.parent, Reader(Role.admin))
    job = jobs.on_folder(EXAMPLE, JobOrder())
    with pytest.raises(UsageRefused):
        Rehearsals(run.folder.parent, OFFICER).job(job.id)


def test_a_pack_that_is_handed_over_is_kept_once_for_its_owner_alone(tmp_path: Path) -> None:
    rehearsals = Rehearsals(tmp_path, OFFICER)
    place = rehearsals.keep_pack(b"x = 1")
    assert rehearsals.keep_pack(b"x = 1") == place
    assert place.read_bytes() == b"x = 1"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
