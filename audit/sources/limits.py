"""What a child process may use that reads an untrusted file, and how it answers.

Nothing but the standard library: a child begins here.
"""

import json
import resource
import sys


def set_limits(memory: int, seconds: int) -> None:
    """From here on this process has so many bytes and seconds, and writes no file."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def tell(answer: object) -> None:
    """One line of the answer."""
    sys.stdout.write(json.dumps(answer) + "\n")


def refused(code: str, **facts: str) -> object:
    """The answer that the file is refused: a key of the wording files, and its facts."""
    return {"refused": code, "facts": facts}
