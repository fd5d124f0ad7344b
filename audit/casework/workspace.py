"""The folder in which runs are kept, and each run in it, made sure to be as it was left."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from audit.casework.remembering import remembered
from audit.problems import Problem, UsageRefused
from audit.publishing import MANIFEST, no_manifest, read_manifest, verify

NEEDED = (
    "verdicts.parquet",
    "edges.parquet",
    "findings.parquet",
    "parties.parquet",
    "clause_counts.parquet",
    "party_counts.parquet",
    "relation_counts.parquet",
    "stream_counts.parquet",
    "rejected.csv",
)
DUTIES = "duties.parquet"  # of a run whose packs impose any
SAID = (
    "run_id",
    "files",
    "findings",
    "inputs",
    "options",
    "packs",
    "recipient_roles",
    "rows",
    "verdict_subjects",
    "verdict_whole_base",
    "verdicts",
    "warnings",
)
_FEWEST_LETTERS = 4
_STATES = 32

State = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class KeptRun:
    """A run in its folder. Hashable by folder and id alone: fit to be the key of a cache."""

    folder: Path
    run_id: str

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What the manifest says; read again only where the file is another one.

        Raises UsageRefused where it cannot be read any more.
        """
        return _read(self.folder, _stamp(self.folder))

    @property
    def kept_at(self) -> datetime:
        """When the run was left here, in UTC; the one place where a clock is asked."""
        return datetime.fromtimestamp(_stamp(self.folder) / 1e9, tz=UTC)

    def file(self, name: str) -> Path:
        """The path of one of the run's files."""
        return self.folder / name

    def faults(self) -> tuple[Problem, ...]:
        """What is no longer as the run left it; a run with faults must never be shown as sound.

        Digests are computed once a process, and again where a file's size, time or inode differs.
        """
        return _faults(self.folder, _state(self.folder))


@dataclass(frozen=True)
class Kept:
    """The runs of a workspace, newest first, and the folders that are none, each with a reason."""

    runs: tuple[KeptRun, ...]
    broken: tuple[Problem, ...]


@dataclass(frozen=True)
class Workspace:
    """A folder of runs; it may also be a single run itself."""

    folder: Path

    def runs(self) -> Kept:
        """Every run here, newest first, and what looks like a run and cannot be read as one."""
        found: list[KeptRun] = []
        broken: list[Problem] = []
        for folder in self._folders():
            try:
                found.append(opened(folder))
            except UsageRefused as refusal:
                broken.extend(refusal.problems)
        found.sort(key=lambda run: (run.kept_at, run.run_id, run.folder.name), reverse=True)
        return Kept(tuple(found), tuple(broken))

    def run(self, run_id: str) -> KeptRun:
        """The run whose id begins so; of one run kept twice the newer copy.

        Raises UsageRefused where there is none, or more than one.
        """
        runs = [run for run in self.runs().runs if run.run_id.startswith(run_id)]
        ids = {run.run_id for run in runs}
        if not ids or len(run_id) < _FEWEST_LETTERS:
            raise UsageRefused(Problem("run-unknown", {"run": run_id}))
        if len(ids) > 1:
            raise UsageRefused(Problem("run-ambiguous", {"run": run_id}))
        return runs[0]

    def _folders(self) -> Iterator[Path]:
        """Folders with a manifest; hidden ones are drafts of runs, journals and jobs."""
        if (self.folder / MANIFEST).is_file():
            yield self.folder
            return
        if self.folder.is_dir():
            places = sorted(self.folder.iterdir())
            yield from (
                place
                for place in places
                if not place.name.startswith(".") and (place / MANIFEST).is_file()
            )


def opened(folder: Path) -> KeptRun:
    """The run in this folder.

    Raises UsageRefused where the manifest cannot be read or a table of the run is missing.
    """
    told = _read(folder, _stamp(folder))
    needed = (*NEEDED, DUTIES) if "duties" in told else NEEDED
    missing = [name for name in needed if not (folder / name).is_file()]
    missing += [word for word in SAID if word not in told]
    if missing:
        facts = {"folder": folder.name, "missing": ", ".join(missing)}
        raise UsageRefused(Problem("run-incomplete", facts))
    return KeptRun(folder, str(told["run_id"]))


def _stamp(folder: Path) -> int:
    try:
        return (folder / MANIFEST).stat().st_mtime_ns
    except OSError as error:
        raise no_manifest(folder, error.strerror or "") from error


@remembered(_STATES)
def _read(folder: Path, stamp: int) -> Mapping[str, Any]:  # noqa: ARG001 (the key of the cache)
    return read_manifest(folder)


def _state(folder: Path) -> State:
    """Every file's name, size, time of change and inode: cheap, and other for other files."""
    return tuple(
        (str(path.relative_to(folder)), status.st_size, status.st_mtime_ns, status.st_ino)
        for path in sorted(folder.rglob("*"))
        for status in (path.lstat(),)
    )


@remembered(_STATES)
def _faults(folder: Path, state: State) -> tuple[Problem, ...]:  # noqa: ARG001 (as above)
    return verify(folder)
