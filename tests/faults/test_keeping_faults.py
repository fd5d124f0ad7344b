"""Whatever befalls the cache, runs go on and say the same: full disks, kill -9, a crowd of runs."""

import os
import random
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest

from tests.commanding import HOUSE, child, surroundings

EXAMPLE = HOUSE / "examples" / "torn_register"
ENTRIES = Path("consent-audit") / "registers"
RUN = """
import resource, sys
from pathlib import Path
from audit import Request, audit, leave

if sys.argv[3] != "-":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
found = audit(Request(Path(sys.argv[1]), keep=True))
if sys.argv[2] != "-":
    leave(found, Path(sys.argv[2]))
print(found.run_id)
"""


def started(cache: Path, out: str = "-", limit: str = "-") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(EXAMPLE), out, limit],
        env=surroundings(XDG_CACHE_HOME=str(cache)),
        stdout=subprocess.PIPE,
        text=True,
    )


def bytes_of(folder: Path) -> dict[str, str]:
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def run(folder: Path, out: str, *options: str) -> dict[str, str]:
    """The bytes of the run's folder, made with the command and this cache."""
    cache = str(folder / "cache")
    done = child("run", EXAMPLE, "--out", folder / out, *options, XDG_CACHE_HOME=cache)
    assert done.code == 1, done.err
    return bytes_of(folder / out)


def test_a_run_leaves_the_same_bytes_with_and_without_the_cache(tmp_path: Path) -> None:
    without = run(tmp_path, "without", "--no-cache")
    assert not (tmp_path / "cache").exists()
    cold, warm = run(tmp_path, "cold"), run(tmp_path, "warm")
    assert len([*(tmp_path / "cache" / ENTRIES).iterdir()]) == 1
    assert without == cold == warm


@pytest.mark.parametrize("limit", ["1", "2000", "10000"])
def test_a_full_disk_only_means_that_nothing_is_kept(tmp_path: Path, limit: str) -> None:
    told, _ = started(tmp_path / "cache", limit=limit).communicate(timeout=100)
    plain, _ = started(tmp_path / "other").communicate(timeout=100)
    assert told == plain != ""
    assert [*(tmp_path / "cache" / ENTRIES).iterdir()] == []


def test_a_cache_that_cannot_be_written_hinders_nobody(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    assert run(tmp_path, "a") == run(tmp_path, "b", "--no-cache")


def test_a_crowd_of_runs_agrees_and_keeps_one_entry(tmp_path: Path) -> None:
    runs = [started(tmp_path / "cache", str(tmp_path / f"run-{n}")) for n in range(4)]
    told = {each.communicate(timeout=300)[0] for each in runs}
    assert len(told) == 1
    assert len({str(bytes_of(tmp_path / f"run-{n}")) for n in range(4)}) == 1
    assert len([*(tmp_path / "cache" / ENTRIES).iterdir()]) == 1


def test_a_run_killed_at_any_moment_leaves_nothing_that_misleads(tmp_path: Path) -> None:
    drawn, cache = random.Random(7), tmp_path / "cache"
    fresh = started(tmp_path / "other")
    plain, _ = fresh.communicate(timeout=100)
    before = time.monotonic()
    started(tmp_path / "another").communicate(timeout=100)
    whole = time.monotonic() - before
    for _ in range(4):
        victim = started(cache)
        time.sleep(whole * drawn.uniform(0.5, 1))
        os.kill(victim.pid, signal.SIGKILL)
        victim.communicate()
    told, _ = started(cache).communicate(timeout=100)
    assert told == plain
    assert not [*(cache / ENTRIES).glob(".*")]
