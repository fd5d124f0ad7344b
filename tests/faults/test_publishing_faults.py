"""Full disks, broken disks and sudden death: the run's folder stays absent or complete."""

import errno
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from audit.problems import ResourcesExhausted
from audit.publishing import MANIFEST, publish, verify
from audit.reports.as_csv import write_csv
from audit.reports.as_parquet import write_parquet
from audit.wording import Language, sentence

HOUSE = Path(__file__).parents[2]
BIG = pl.DataFrame({"flow_id": [f"{number * 7_919 % 1_000_003:07}" for number in range(100_000)]})
SLOW_RUN = """
import os, random, signal, sys, time
from pathlib import Path
from audit.publishing import publish

parent, number, attempts = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])

def slowly(path):
    with path.open("wb") as file:
        for _ in range(5):
            file.write(b"x" * 1000)
            file.flush()
            time.sleep(0.002)

def run(attempt):
    publish(parent / f"run-{attempt}", {f"{n}.txt": slowly for n in range(5)}, {"run_id": "x"})
    os._exit(0)

drawn = random.Random(3)
for attempt in range(attempts):
    child = os.fork()
    if not child:
        run(attempt)
    time.sleep(drawn.uniform(0, 0.12))
    os.kill(child, number)
    os.waitpid(child, 0)
"""
FULL_DISK = """
import resource, sys
from pathlib import Path
import polars as pl
from audit.problems import ResourcesExhausted
from audit.publishing import publish
from audit.reports.as_csv import write_csv
from audit.reports.as_parquet import write_parquet

resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
big = pl.DataFrame({"flow_id": [f"{n * 7_919 % 1_000_003:07}" for n in range(100_000)]})
writers = {
    "csv": lambda path: write_csv(big, path),
    "parquet": lambda path: write_parquet(big, path),
    "text": lambda path: path.write_bytes(b"x" * 30_000),
}
small = lambda path: path.write_text("x")
try:
    publish(Path(sys.argv[1]), {"small": small, "z": writers[sys.argv[2]]}, {})
except ResourcesExhausted as refusal:
    sys.exit(refusal.exit_code)
"""


def ended(script: str, *arguments: str) -> int:
    """The exit code of the script in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=HOUSE,
        env=os.environ | {"PYTHONPATH": str(HOUSE)},
        check=False,
    ).returncode


def absent_or_complete(folder: Path) -> bool:
    if not folder.exists():
        return False
    assert verify(folder) == ()
    return True


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "kill"])
def test_a_run_killed_at_any_moment_leaves_nothing_or_everything(
    number: signal.Signals, tmp_path: Path
) -> None:
    attempts = 25
    assert ended(SLOW_RUN, str(tmp_path), str(int(number)), str(attempts)) == 0
    finished = sum(absent_or_complete(tmp_path / f"run-{n}") for n in range(attempts))
    left = [path.name for path in tmp_path.iterdir() if path.name.startswith(".run-")]
    assert left, "no run was met at work"
    assert finished + len(left) <= attempts


def test_what_a_killed_run_left_is_swept_by_the_next_and_hinders_nobody(tmp_path: Path) -> None:
    (tmp_path / ".run.0123456789abcdef.partial").mkdir()
    (tmp_path / ".run.0123456789abcdef.partial" / "half.txt").write_text("half")
    (tmp_path / ".run-2.0123456789abcdef.partial").mkdir()
    publish(tmp_path / "run", {"a": lambda path: path.write_text("a")}, {})
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"run", ".run-2.0123456789abcdef.partial"}


def test_a_run_that_is_still_at_work_is_not_swept(tmp_path: Path) -> None:
    def meanwhile(path: Path) -> None:
        other = {"b": lambda path: path.write_text("b")}
        publish(tmp_path / "run", other, {})
        path.write_text("a")

    with pytest.raises(Exception, match="publish-exists"):
        publish(tmp_path / "run", {"a": meanwhile}, {})
    assert (tmp_path / "run" / "b").read_text() == "b"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("kind", ["csv", "parquet", "text"])
def test_a_disk_that_fills_while_writing_ends_the_run_with_exit_code_5(
    kind: str, tmp_path: Path
) -> None:
    assert ended(FULL_DISK, str(tmp_path / "run"), kind) == 5
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_a_full_device_is_a_full_disk(
    write: Callable[[pl.DataFrame, Path], None], tmp_path: Path
) -> None:
    def full(path: Path) -> None:
        path.symlink_to("/dev/full")
        write(BIG, path)

    with pytest.raises(ResourcesExhausted) as refusal:
        publish(tmp_path / "run", {"table": full}, {})
    (problem,) = refusal.value.problems
    assert os.strerror(errno.ENOSPC) in sentence(problem, Language.en)
    assert str(tmp_path / "run") in sentence(problem, Language.zh)
    assert list(tmp_path.iterdir()) == []


CALLS = ("open", "fsync", "rename", "write_bytes", "mkdir")
NUMBERS = (errno.EIO, errno.ENOSPC, errno.EMFILE)


def failing_on_call(number: int, which: int) -> Callable[..., object]:
    calls = iter(range(10**6))

    def wrap(original: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            if next(calls) == which:
                raise OSError(number, os.strerror(number))
            return original(*arguments, **named)

        return call

    return wrap


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("which", range(5))
def test_a_disk_that_fails_at_any_step_leaves_nothing_or_everything(
    name: str, which: int, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = os if name in {"open", "fsync"} else Path
    wrap = failing_on_call(number, which)
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, wrap(getattr(owner, name)))
        try:
            publish(tmp_path / "run", {"a": lambda path: path.write_text("a")}, {})
            failed = False
        except ResourcesExhausted:
            failed = True
    complete = absent_or_complete(tmp_path / "run")
    assert failed or complete
    assert {path.name for path in tmp_path.iterdir()} <= {"run"}


def test_want_of_memory_is_want_of_resources(tmp_path: Path) -> None:
    def hungry(_: Path) -> None:
        raise MemoryError

    with pytest.raises(ResourcesExhausted):
        publish(tmp_path / "run", {"a": hungry}, {})
    assert list(tmp_path.iterdir()) == []


def test_few_descriptors_are_enough(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = {f"{number}": lambda path: path.write_text("x") for number in range(200)}
    used = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(used + 8, hard), hard))
    try:
        publish(tmp_path / "run", files, {})
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(json.loads((tmp_path / "run" / MANIFEST).read_bytes())["files"]) == 200


def test_a_failed_replacement_keeps_the_old_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path / "run", {"old": lambda path: path.write_text("old")}, {})
    wrap = failing_on_call(errno.EIO, 1)  # the first rename sets the old run aside
    monkeypatch.setattr(Path, "rename", wrap(Path.rename))
    with pytest.raises(ResourcesExhausted):
        publish(tmp_path / "run", {"new": lambda path: path.write_text("new")}, {}, replace=True)
    monkeypatch.undo()
    assert verify(tmp_path / "run") == ()
    assert (tmp_path / "run" / "old").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
