"""A job checks and audits in a process of its own, lands whole, and says so when it was killed."""

import contextlib
import io
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from audit.casework.jobfiles import JobFiles, JobOrder, Step
from audit.casework.jobs import MOST_AT_ONCE, Job, Jobs, JobState
from audit.casework.journal import journal_of
from audit.casework.quoting import quotable
from audit.casework.roles import NotAllowed
from audit.casework.staging import Upload
from audit.casework.workspace import Workspace
from audit.clauses.citations import Paragraph
from audit.problems import UsageRefused
from audit.records.pseudonyms import KEY_FILE
from audit.running import Checked, Request, check
from audit.wording import Language, phrase, sentence
from tests.commanding import command
from tests.example_run import ADMIN, EXAMPLE, HOUSE, OFFICER, VIEWER

ORDER = JobOrder(language=Language.en)
PATIENCE = 240


def files_of(folder: Path) -> list[Upload]:
    paths = sorted(folder.glob("*.csv"))
    return [Upload(path.name, io.BytesIO(path.read_bytes())) for path in paths]


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def ended(jobs: Jobs, job: Job) -> Job:
    until(lambda: not jobs.job(job.id).under_way)
    return jobs.job(job.id)


def done(jobs: Jobs, job: Job, step: Step) -> Job:
    jobs.start(job.id, step)
    return ended(jobs, job)


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    desk = Jobs(tmp_path / "runs", ADMIN)
    yield desk
    for job in desk.every():
        desk.cancel(job.id)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export that takes seconds to read, so that there is time to disturb it."""
    folder = tmp_path_factory.mktemp("large")
    for file in EXAMPLE.glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    flows = pl.read_csv(EXAMPLE / "flows.csv", infer_schema=False)
    many = pl.concat([flows.with_columns(pl.col("flow_id") + f"-{n}") for n in range(1500)])
    many.write_csv(folder / "flows.csv")
    return folder


def busy(jobs: Jobs, export: Path, step: Step = Step.RUN) -> Job:
    """A job whose worker is in the middle of its work."""
    job = jobs.on_folder(export, ORDER)
    jobs.start(job.id, step)
    until(lambda: jobs.job(job.id).progress is not None)
    found = jobs.job(job.id)
    assert found.under_way
    return found


def worker_of(jobs: Jobs, job: Job) -> int:
    worker = JobFiles(jobs.workspace / ".jobs" / job.id).worker()
    assert worker is not None
    return worker


@dataclass(frozen=True)
class Landed:
    """The example as it was uploaded, checked and audited, and what was there in between."""

    jobs: Jobs
    staged: Job
    unchecked: Checked | None
    checked: Job
    runs_then: int
    ran: Job


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    """One for all tests that leave it as it is."""
    jobs = Jobs(tmp_path_factory.mktemp("landed") / "runs", ADMIN)
    staged = jobs.upload(files_of(EXAMPLE), ORDER)
    unchecked, checked = jobs.checked(staged.id), done(jobs, staged, Step.CHECK)
    runs_then = len(Workspace(jobs.workspace).runs().runs)
    return Landed(jobs, staged, unchecked, checked, runs_then, done(jobs, staged, Step.RUN))


def test_an_upload_is_checked_audited_and_lands(landed: Landed) -> None:
    assert (landed.staged.state, landed.unchecked) == (JobState.STAGED, None)
    assert (landed.checked.state, landed.runs_then) == (JobState.CHECKED, 0)
    assert landed.ran.state is JobState.DONE
    (run,) = Workspace(landed.jobs.workspace).runs().runs
    assert run.run_id == landed.ran.run_id
    assert not run.faults()
    assert journal_of(run).flows.collect().height == run.manifest["rows"]["flows"]["judged"]


def text_of_the_agreement(more: str = "") -> Upload:
    raw = (HOUSE / "examples" / "agreement.txt").read_bytes() + more.encode()
    return Upload("../合同 2025.txt", io.BytesIO(raw))


def test_a_text_of_the_agreement_stays_with_the_job_and_is_quoted(jobs: Jobs) -> None:
    job = jobs.on_folder(EXAMPLE, ORDER, text_of_the_agreement())
    assert jobs.job(job.id).order.agreement == "合同 2025.txt"
    assert done(jobs, job, Step.RUN).state is JobState.DONE
    (run,) = Workspace(jobs.workspace).runs().runs
    (quote,) = quotable(run).quotes("contract", "3-2-9.1")
    assert isinstance(quote.found, Paragraph)
    with pytest.raises(UsageRefused) as needed:
        jobs.discard(job.id)
    assert [each.code for each in needed.value.problems] == ["job-needed"]
    without = jobs.on_folder(EXAMPLE, ORDER)
    assert done(jobs, without, Step.RUN).run_id == run.run_id
    assert quotable(run).agreement is not None, "the same run stays as it is"
    other = jobs.on_folder(EXAMPLE, ORDER, text_of_the_agreement("第九十九条 新的\n"))
    assert done(jobs, other, Step.RUN).run_id == run.run_id
    told = quotable(run).agreement
    assert told is not None
    assert told.file.parent.parent.name == other.id
    jobs.discard(job.id)


def test_a_text_that_is_no_agreement_is_refused_before_anything_is_judged(
    jobs: Jobs, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("你好\n", "utf-8")
    job = jobs.on_folder(EXAMPLE, ORDER, Upload("letter.txt", io.BytesIO(letter.read_bytes())))
    refused = done(jobs, job, Step.CHECK)
    assert refused.state is JobState.REFUSED
    assert [each.code for each in refused.problems] == ["document-unnumbered"]
    assert jobs.checked(job.id) is None


def test_the_check_finds_what_the_command_line_finds(landed: Landed) -> None:
    told = landed.jobs.checked(landed.ran.id)
    said = check(Request(EXAMPLE, language=Language.en))
    assert told is not None
    assert told.rejected.equals(said.rejected)
    assert (told.rows, told.notices) == (said.rows, said.notices)


def test_a_bad_upload_is_refused_in_the_words_of_the_command_line(
    jobs: Jobs, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "flows.csv").write_text("flow_id,when\nF-1,now\n", encoding="utf-8")
    job = done(jobs, jobs.upload(files_of(bad), ORDER), Step.CHECK)
    assert job.state is JobState.REFUSED
    for language in Language:
        told = [sentence(problem, language) for problem in job.problems]
        said = command("--lang", language, "check", bad).err.splitlines()
        assert [line for line in told if any(line in each for each in said)] == told
        assert told


def test_progress_is_told_while_it_works(jobs: Jobs, large: Path) -> None:
    job = jobs.on_folder(large, ORDER)
    jobs.start(job.id, Step.CHECK)
    seen = set()
    while (now := jobs.job(job.id)).under_way:
        if now.progress:
            seen.add((now.progress.stage, now.progress.rows))
        time.sleep(0.02)
    rows = max(rows for _, rows in seen)
    assert {stage for stage, _ in seen} == {"registers", "flows"}
    assert now.state is JobState.CHECKED
    assert now.progress is not None
    assert now.progress.rate > 0
    checked = jobs.checked(job.id)
    assert checked is not None
    assert 0 < rows <= checked.rows["flows"].rows


def test_cancelling_ends_the_worker_and_leaves_nothing(jobs: Jobs, large: Path) -> None:
    job = busy(jobs, large)
    worker = worker_of(jobs, job)
    assert jobs.cancel(job.id).state is JobState.CANCELLED
    until(lambda: not alive(worker))
    assert [each.name for each in jobs.workspace.iterdir()] == [".jobs"]


def alive(process: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        return state.split()[0] != "Z"
    return False


def test_a_worker_that_was_killed_is_told_and_can_begin_again(jobs: Jobs, large: Path) -> None:
    job = busy(jobs, large)
    os.kill(worker_of(jobs, job), signal.SIGKILL)
    died = ended(jobs, job)
    assert died.state is JobState.DIED
    assert [problem.code for problem in died.problems] == ["job-died"]
    assert not Workspace(jobs.workspace).runs().runs
    jobs.start(job.id, Step.RUN)
    assert jobs.job(job.id).state is JobState.RUNNING
    jobs.cancel(job.id)


def test_a_worker_that_does_not_listen_is_killed(jobs: Jobs, large: Path) -> None:
    job = busy(jobs, large)
    worker = worker_of(jobs, job)
    os.kill(worker, signal.SIGSTOP)
    assert jobs.cancel(job.id).state is JobState.CANCELLED
    until(lambda: not alive(worker))


SERVER = """
import io, sys, time
from pathlib import Path
from audit.casework.jobfiles import JobOrder, Step
from audit.casework.jobs import Jobs
from audit.casework.roles import Reader, Role
jobs = Jobs(Path(sys.argv[1]), Reader(Role.admin))
job = jobs.on_folder(Path(sys.argv[2]), JobOrder())
jobs.start(job.id, Step.RUN)
print(job.id, flush=True)
time.sleep(600)
"""


def test_a_job_outlives_the_server_that_started_it(jobs: Jobs) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, jobs.workspace, EXAMPLE],
        cwd=HOUSE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    with server:
        assert server.stdout is not None
        job_id = server.stdout.readline().strip()
        server.kill()
    until(lambda: not jobs.job(job_id).under_way)
    assert jobs.job(job_id).state is JobState.DONE
    assert len(Workspace(jobs.workspace).runs().runs) == 1


def test_eight_at_once_land_as_one_run_of_the_same_data(jobs: Jobs) -> None:
    every = [jobs.upload(files_of(EXAMPLE), ORDER) for _ in range(MOST_AT_ONCE)]
    for job in every:
        jobs.start(job.id, Step.RUN)
    found = [ended(jobs, job) for job in every]
    assert [job.state for job in found] == [JobState.DONE] * MOST_AT_ONCE
    (run,) = Workspace(jobs.workspace).runs().runs
    assert {job.run_id for job in found} == {run.run_id}
    assert not run.faults()
    left = {each.name for each in jobs.workspace.iterdir()}
    assert left == {".jobs", KEY_FILE, run.folder.name}


def test_more_than_the_most_are_not_started(
    jobs: Jobs, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.casework.jobs.MOST_AT_ONCE", 2)
    every = [jobs.on_folder(large, ORDER) for _ in range(3)]
    for job in every[1:]:
        jobs.start(job.id, Step.CHECK)
        with contextlib.suppress(ProcessLookupError):
            os.kill(wait_for_worker(jobs, job), signal.SIGSTOP)
    with pytest.raises(UsageRefused) as refused:
        jobs.start(every[0].id, Step.CHECK)
    assert refused.value.problems[0].code == "job-many"
    for job in every[1:]:
        os.killpg(worker_of(jobs, job), signal.SIGKILL)


def wait_for_worker(jobs: Jobs, job: Job) -> int:
    files = JobFiles(jobs.workspace / ".jobs" / job.id)
    until(lambda: files.worker() is not None)
    return worker_of(jobs, job)


def test_a_job_under_way_is_not_started_twice_nor_discarded(jobs: Jobs, large: Path) -> None:
    job = busy(jobs, large)
    for ask in (lambda: jobs.start(job.id, Step.RUN), lambda: jobs.discard(job.id)):
        with pytest.raises(UsageRefused) as refused:
            ask()
        assert refused.value.problems[0].code == "job-busy"


def test_a_job_whose_run_is_kept_is_kept_too(landed: Landed) -> None:
    jobs, job = landed.jobs, landed.ran
    with pytest.raises(UsageRefused) as refused:
        jobs.discard(job.id)
    assert refused.value.problems[0].code == "job-needed"
    other = jobs.upload(files_of(EXAMPLE), ORDER)
    jobs.discard(other.id)
    assert [each.id for each in jobs.every()] == [job.id]


def test_another_folder_under_the_name_of_the_run_is_left_alone(jobs: Jobs) -> None:
    job = jobs.on_folder(EXAMPLE, ORDER)
    run_id = done(jobs, job, Step.RUN).run_id
    assert run_id is not None
    (run,) = Workspace(jobs.workspace).runs().runs
    run.folder.rename(jobs.workspace / "aside")
    run.folder.mkdir()
    (run.folder / "notes.txt").write_text("mine", encoding="utf-8")
    assert done(jobs, job, Step.RUN).state is JobState.DONE
    assert (run.folder / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (jobs.workspace / run_id / "manifest.json").is_file()


def test_a_half_upload_is_no_job_and_is_swept_away(jobs: Jobs) -> None:
    def break_off() -> Iterator[Upload]:
        yield Upload("flows.csv", io.BytesIO(b"x"))
        raise ConnectionResetError

    with pytest.raises(Exception, match="job-unwritten"):
        jobs.upload(break_off(), ORDER)
    left = jobs.workspace / ".jobs" / ".0123456789abcdef.partial"
    left.mkdir()
    (left / "lock").touch()
    jobs.on_folder(EXAMPLE, ORDER)
    assert not left.exists()
    assert len(jobs.every()) == 1


def test_jobs_are_for_their_owner_alone(landed: Landed) -> None:
    home = landed.jobs.workspace / ".jobs"
    places = [home, *home.rglob("*")]
    assert not [path for path in places if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.mark.parametrize("job_id", ["", "..", "../aside", "nobody", ".hidden"])
def test_a_name_that_is_no_job_is_refused(jobs: Jobs, job_id: str) -> None:
    with pytest.raises(UsageRefused) as refused:
        jobs.job(job_id)
    assert refused.value.problems[0].code == "job-unknown"


@pytest.mark.parametrize("reader", [VIEWER, OFFICER])
def test_jobs_are_for_administrators(tmp_path: Path, reader: object) -> None:
    with pytest.raises(NotAllowed):
        Jobs(tmp_path, reader)  # type: ignore[arg-type]


def test_every_state_has_a_word() -> None:
    assert all(phrase(f"job-state-{state}", each) for state in JobState for each in Language)
