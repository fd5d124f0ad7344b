"""The command `convert`: an export written once as Parquet."""

import shlex
from pathlib import Path

import click

from audit.cli.checking import notices_page
from audit.cli.grammar import Command, path_argument
from audit.cli.page import Line, Tone
from audit.cli.screen import show
from audit.wording import Language, phrase

_DONE = 0


def convert_command(language: Language) -> click.Command:
    """`convert`."""
    zone = click.Option(["--timezone"], metavar="Z", help=phrase("option-timezone", language))
    places = [path_argument("export", "EXPORT"), path_argument("out", "OUT")]
    return Command("convert", language, convert, [*places, zone])


def convert(language: Language, export: Path, out: Path, timezone: str | None) -> int:
    """Write the export as Parquet, say what to know of it and how to audit it."""
    from audit.converting import SOURCE_FILE
    from audit.converting import convert as write

    converted = write(export, out, timezone)
    source = shlex.quote(str(out / SOURCE_FILE))
    told = phrase("convert-done", language, files=len(converted.parts), folder=str(out))
    then = Line(f"consent-audit run {source}", indent=1)
    show([*notices_page(converted.notices, language), Line(told, Tone.good), then])
    return _DONE
