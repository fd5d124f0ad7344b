"""The command line as a test meets it: in this process, or as a child of its own."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import audit.cli

HOUSE = Path(__file__).parents[1]
COMMAND = (sys.executable, "-m", "audit")


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


def command(*arguments: object) -> Done:
    """The command run in this process; its streams are no terminal."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            audit.cli.main([str(argument) for argument in arguments])
        except SystemExit as end:
            return Done(int(str(end.code)), out.getvalue(), err.getvalue())
    raise AssertionError("the command line always ends the process")


def child(*arguments: object, **environment: str) -> Done:
    """The command as a real process, in an environment that names no language."""
    done = subprocess.run(
        [*COMMAND, *(str(argument) for argument in arguments)],
        env=surroundings(**environment),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def surroundings(**environment: str) -> Mapping[str, str]:
    """The environment of a child."""
    bare = {name: value for name, value in os.environ.items() if name != "CONSENT_AUDIT_LANG"}
    return {**bare, "PYTHONPATH": str(HOUSE), "PYTHONUTF8": "1", **environment}
