"""Help is there at once: what a command alone needs is imported by that command."""

import resource
import subprocess
import sys

from tests.commanding import surroundings

HEAVY = ("polars", "numpy", "networkx", "jsonschema", "pyarrow", "rich", "fastexcel", "sqlalchemy")
LOADED = """
import sys
import audit.cli
try:
    audit.cli.main(["--help"])
except SystemExit:
    pass
print(*sys.modules, file=sys.stderr)
"""


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert not set(HEAVY) & set(done.stderr.split())


def test_help_takes_less_than_a_third_of_a_second() -> None:
    cost = min(seconds_of_work("-m", "audit", "--help") for _ in range(5))
    yardstick = min(seconds_of_work("-c", "import click") for _ in range(5))
    assert cost < 0.3 or cost < 3 * yardstick, "the second is for a machine that is slow or busy"


def seconds_of_work(*arguments: str) -> float:
    """What one call of Python costs the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments], env=surroundings(), check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
