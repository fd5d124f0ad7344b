"""The command `whatif`: what would become of a run's verdicts if something were otherwise."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.cli.differing import matrices, moves_told, worse
from audit.cli.grammar import Command, one_of, path_argument
from audit.cli.page import Block, Line, Tone
from audit.cli.progress import progress_shown
from audit.cli.screen import show, write
from audit.problems import InputRefused
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit import Desk, Replayed

_SAME, _WORSE = 0, 1
_TEXT, _JSON = "text", "json"


def whatif_command(language: Language) -> click.Command:
    """`whatif`."""
    change = click.Option(
        ["--change"],
        type=click.Path(path_type=Path),
        required=True,
        metavar="FILE",
        help=phrase("option-change", language),
    )
    form = click.Option(
        ["--format", "form"],
        default=_TEXT,
        callback=one_of(lambda: (_TEXT, _JSON)),
        metavar=f"{_TEXT}|{_JSON}",
        help=phrase("option-diff-format", language),
    )
    export = click.Option(
        ["--export"],
        type=click.Path(path_type=Path),
        metavar="EXPORT",
        help=phrase("option-export", language),
    )
    params = [path_argument("run", "RUN"), change, form, export]
    return Command("whatif", language, whatif, params)


def whatif(language: Language, run: Path, change: Path, form: str, export: Path | None) -> int:
    """Tell how verdicts would move; 1 where one would become worse, as `diff` says it.

    Raises UsageRefused where there is no run or the change is at fault, InputRefused where the run
    is not as it was left.
    """
    from audit import Desk, Reader, Role, opened

    kept = opened(run)
    if faults := kept.faults():
        raise InputRefused(*faults)
    told = _replayed(Desk(kept, Reader(Role.admin)), change, export, language)
    if form == _JSON:
        write(json.dumps(_told(kept.run_id, told), ensure_ascii=False, indent=2) + "\n")
    else:
        show(list(_page(told, language)))
    return _WORSE if worse(told.shifts) else _SAME


def _replayed(desk: "Desk", change: Path, export: Path | None, language: Language) -> "Replayed":
    """The answer from what the run left where it will do, else from its export."""
    from audit import load_change

    supposed = load_change(change)
    if (stored := desk.what_if(supposed)) is not None:
        return stored
    with progress_shown(language) as tell:
        return desk.what_if_again(supposed, export, tell)


def _told(run_id: str, told: "Replayed") -> dict[str, Any]:
    return {
        "run": run_id,
        "answered": told.how.value,
        "judged_again": told.judged,
        "verdicts": told.migration.to_dicts(),
        "shifts": told.shifts.to_dicts(),
    }


def _page(told: "Replayed", language: Language) -> Iterator[Block]:
    flows = f"{int(told.shifts['flows'].sum()):,}"
    key = "whatif-same" if told.shifts.is_empty() else "whatif-moved"
    yield Line(phrase(key, language, flows=flows), Tone.bad if worse(told.shifts) else Tone.plain)
    how = phrase(f"whatif-{told.how}", language, flows=f"{told.judged:,}")
    yield Line(how, Tone.faint)
    yield from matrices(told.migration, language)
    yield from moves_told(told.shifts, language)
