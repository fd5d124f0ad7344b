"""Help is there at once: what a command alone needs is imported by that command."""

import resource
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from audit.cli import COMMANDS
from audit.cli.grammar import PROGRAM, Group
from audit.wording import Language
from tests.commanding import surroundings

HEAVY = ("polars", "numpy", "networkx", "jsonschema", "pyarrow", "rich", "fastexcel", "sqlalchemy")
LOADED = """
import sys
import audit.cli
try:
    audit.cli.main(sys.argv[1:])
except SystemExit:
    pass
print(*sys.modules, file=sys.stderr)
"""


def pages(command: click.Command, names: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The command and all under it."""
    yield names
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from pages(below, (*names, name))


PAGES = [*pages(Group(PROGRAM, Language.en, COMMANDS))]


@pytest.mark.parametrize("names", PAGES, ids=" ".join)
def test_help_loads_nothing_heavy(names: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *names, "--help"],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout
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
