"""What a child process that reads an untrusted file may use; set before the file is opened."""

import resource

MEMORY = 2 << 30  # bytes of addresses
SECONDS = 600  # of a processor
REFUSED = 3  # the exit code of a child that refuses its file; its last line says why


def set_limits() -> None:
    """From here on this process has so much memory and time, and can write no file."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
