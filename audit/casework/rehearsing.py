"""Changes of a run that are only supposed, judged in a process of their own, for officers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from audit.casework.jobfiles import JobFiles, Step, read_json, write_json
from audit.casework.jobs import Job, Jobs, JobState
from audit.casework.replaying import How, Replayed
from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun
from audit.problems import Problem, UsageRefused

_MOST_KEPT = 8
_PACKS = ".packs"
_ANSWER, _TABLES = "answer.json", ("migration", "shifts")


@dataclass(frozen=True)
class Rehearsals:
    """The rehearsals of a workspace, for officers; raises NotAllowed for anybody else.

    Only an administrator may start audits; an officer may have a run that he may read judged again.
    Nothing of it is left among the runs.
    """

    workspace: Path
    reader: Reader

    def __post_init__(self) -> None:
        """Nobody below an officer gets past here."""
        self.reader.needs(Role.officer)

    def begin(self, run: KeptRun, supposed: Mapping[str, Any]) -> Job:
        """Judge the run again under a change (as its file says it); the oldest answers go.

        Raises UsageRefused where too much is under way.
        """
        ended = [job for job in self._jobs.every() if job.order.run and not job.under_way]
        for job in ended[_MOST_KEPT - 1 :]:
            self._jobs.discard(job.id)
        job = self._jobs.on_run(run, supposed)
        return self._jobs.start(job.id, Step.SUPPOSE)

    def job(self, job_id: str) -> Job:
        """How far it is; raises UsageRefused where there is none, or where it is no rehearsal."""
        job = self._jobs.job(job_id)
        if job.order.run is None:
            raise UsageRefused(Problem("job-unknown", {"job": job_id[:40]}))
        return job

    def cancel(self, job_id: str) -> Job:
        """End it."""
        return self._jobs.cancel(self.job(job_id).id)

    def answer(self, job_id: str) -> Replayed | None:
        """What came of it; None where it did not come to its end."""
        if self.job(job_id).state is not JobState.DONE:
            return None
        folder = self._files(job_id).folder
        told = read_json(folder / _ANSWER) or {}
        tables = {name: pl.read_parquet(_table(folder, name), glob=False) for name in _TABLES}
        return Replayed(**tables, how=How(told["how"]), judged=told["judged"])

    def keep_pack(self, text: bytes) -> Path:
        """A pack that was handed over, kept under its digest for the worker to read."""
        folder = self.workspace / ".jobs" / _PACKS
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = folder / f"{hashlib.sha256(text).hexdigest()}.toml"
        if not place.exists():
            draft = place.with_suffix(".draft")
            draft.touch(mode=0o600)
            draft.write_bytes(text)
            draft.rename(place)
        return place

    @property
    def _jobs(self) -> Jobs:
        return Jobs(self.workspace, Reader(Role.admin, self.reader.name))

    def _files(self, job_id: str) -> JobFiles:
        return JobFiles(self.workspace / ".jobs" / job_id)


def write_answer(folder: Path, told: Replayed) -> None:
    """What came of a rehearsal, beside its order; for its owner alone."""
    for name in _TABLES:
        place = _table(folder, name)
        place.touch(mode=0o600)
        getattr(told, name).write_parquet(place)
    write_json(folder / _ANSWER, {"how": told.how.value, "judged": told.judged})


def _table(folder: Path, name: str) -> Path:
    return folder / f"answer.{name}.parquet"
