"""Whether this process may use as much memory as an audit needs at the least."""

import os
import resource

import click

from audit.cli.grammar import Build
from audit.problems import Problem, ResourcesExhausted
from audit.wording import Language

_GIB = 1 << 30
_OF_A_THREAD = _GIB >> 2  # addresses that a thread of the frames' engine and its heap set aside


def with_memory(build: Build) -> Build:
    """The same command, refused where it could not be loaded, let alone run."""

    def built(language: Language) -> click.Command:
        _demand_memory()
        return build(language)

    return built


def _demand_memory() -> None:
    """Raises ResourcesExhausted where the limit on addresses is too low (`ulimit -v`).

    Said beforehand, for the engines of frames and arrays do not tell: under such a limit one ends
    the process on its own, the other waits for ever for a thread that never started.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    needed = _GIB + (os.cpu_count() or 1) * _OF_A_THREAD
    if limit != resource.RLIM_INFINITY and limit < needed:
        facts = {"limit": f"{limit / _GIB:.1f}", "needed": f"{needed / _GIB:.1f}"}
        raise ResourcesExhausted(Problem("cli-memory", facts))
