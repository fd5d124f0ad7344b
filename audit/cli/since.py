"""Taking an earlier run further: what `run` is told of it, and what it says of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.cli.screen import complain
from audit.engine import Engine
from audit.problems import Problem, UsageRefused
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    from audit import Audit, Request


def since_options(language: Language) -> list[click.Parameter]:
    """`--since` and `--keep-flows`."""
    path, said = click.Path(path_type=Path), phrase("option-since", language)
    kept = phrase("option-keep-flows", language)
    return [
        click.Option(["--since"], type=path, metavar="RUN", help=said),
        click.Option(["--keep-flows"], is_flag=True, help=kept),
    ]


def taking(request: "Request", since: Path | None, *, keep_flows: bool) -> "Request":
    """The request that takes the run in this folder further, and keeps what a later one can take.

    Raises UsageRefused where the folder holds no run, or nothing may be kept.
    """
    from audit.reports.recalling import recall_id

    if since is None and not keep_flows:
        return request
    if not request.keep:
        raise UsageRefused(Problem("since-no-cache"))
    if request.engine is not Engine.local:
        raise UsageRefused(Problem("since-engine"))
    return replace(request, since=recall_id(since) if since else None, keep_flows=keep_flows)


def tell_since(found: "Audit", language: Language, *, quiet: bool) -> None:
    """Say on the standard error how much was taken; nothing of it is part of the result."""
    for line in _told(found, language, quiet=quiet):
        complain(line)


def _told(found: "Audit", language: Language, *, quiet: bool) -> Iterator[str]:
    since = found.since
    if since is None:
        return
    yield from (sentence(problem, language) for problem in since.problems)
    if since.asked and not quiet:
        counts = {"standing": f"{since.standing:,}", "anew": f"{since.anew:,}"}
        yield phrase("since-told", language, **counts)
