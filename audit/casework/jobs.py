"""Audits that are started from a screen and outlive it, each in a process of its own."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Thread
from typing import Any

import audit
from audit.casework.jobfiles import JobFiles, JobOrder, JobProgress, Step, lock, locked
from audit.casework.roles import Reader, Role
from audit.casework.staging import Upload, stage, stage_text
from audit.casework.workspace import KeptRun, Workspace
from audit.problems import Problem, ResourcesExhausted, UsageRefused
from audit.running import Checked

MOST_AT_ONCE = 8
_JOBS = ".jobs"
_PARTIAL = ".partial"
_GRACE = 5.0  # seconds that a worker has to end by itself
_LOOK = 0.02
_HOME = str(Path(audit.__file__).parents[1])
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from audit.casework.working import main; sys.exit(main(*sys.argv[2:]))"
)


class JobState(StrEnum):
    """How far a job is; the last four are ends, after which a step may be started again."""

    STAGED = "staged"
    CHECKING = "checking"
    RUNNING = "running"
    CHECKED = "checked"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    DIED = "died"


_UNDER_WAY = {
    Step.CHECK: JobState.CHECKING,
    Step.RUN: JobState.RUNNING,
    Step.SUPPOSE: JobState.RUNNING,
}
_ENDED = {Step.CHECK: JobState.CHECKED, Step.RUN: JobState.DONE, Step.SUPPOSE: JobState.DONE}


@dataclass(frozen=True)
class Job:
    """A job as it stands: what it is to audit, how far it is, how it ended.

    problems: why it was refused, or that it died. checked: what validation found, once it has.
    run_id: of the run that it left.
    """

    id: str
    order: JobOrder
    state: JobState
    progress: JobProgress | None = None
    problems: tuple[Problem, ...] = ()
    run_id: str | None = None

    @property
    def under_way(self) -> bool:
        """Whether a worker is at it."""
        return self.state in _UNDER_WAY.values()


@dataclass(frozen=True)
class Jobs:
    """The jobs of a workspace, for an administrator; raises NotAllowed for anybody else."""

    workspace: Path
    reader: Reader

    def __post_init__(self) -> None:
        """Nobody but an administrator gets past here."""
        self.reader.needs(Role.admin)

    def upload(
        self, uploads: Iterable[Upload], order: JobOrder, agreement: Upload | None = None
    ) -> Job:
        """A job on these files, which stay with it; raises as `stage` does, or ResourcesExhausted.

        It is there as a whole or not at all. The text of the agreement, if given, stays with it.
        """
        with self._hidden() as draft:
            (draft / JobFiles.UPLOAD).mkdir(mode=0o700)
            names = stage(uploads, draft / JobFiles.UPLOAD)
            return self._appear(draft, order.on(None, names), agreement)

    def on_folder(self, export: Path, order: JobOrder, agreement: Upload | None = None) -> Job:
        """A job on an export that lies on this machine; whether it can be read the check tells."""
        with self._hidden() as draft:
            return self._appear(draft, order.on(export.absolute(), ()), agreement)

    def on_run(self, run: KeptRun, supposed: Mapping[str, Any]) -> Job:
        """A job that judges a run again under this change; whether it can be the worker tells."""
        order = JobOrder(run=str(run.folder.absolute()), supposed=supposed)
        with self._hidden() as draft:
            return self._appear(draft, order.on(None, ()), None)

    def every(self) -> tuple[Job, ...]:
        """Every job, newest first."""
        folders = self._home.iterdir() if self._home.is_dir() else ()
        found = [self.job(each.name) for each in folders if not each.name.startswith(".")]
        return tuple(sorted(found, key=lambda job: (job.order.made_at, job.id), reverse=True))

    def job(self, job_id: str) -> Job:
        """The job as it stands now; raises UsageRefused where there is none."""
        files = self._files(job_id)
        order, alive = files.order(), locked(files.lock)  # in this order: a worker ends, then dies
        step = files.started()
        if step is None:
            return Job(job_id, order, JobState.STAGED)
        ended = files.ended(step)
        progress = files.progress(step)
        if ended is None and not alive:  # perhaps it began and ended while we looked
            alive, ended = locked(files.lock), files.ended(step)
        if ended is not None:
            state = JobState.REFUSED if ended.problems else _ENDED[step]
            return Job(job_id, order, state, progress, ended.problems, ended.run_id)
        if alive:
            return Job(job_id, order, _UNDER_WAY[step], progress)
        if files.cancelled.exists():
            return Job(job_id, order, JobState.CANCELLED, progress)
        return Job(job_id, order, JobState.DIED, progress, (Problem("job-died"),))

    def checked(self, job_id: str) -> Checked | None:
        """What validation found; None where it did not come to an end."""
        return self._files(job_id).checked()

    def start(self, job_id: str, step: Step) -> Job:
        """Start the check, or the audit itself; it goes on whatever becomes of this process.

        Raises UsageRefused where it is under way already or too many others are.
        """
        files = self._files(job_id)
        if sum(job.under_way for job in self.every()) >= MOST_AT_ONCE:
            raise UsageRefused(Problem("job-many", {"most": MOST_AT_ONCE}))
        held = lock(files.lock)
        if held is None:
            raise UsageRefused(Problem("job-busy"))
        try:
            files.begin(step)
            _spawn(files.folder, step, held)
        finally:
            os.close(held)  # the worker has it now
        return self.job(job_id)

    def cancel(self, job_id: str) -> Job:
        """End the worker and whatever it started; nothing that it was writing stays."""
        files = self._files(job_id)
        if locked(files.lock):
            files.cancelled.touch(mode=0o600)
            for sign, seconds in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, 2 * _GRACE)):
                _send(files, sign, seconds)
                if _released(files, seconds):
                    break
        return self.job(job_id)

    def discard(self, job_id: str) -> None:
        """Remove the job and its files; UsageRefused while it runs or where a run rests on it."""
        files = self._files(job_id)
        inside = f"../{_JOBS}/{job_id}/"
        for run in Workspace(self.workspace).runs().runs:
            if any(place.startswith(inside) for place in _rests_on(run)):
                raise UsageRefused(Problem("job-needed", {"run": run.run_id[:12]}))
        held = lock(files.lock)
        if held is None:
            raise UsageRefused(Problem("job-busy"))
        gone = self._home / f".{job_id}{_PARTIAL}"
        files.folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        os.close(held)

    @property
    def _home(self) -> Path:
        return self.workspace / _JOBS

    def _files(self, job_id: str) -> JobFiles:
        files = JobFiles(self._home / job_id)
        if not job_id.isalnum() or not files.folder.is_dir():
            raise UsageRefused(Problem("job-unknown", {"job": job_id[:40]}))
        return files

    @contextmanager
    def _hidden(self) -> Iterator[Path]:
        """A folder of our own, locked while we live and swept away by others when we do not."""
        try:
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._home.chmod(0o700)
            _sweep(self._home)
            draft, held = _claimed(self._home)
            try:
                yield draft
            finally:
                shutil.rmtree(draft, ignore_errors=True)
                os.close(held)
        except OSError as error:
            facts = {"folder": str(self._home), "detail": error.strerror or str(error)}
            raise ResourcesExhausted(Problem("job-unwritten", facts)) from error

    def _appear(self, draft: Path, order: JobOrder, agreement: Upload | None) -> Job:
        if agreement is not None:
            (draft / JobFiles.AGREEMENT).mkdir(mode=0o700)
            order = replace(order, agreement=stage_text(agreement, draft / JobFiles.AGREEMENT))
        job_id = f"{datetime.now(UTC):%Y%m%d%H%M%S}{secrets.token_hex(4)}"
        JobFiles(draft).write_order(order)
        draft.rename(self._home / job_id)
        return Job(job_id, order, JobState.STAGED)


def _rests_on(run: KeptRun) -> Iterator[str]:
    """Where the export of the run lies, and the text that it was given."""
    request = run.manifest.get("request") or {}
    yield str(request.get("export", ""))
    yield str((request.get("agreement") or {}).get("path", ""))


def _claimed(home: Path) -> tuple[Path, int]:
    """A hidden folder and what holds it locked; another one where a sweep was quicker."""
    while True:
        draft = home / f".{secrets.token_hex(8)}{_PARTIAL}"
        draft.mkdir(mode=0o700)
        with suppress(FileNotFoundError):
            held = lock(draft / JobFiles.LOCK)
            if held is not None and (draft / JobFiles.LOCK).exists():
                return draft, held


def _spawn(folder: Path, step: Step, held: int) -> None:
    """The worker: a group of its own, which no page and no end of ours takes with it."""
    kept = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    with os.fdopen(os.open(folder / "worker.log", kept, 0o600), "ab") as log:
        worker = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            [sys.executable, "-c", _START, _HOME, str(folder), step, str(held)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            pass_fds=(held,),
            start_new_session=True,
        )
    Thread(target=worker.wait, daemon=True).start()


def _send(files: JobFiles, sign: signal.Signals, seconds: float) -> None:
    """The signal to the worker's group; to nobody where the worker has ended meanwhile."""
    end = time.monotonic() + seconds
    while (worker := files.worker()) is None and time.monotonic() < end and locked(files.lock):
        time.sleep(_LOOK)
    if worker is not None and locked(files.lock):
        with suppress(ProcessLookupError):
            os.killpg(worker, sign)


def _released(files: JobFiles, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while locked(files.lock):
        if time.monotonic() > end:
            return False
        time.sleep(_LOOK)
    return True


def _sweep(home: Path) -> None:
    """Remove what killed uploads left: hidden folders that nobody holds locked."""
    for stale in home.glob(f".*{_PARTIAL}"):
        mark = stale / JobFiles.LOCK
        if mark.exists() and not locked(mark):
            shutil.rmtree(stale, ignore_errors=True)
