"""Starts the command line, for `python -m audit` and for the command `consent-audit`."""

import atexit
import os
import sys
from typing import NoReturn

# Before polars is loaded: the memory of a batch is kept for the next for two seconds, not for half
# a second, since asking the system for it anew took a seventh of an audit's time. Ten seconds spare
# no more, and kept a fifth of the memory of a run that reads its registers.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:2000,muzzy_decay_ms:0")
# Before numpy is loaded: nothing here multiplies matrices, and its idle helpers would wait busily.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import audit.cli


def main() -> None:
    """Run the command line; it ends the process with one of the documented exit codes."""
    try:
        audit.cli.main()
    except SystemExit as end:
        if "daft" in sys.modules:
            _leave(int(str(end.code)))
        raise


def _leave(code: int) -> NoReturn:
    """End at once: where Ctrl-C ended Daft, it aborts when the interpreter is taken down."""
    atexit._run_exitfuncs()  # noqa: SLF001 (what os._exit leaves out)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
