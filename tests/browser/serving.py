"""The dashboard as a user starts it: a process of its own, on a port that was free."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from tests.commanding import COMMAND, HOUSE, surroundings

PATIENCE = 90  # seconds until it listens, on a machine on which many tests run at once
_ANY_PORT = ("--port", "0")  # a later --port wins
_ADDRESS = re.compile(r"http://\S+")


@dataclass(frozen=True)
class Served:
    """A dashboard that listens, and the process that serves it."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def served(
    runs: Path,
    *options: str,
    command: Sequence[object] = COMMAND,
    folder: Path = HOUSE,
    **environment: str,
) -> Iterator[Served]:
    """The dashboard on these runs, until the end of the block; fails where it does not start.

    `folder` is where it is started, which is where it looks for its settings and secrets.
    """
    process = subprocess.Popen(
        [*map(str, command), "dashboard", str(runs), *_ANY_PORT, *options],
        cwd=folder,
        env={**surroundings(), **environment},
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        yield Served(_address(process), process)
    finally:
        _end(process)


def _address(process: subprocess.Popen[str]) -> str:
    """What the command says to open; it is killed where it says nothing."""
    assert process.stdout is not None
    too_late = Timer(PATIENCE, process.kill)
    too_late.start()
    try:
        for line in process.stdout:
            if found := _ADDRESS.search(line):
                return found[0]
    finally:
        too_late.cancel()
    raise AssertionError(f"the dashboard did not start; exit code {process.wait()}")


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
