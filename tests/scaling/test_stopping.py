"""Ctrl-C ends a run on an engine soon, whatever the engine is at, and leaves nothing."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.commanding import COMMAND, surroundings
from tests.example_run import EXAMPLE


@pytest.mark.parametrize("engine", ["daft", "spark"])
def test_a_run_that_is_stopped_while_workers_start_says_so_and_leaves_nothing(
    tmp_path: Path, engine: str
) -> None:
    (shared := tmp_path / "tmp").mkdir()
    arguments = ("run", EXAMPLE, "--out", tmp_path / "run", "--engine", engine, "--lang", "en")
    running = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env=surroundings(TMPDIR=str(shared), MASTER="local[2,4]"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    with running:
        assert running.stderr is not None
        assert any(line.startswith("judging flows") for line in running.stderr)
        os.killpg(running.pid, signal.SIGINT)
        told = running.stderr.read().splitlines()
    assert (running.returncode, told[-1]) == (5, "stopped; nothing was left half done")
    assert not (tmp_path / "run").exists()
    assert not list(shared.glob("consent-audit-*"))
