"""Run in a child process: the rows of a database, as streams of Arrow, one for each asked for.

What is asked comes on the standard input, so that a password stands in no command line. Where the
rows cannot be had, the last line on the standard error says why.
"""

import json
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import chain
from typing import Any, cast

import pyarrow as pa

from audit.sources.address import Engine
from audit.sources.limits import refused
from audit.sources.wanted import Batches, Give, Place, Refused, Wanted

Rows = Callable[[Place, Sequence[Wanted], Give], None]


def main() -> int:
    """Write what is asked for; 1 where that could not be done to the end."""
    asked: dict[str, Any] = json.load(sys.stdin)
    try:
        rows = _reader(Engine(asked["engine"]))
        wanted = [Wanted(**each) for each in asked["wanted"]]
        rows(Place(asked["target"], asked["password"]), wanted, _write)
    except Refused as fault:
        sys.stderr.write("\n" + json.dumps(refused(fault.code, **fault.facts)) + "\n")
        return 1
    sys.stdout.flush()
    return 0


def _reader(engine: Engine) -> Rows:
    try:
        return cast("Rows", import_module(f"audit.sources.{engine}_tables").rows)
    except ImportError as fault:
        raise Refused("extra-missing", extra=engine.value) from fault


def _write(batches: Batches) -> None:
    remaining = iter(batches)
    first = next(remaining)
    stream = pa.ipc.new_stream(sys.stdout.buffer, first.schema)
    for batch in chain([first], remaining):
        stream.write_batch(batch)
    stream.close()  # which tells that it is whole, so nothing that failed may come here
