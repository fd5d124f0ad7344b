"""Untrusted files read in a child process: what it does not survive, the audit does.

The child is a module with a `main`; it gets limits on memory and time (`limits`), a wall clock, an
empty environment and no open files but its answer, which is lines of JSON.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import audit
from audit.problems import InputRefused, Problem
from audit.sources.limits import REFUSED, SECONDS

_HOME = str(Path(audit.__file__).parents[1])
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from {module} import main; sys.exit(main(*sys.argv[2:]))"
)


def answers(module: str, file: str, *arguments: str) -> Iterator[object]:
    """What the child's `main(*arguments)` answers, value by value.

    Raises InputRefused, about the file of this name, where the child refuses, dies or lingers.
    """
    last = b""
    with _child(module, arguments) as child:
        for line in child.stdout or ():
            if last:
                yield json.loads(last)
            last = line
        code = child.wait()
    if code == REFUSED:
        told = json.loads(last)
        raise InputRefused(Problem(told["refused"], {"file": file, **told["facts"]}))
    if code != 0:
        raise InputRefused(Problem("file-overwhelms", {"file": file}))
    if last:
        yield json.loads(last)


@contextmanager
def _child(module: str, arguments: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    """The child while it answers; it does not outlive the one who asks."""
    command = [sys.executable, "-I", "-c", _START.format(module=module), _HOME, *arguments]
    child = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
    )
    clock = Timer(SECONDS, child.kill)
    clock.daemon = True
    clock.start()
    try:
        yield child
    finally:
        clock.cancel()
        child.kill()
        child.communicate()
