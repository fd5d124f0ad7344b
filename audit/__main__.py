"""Starts the command line, for `python -m audit` and for the command `consent-audit`."""

import os

# Before polars is loaded: the memory of a batch is kept for the next for seconds, not for half a
# second, since asking the system for it anew took a seventh of an audit's time.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000,muzzy_decay_ms:10000")
# Before numpy is loaded: nothing here multiplies matrices, and its idle helpers would wait busily.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import audit.cli


def main() -> None:
    """Run the command line; it ends the process with one of the documented exit codes."""
    audit.cli.main()


if __name__ == "__main__":
    main()
