"""The files of a job: what was ordered, who is at it, how far it is, how each step ended."""

import fcntl
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from audit.clauses.citations import Document, read_document
from audit.outcome import RowCount
from audit.problems import Problem
from audit.running import Checked, Request
from audit.settings import DEFAULT_PACKS
from audit.wording import Language

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_TRIES, _PAUSE = 25, 0.02  # to lock what somebody only looks at


class Step(StrEnum):
    """What a worker does with a job: validate only, audit, or judge a run again under a change."""

    CHECK = "check"
    RUN = "run"
    SUPPOSE = "suppose"


@dataclass(frozen=True)
class JobOrder:
    """What is to be audited, and as what it is asked; `export` None: the files of the upload.

    agreement: the name of its text, which stays with the job. supposed: the change of a run that is
    there, whose folder is `run`.
    """

    packs: tuple[str, ...] = DEFAULT_PACKS
    timezone: str | None = None
    language: Language = Language.zh
    export: Path | None = None
    files: tuple[str, ...] = ()
    agreement: str | None = None
    made_at: datetime = _LONG_AGO
    run: str | None = None
    supposed: Mapping[str, Any] | None = None

    def on(self, export: Path | None, files: tuple[str, ...]) -> "JobOrder":
        """The same on this export, ordered now."""
        return replace(self, export=export, files=files, made_at=datetime.now(UTC))


@dataclass(frozen=True)
class JobProgress:
    """How far a step is: its stage, rows of flows read, rows a second, seconds since it began.

    of: how many rows there are, where the check has counted them.
    """

    stage: str
    rows: int
    rate: int
    seconds: float
    of: int | None = None


@dataclass(frozen=True)
class Ended:
    """How a step ended: refused with these problems, or well; a run then has left its id."""

    problems: tuple[Problem, ...] = ()
    run_id: str | None = None


@dataclass(frozen=True)
class JobFiles:
    """A job's folder; every file in it appears whole, in one step."""

    UPLOAD: ClassVar[str] = "upload"
    AGREEMENT: ClassVar[str] = "agreement"
    LOCK: ClassVar[str] = "lock"

    folder: Path

    @property
    def lock(self) -> Path:
        """Locked as long as a worker lives; holds its process id."""
        return self.folder / self.LOCK

    @property
    def cancelled(self) -> Path:
        """There when somebody has asked the worker to end."""
        return self.folder / "cancelled"

    @property
    def rejected(self) -> Path:
        """The rejected rows that the check found."""
        return self.folder / "check.rejected.parquet"

    def write_order(self, order: JobOrder) -> None:
        """Keep what is to be done."""
        told = asdict(order) | {"export": None if order.export is None else str(order.export)}
        write_json(self.folder / "order.json", told | {"made_at": order.made_at.isoformat()})

    def order(self) -> JobOrder:
        """What is to be done."""
        told = read_json(self.folder / "order.json") or {}
        export, made_at = told.pop("export"), datetime.fromisoformat(told.pop("made_at"))
        return JobOrder(
            packs=tuple(told["packs"]),
            timezone=told["timezone"],
            language=Language(told["language"]),
            export=None if export is None else Path(export),
            files=tuple(told["files"]),
            agreement=told.get("agreement"),
            made_at=made_at,
            run=told.get("run"),
            supposed=told.get("supposed"),
        )

    def request(self) -> Request:
        """The order as a request."""
        order = self.order()
        export = order.export or self.folder / self.UPLOAD
        return Request(export, order.packs, order.timezone, order.language, keep=True)

    def document(self) -> Document | None:
        """The text of the agreement, where one was given; raises as `read_document` does."""
        name = self.order().agreement
        return read_document(self.folder / self.AGREEMENT / name, name) if name else None

    def begin(self, step: Step) -> None:
        """Forget how the step went before; who holds the lock may."""
        self.lock.write_bytes(b"")
        for stale in (self.cancelled, self.folder / f"{step}.ended.json", self._progress(step)):
            stale.unlink(missing_ok=True)
        write_json(self.folder / "started.json", {"step": step})

    def started(self) -> Step | None:
        """The step begun last; None before the first."""
        told = read_json(self.folder / "started.json")
        return Step(told["step"]) if told else None

    def worker(self) -> int | None:
        """The process id of the worker; None before it has said so."""
        told = self.lock.read_bytes() if self.lock.exists() else b""
        return int(told) if told.endswith(b"\n") else None

    def write_progress(self, step: Step, progress: JobProgress) -> None:
        """Say how far the step is."""
        write_json(self._progress(step), asdict(progress), durable=False)

    def progress(self, step: Step) -> JobProgress | None:
        """How far the step is, where it has said so."""
        told = read_json(self._progress(step))
        return JobProgress(**told) if told else None

    def _progress(self, step: Step) -> Path:
        return self.folder / f"{step}.progress.json"

    def end(self, step: Step, ended: Ended) -> None:
        """Say how the step ended."""
        told = {"problems": _plain(ended.problems), "run_id": ended.run_id}
        write_json(self.folder / f"{step}.ended.json", told)

    def ended(self, step: Step) -> Ended | None:
        """How the step ended; None where it has not."""
        told = read_json(self.folder / f"{step}.ended.json")
        return Ended(_problems(told["problems"]), told["run_id"]) if told else None

    def write_checked(self, checked: Checked) -> None:
        """Keep what the check found."""
        draft = self.rejected.with_suffix(".draft")
        checked.rejected.write_parquet(draft)
        draft.chmod(0o600)
        draft.rename(self.rejected)
        rows = {table: asdict(count) for table, count in checked.rows.items()}
        told = {"rows": rows, "notices": _plain(checked.notices)}
        write_json(self.folder / "checked.json", told)

    def checked(self) -> Checked | None:
        """What the check found; None where it has not come to an end."""
        told, ended = read_json(self.folder / "checked.json"), self.ended(Step.CHECK)
        if told is None or ended is None or ended.problems:
            return None
        rows = {table: RowCount(**count) for table, count in told["rows"].items()}
        rejected = pl.read_parquet(self.rejected, glob=False)
        return Checked(rows, rejected, _problems(told["notices"]))


def _plain(problems: tuple[Problem, ...]) -> list[dict[str, Any]]:
    return [{"code": each.code, "facts": dict(each.facts)} for each in problems]


def _problems(told: list[dict[str, Any]]) -> tuple[Problem, ...]:
    return tuple(Problem(each["code"], each["facts"]) for each in told)


def write_json(path: Path, value: Mapping[str, Any], *, durable: bool = True) -> None:
    """The value as JSON, whole under its name or not there; for its owner alone."""
    draft = path.with_name(f".{path.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    draft.rename(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """What the file says; None where there is none."""
    with suppress(FileNotFoundError):
        told: dict[str, Any] = json.loads(path.read_bytes())
        return told
    return None


def lock(path: Path) -> int | None:
    """A descriptor that holds the file locked, also in children that it is passed to.

    None where somebody else holds it. The system lets go when the last of them is gone.
    """
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return held
        time.sleep(_PAUSE)
    os.close(held)
    return None


def locked(path: Path) -> bool:
    """Whether somebody holds the file locked."""
    try:
        seen = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(seen, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(seen)
    return False
