"""The worker of a job: checks or audits in a process of its own, and says how far it is."""

import os
import signal
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.casework.jobfiles import Ended, JobFiles, JobProgress, Step
from audit.casework.rehearsing import write_answer
from audit.casework.replaying import rejudged_replay
from audit.casework.triaging import with_decisions
from audit.casework.workspace import opened
from audit.changes.reading import change_of
from audit.clauses.citations import Document
from audit.outcome import FLOWS, Audit
from audit.problems import Problem, Refusal, UsageRefused
from audit.reports.recalling import asked, recall, recall_agreement, recall_id
from audit.reports.run_folder import leave
from audit.running import Progress, Request, audit, check

_POLITENESS = 5  # of the worker towards the pages
_SELDOM = 0.2  # seconds between two sayings of progress
_ID_LETTERS = 12
_STOPPED = 1


def main(folder: str, step: str, held: str) -> int:
    """Do the step; `held` is the descriptor that holds the job locked as long as we live."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    files = JobFiles(Path(folder))
    os.pwrite(int(held), f"{os.getpid()}\n".encode(), 0)
    os.nice(_POLITENESS)
    work = {Step.CHECK: _check, Step.RUN: _run, Step.SUPPOSE: _suppose}[Step(step)]
    try:
        files.end(Step(step), _ended(work, files))
    except KeyboardInterrupt:
        return _STOPPED
    finally:
        os.close(int(held))  # the next step need not wait until this process is gone
    return 0


def _ended(work: Callable[[JobFiles], Ended], files: JobFiles) -> Ended:
    """How the work ended; whatever it raised is a problem with a sentence."""
    try:
        return work(files)
    except KeyboardInterrupt:
        raise
    except Refusal as refusal:
        return Ended(refusal.problems)
    except MemoryError:
        return Ended((Problem("job-exhausted", {"detail": os.strerror(12)}),))
    except OSError as error:
        detail = error.strerror or type(error).__name__
        return Ended((Problem("job-exhausted", {"detail": detail}),))
    except BaseException as error:  # noqa: BLE001 (a panic of polars is no Exception)
        traceback.print_exc()
        return Ended((Problem("job-bug", {"kind": type(error).__name__}),))


def _check(files: JobFiles) -> Ended:
    files.document()
    files.write_checked(check(files.request(), Saying(files, Step.CHECK)))
    return Ended()


def _run(files: JobFiles) -> Ended:
    checked = files.checked()
    rows = checked.rows[FLOWS].rows if checked else None
    request, document = files.request(), files.document()
    runs = files.folder.parents[1]
    found = with_decisions(audit(request, Saying(files, Step.RUN, rows)), runs)
    _land(found, _Order(request, document), runs)
    return Ended(run_id=found.run_id)


def _suppose(files: JobFiles) -> Ended:
    order = files.order()
    run = opened(Path(order.run or ""))
    rows = run.manifest["rows"][FLOWS]["rows"]
    change = change_of(order.supposed or {}, "")
    saying = Saying(files, Step.SUPPOSE, rows)
    write_answer(files.folder, rejudged_replay(run, change, tell=saying))
    return Ended()


@dataclass(frozen=True)
class _Order:
    """What a run keeps of how it was asked for."""

    request: Request
    document: Document | None

    def told(self, folder: Path) -> Mapping[str, Any]:
        """As the manifest of the run in this folder says it."""
        return asked(self.request, folder, self.document)


def _land(found: Audit, order: _Order, runs: Path) -> None:
    """Leave the run beside the others; the same run, left by another job, stays as it is.

    It does not where it was given another text of the agreement than this one.
    """
    folder = runs / found.run_id[:_ID_LETTERS]
    try:
        leave(found, folder, asked=order.told(folder))
    except UsageRefused:
        if _there(folder) != found.run_id:
            folder = runs / found.run_id
        if not _stands(folder, found.run_id, order.document):
            again = _there(folder) is not None
            leave(found, folder, asked=order.told(folder), replace=again)


def _there(folder: Path) -> str | None:
    """The id of the run in the folder; None where there is none."""
    with suppress(UsageRefused):
        return recall_id(folder)
    return None


def _stands(folder: Path, run_id: str, document: Document | None) -> bool:
    """Whether this very run is there and finds its export, and the text that is now given."""
    with suppress(Refusal):
        recall(folder)
        if document is not None:
            kept = recall_agreement(folder)
            if kept is None or kept.digest != document.digest:
                return False
        return recall_id(folder) == run_id
    return False


@dataclass
class Saying:
    """What a step tells its progress to: a file, seldom enough not to be felt."""

    files: JobFiles
    step: Step
    of: int | None = None
    began: float = field(default_factory=time.monotonic)
    stage: str = ""
    since: float = 0.0
    said: float = 0.0

    def __call__(self, progress: Progress) -> None:
        """Tell it, at each new stage and then seldom."""
        now = time.monotonic()
        if progress.stage != self.stage:
            self.stage, self.since = progress.stage, now
        elif now - self.said < _SELDOM:
            return
        self.said = now
        took = now - self.since
        told = JobProgress(
            stage=progress.stage,
            rows=progress.rows,
            rate=round(progress.rows / took) if took > 0 else 0,
            seconds=round(now - self.began, 1),
            of=self.of,
        )
        self.files.write_progress(self.step, told)
