"""The folder that a run shares with its workers is private, whole, and gone whatever happened."""

import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from audit.scaling.folder import put, shared_folder, take

KILLED = """
import os, signal
from audit.scaling.folder import shared_folder
with shared_folder() as folder:
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_only_its_owner_may_look_into_it_and_it_goes(temporary: Path) -> None:
    with shared_folder() as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        put(folder, "a", {"b": 1})
        assert take(folder, "a") == {"b": 1}
    assert not list(temporary.iterdir())


def test_what_a_killed_run_left_is_swept_away_and_what_is_used_is_not(temporary: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    left = Path(killed.stdout.decode().strip())
    assert left.is_dir()
    with shared_folder() as first, shared_folder() as second:
        assert not left.exists()
        assert sorted(temporary.iterdir()) == sorted([first, second])


def test_a_value_that_cannot_be_kept_leaves_nothing(temporary: Path) -> None:
    with shared_folder() as folder:
        with pytest.raises(AttributeError):
            put(folder, "a", lambda: None)
        assert not list(folder.iterdir())
    assert not list(temporary.iterdir())


def test_whoever_puts_a_value_last_wins() -> None:
    with shared_folder() as folder:
        put(folder, "a", 1)
        put(folder, "a", 2)
        assert (take(folder, "a"), list(folder.iterdir())) == (2, [folder / "a"])
