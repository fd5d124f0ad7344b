"""The command `init`: a starter folder, with one example row in each table."""

import shlex
from pathlib import Path

import click

from audit.cli.grammar import Command, path_argument
from audit.cli.page import Heading, Line, Table
from audit.cli.screen import show
from audit.problems import Problem, UsageRefused
from audit.wording import Language, phrase

_STARTER = "starter"


def init_command(language: Language) -> click.Command:
    """`init`."""
    return Command("init", language, start, [path_argument("folder", "DIR")])


def start(language: Language, folder: Path) -> int:
    """Write the starter folder; raises UsageRefused where anything is there already."""
    import consent_schemas

    templates = {each.name: each.read_bytes() for each in consent_schemas.path(_STARTER).iterdir()}
    _refuse_taken(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sorted(templates.items()):
        with (folder / name).open("xb") as file:
            file.write(text)
    told = tuple((name, phrase(f"starter-{name}", language)) for name in sorted(templates))
    headings = (phrase("starter-file", language), phrase("starter-what", language))
    show(
        [
            Line(phrase("starter-written", language, folder=str(folder))),
            Table(headings, told),
            Heading(phrase("cli-next", language)),
            Line(f"consent-audit check {shlex.quote(str(folder))}", indent=1),
            Line(f"consent-audit run {shlex.quote(str(folder))}", indent=1),
        ]
    )
    return 0


def _refuse_taken(folder: Path) -> None:
    try:
        taken = any(folder.iterdir())
    except FileNotFoundError:
        return
    except NotADirectoryError:
        taken = True
    if taken:
        raise UsageRefused(Problem("starter-taken", {"folder": str(folder)}))
