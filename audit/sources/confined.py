"""Untrusted files read in a child process: what it does not survive, the audit does.

The child is a module with a `main`; before it is imported the process gets its limits (`limits`),
and it has a clock, an empty environment and no open files but what it is asked, one line of JSON,
and its answer, lines of JSON.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import IO, cast

import audit
from audit.problems import InputRefused, Problem

MEMORY = 2 << 30  # bytes of addresses
SECONDS = 600  # of the clock, and of a processor

_HOME = str(Path(audit.__file__).parents[1])
_START = (
    "import json, sys; sys.path.insert(0, sys.argv[1]); "
    "from audit.sources.limits import set_limits; set_limits({memory}, {seconds}); "
    "from {module} import main; asked = sys.stdin.readline(); "
    "sys.exit(main(*json.loads(asked)) if asked else 0)"  # where nobody asked, we are gone
)
_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve addresses in advance
    "OPENBLAS_NUM_THREADS": "1",  # nothing multiplies matrices; idle helpers would wait busily
}
_waiting: dict[str, subprocess.Popen[bytes]] = {}  # children that are there before they are asked


class ChildFailed(Exception):
    """The child refused its file, died, or took too long."""

    def __init__(
        self, code: str = "file-overwhelms", facts: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts or {}


@contextmanager
def blaming(file: str) -> Iterator[None]:
    """Where a child fails, refuse the input on account of the file of this name."""
    try:
        yield
    except ChildFailed as fault:
        raise InputRefused(Problem(fault.code, {"file": file, **fault.facts})) from fault


@contextmanager
def ready(module: str) -> Iterator[Callable[[], None]]:
    """A child loads the module meanwhile: whoever asks it next does not wait for that.

    What is given ends it, so that whoever asks it then, or waits for its answer, meets ChildFailed.
    """
    child = _waiting[module] = _started(module)
    try:
        yield child.kill
    finally:
        child.kill()
        if _waiting.pop(module, None):
            child.communicate()


def answers(module: str, *arguments: str) -> Generator[object, None, None]:
    """What the child's `main(*arguments)` answers, value by value; ChildFailed where it fails."""
    with _child(module, arguments) as child:
        for line in child.stdout or ():
            yield _value(line)
        if child.wait() != 0:
            raise ChildFailed


def _value(line: bytes) -> object:
    try:
        value: object = json.loads(line)
    except ValueError as fault:  # the child died in the middle of a line
        raise ChildFailed from fault
    if isinstance(value, dict):
        raise ChildFailed(value["refused"], value["facts"])
    return value


@contextmanager
def _child(module: str, arguments: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    """The child while it answers; it does not outlive the one who asks."""
    child = _waiting.pop(module, None) or _started(module)
    clock = Timer(SECONDS, child.kill)
    clock.daemon = True
    clock.start()
    try:
        _ask(child, arguments)
        yield child
    finally:
        clock.cancel()
        child.kill()
        child.communicate()


def _ask(child: subprocess.Popen[bytes], arguments: tuple[str, ...]) -> None:
    """Tell the child what is asked; one that has died already shows in what it answers."""
    with suppress(BrokenPipeError), cast("IO[bytes]", child.stdin) as line:
        line.write(json.dumps(arguments).encode() + b"\n")
    child.stdin = None


def _started(module: str) -> subprocess.Popen[bytes]:
    start = _START.format(module=module, memory=MEMORY, seconds=SECONDS)
    return subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
        [sys.executable, "-I", "-c", start, _HOME],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_ENVIRONMENT,
        cwd="/",
    )
