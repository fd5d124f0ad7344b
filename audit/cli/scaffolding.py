"""The command `pack init`: a pack to be filled in, from an agreement's text."""

import shlex
from pathlib import Path

import click

from audit.cli.anchoring import agreement_option
from audit.cli.grammar import Command
from audit.cli.page import Heading, Line, Tone
from audit.cli.screen import show
from audit.problems import Problem, UsageRefused
from audit.wording import Language, phrase

_SUFFIX = ".toml"


def init_command(language: Language) -> click.Command:
    """`pack init`."""
    place = click.Argument(
        ["new_pack"], metavar="PACK", type=click.Path(path_type=Path), required=True
    )
    text = agreement_option("option-init-agreement", language, required=True)
    return Command("pack-init", language, init_pack, [place, text])


def init_pack(language: Language, new_pack: Path, agreement: Path) -> int:
    """Write the pack; raises UsageRefused where it is no TOML file or is there already."""
    from audit.clauses.citations import read_document
    from audit.clauses.scaffolding import scaffold

    if new_pack.suffix != _SUFFIX:
        raise UsageRefused(Problem("scaffold-not-toml", {"pack": str(new_pack)}))
    made = scaffold(read_document(agreement, str(agreement)), new_pack.stem)
    _write(new_pack, made.text)
    name, text = shlex.quote(str(new_pack)), shlex.quote(str(agreement))
    written = phrase("scaffold-written", language, pack=str(new_pack), clauses=len(made.clauses))
    repeated = [
        Line(phrase("scaffold-repeated", language, cite=each.cite, line=each.line), Tone.doubt, 1)
        for each in made.repeated
    ]
    show(
        [
            Line(written, Tone.good),
            *repeated,
            Heading(phrase("cli-next", language)),
            Line(phrase("scaffold-next", language), indent=1),
            Line(f"consent-audit pack show {name} --agreement {text} --format html", indent=1),
            Line(f"consent-audit pack anchor {name} --agreement {text} --write", indent=1),
            Line(f"consent-audit run EXPORT --pack {name} --agreement {text}", indent=1),
        ]
    )
    return 0


def _write(place: Path, text: str) -> None:
    """The file as a whole or not at all; nothing is overwritten."""
    try:
        with place.open("xb") as file:
            try:
                file.write(text.encode())
            except BaseException:
                place.unlink()
                raise
    except FileExistsError as error:
        raise UsageRefused(Problem("scaffold-taken", {"pack": str(place)})) from error
