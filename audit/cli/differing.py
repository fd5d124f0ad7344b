"""The command `diff`: how the verdicts of one run became those of another, and by which clauses."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.cli.grammar import Command, one_of, path_argument
from audit.cli.page import Block, Heading, Line, Table, Tone
from audit.cli.screen import show, write
from audit.problems import InputRefused
from audit.wording import Language, phrase

if TYPE_CHECKING:
    import polars as pl

    from audit import Desk, KeptRun

_SAME, _WORSE = 0, 1
_SHOWN = 20
_TEXT, _JSON = "text", "json"


def diff_command(language: Language) -> click.Command:
    """`diff`."""
    form = click.Option(
        ["--format", "form"],
        default=_TEXT,
        callback=one_of(lambda: (_TEXT, _JSON)),
        metavar=f"{_TEXT}|{_JSON}",
        help=phrase("option-diff-format", language),
    )
    runs = [path_argument("before", "RUN_A"), path_argument("after", "RUN_B")]
    return Command("diff", language, diff, [*runs, form])


def diff(language: Language, before: Path, after: Path, form: str) -> int:
    """Tell how verdicts moved; 1 where one became a violation or undecided that was neither.

    Raises UsageRefused where there is no run, InputRefused where one is not as it was left.
    """
    from audit import Desk, Reader, Role

    earlier, later = _sound(before), _sound(after)
    desk = Desk(earlier, Reader(Role.admin))
    shifts = desk.shifts(later)
    if form == _JSON:
        write(json.dumps(_told(desk, later), ensure_ascii=False, indent=2) + "\n")
    else:
        show(list(_page(desk, later, language)))
    return _WORSE if worse(shifts) else _SAME


def _sound(folder: Path) -> "KeptRun":
    from audit.casework.workspace import opened

    run = opened(folder)
    if faults := run.faults():
        raise InputRefused(*faults)
    return run


def worse(shifts: "pl.DataFrame") -> bool:
    """Whether a compliant flow, or one that was not judged, is now a violation or undecided."""
    import polars as pl

    fine = pl.col("before").is_null() | pl.col("before").is_in(["permitted", "excepted"])
    bad = pl.col("after") == "violation"
    graver = bad | (fine & (pl.col("after") == "indeterminate"))
    return not shifts.filter(graver).is_empty()


def _told(desk: "Desk", later: "KeptRun") -> dict[str, Any]:
    counts = desk.compare(later).counts
    return {
        "before": desk.run.run_id,
        "after": later.run_id,
        "verdicts": desk.migration(later).to_dicts(),
        "shifts": desk.shifts(later).to_dicts(),
        "findings": {change.value: count for change, count in counts.items()},
    }


def _page(desk: "Desk", later: "KeptRun", language: Language) -> Iterator[Block]:
    moved = desk.shifts(later)
    flows = f"{int(moved['flows'].sum()):,}"
    key = "diff-same" if moved.is_empty() else "diff-moved"
    tone = Tone.bad if worse(moved) else Tone.plain
    yield Line(phrase(key, language, flows=flows), tone)
    yield from matrices(desk.migration(later), language)
    yield from moves_told(moved, language)
    facts = {change.value: count for change, count in desk.compare(later).counts.items()}
    yield Heading(phrase("diff-findings", language))
    yield Line(phrase("diff-findings-counts", language, **facts), indent=1)


def matrices(moves: "pl.DataFrame", language: Language) -> Iterator[Block]:
    """Per layer the verdicts before, a row each, against those after, a column each."""
    from audit import Layer, Verdict

    verdicts = [*(verdict.value for verdict in reversed(Verdict)), None]
    for layer in Layer:
        found = moves.filter(layer=layer.value)
        if found.is_empty():
            continue
        count = {(before, after): flows for _, before, after, flows, _ in found.iter_rows()}
        rows = [
            (
                _verdict(before, language),
                *(f"{count.get((before, after), 0):,}" for after in verdicts),
            )
            for before in verdicts
        ]
        first = phrase("diff-from-to", language)
        headings = (first, *(_verdict(after, language) for after in verdicts))
        yield Heading(phrase("diff-layer", language, layer=phrase(f"layer-{layer}", language)))
        yield Table(headings, tuple(rows), numbers=frozenset(range(1, len(headings))))


def _verdict(verdict: str | None, language: Language) -> str:
    return phrase("diff-not-judged" if verdict is None else f"verdict-{verdict}", language)


def moves_told(moved: "pl.DataFrame", language: Language) -> Iterator[Block]:
    """Which clauses moved which verdicts, the gravest first."""
    if moved.is_empty():
        return
    yield Heading(phrase("diff-clauses", language))
    for each in moved.head(_SHOWN).to_dicts():
        yield Line(_move(each, language), indent=1)
    if moved.height > _SHOWN:
        yield Line(phrase("diff-more", language, left=moved.height - _SHOWN), Tone.doubt, indent=1)


def _move(each: Mapping[str, Any], language: Language) -> str:
    told = {
        side: _verdict(each[side], language) + _by(each[f"{side}_by"], language)
        for side in ("before", "after")
    }
    facts = {
        "layer": phrase(f"layer-{each['layer']}", language),
        "flows": f"{each['flows']:,}",
        "examples": phrase("cli-list", language).join(each["examples"]),
    }
    return phrase("diff-move", language, **told, **facts)


def _by(clauses: list[str] | None, language: Language) -> str:
    if not clauses:
        return ""
    return phrase("diff-by", language, clauses=phrase("clause-list", language).join(clauses))
