"""The commands on the runs that are kept: listed, compared, and the old ones removed."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.cli.config import set_path
from audit.cli.differing import diff
from audit.cli.grammar import Command, Group, one_of, runs_option, word_argument
from audit.cli.page import Block, Heading, Line, Table, Tone
from audit.cli.screen import show, write
from audit.problems import Problem, UsageRefused
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    from audit.casework.listing import Listed
    from audit.casework.pruning import Fate

_TEXT, _JSON = "text", "json"
_ID_LETTERS = 12
_RUNS = Path("runs")


def runs_group(language: Language) -> click.Command:
    """`runs` and what is under it."""
    builds = {"list": _list_command, "compare": _compare_command, "prune": _prune_command}
    return Group("runs", language, builds, stem="runs-")


def _list_command(language: Language) -> click.Command:
    fast = click.Option(["--no-verify"], is_flag=True, help=phrase("option-no-verify", language))
    return Command("runs-list", language, list_runs, [_runs_argument(), _form(language), fast])


def _compare_command(language: Language) -> click.Command:
    both = [word_argument("before", "RUN_A"), word_argument("after", "RUN_B")]
    params = [*both, runs_option(language), _form(language)]
    return Command("runs-compare", language, compare_runs, params)


def _prune_command(language: Language) -> click.Command:
    keep = click.Option(["--keep"], metavar="N", help=phrase("option-keep", language))
    before = click.Option(["--before"], metavar="DATE", help=phrase("option-before", language))
    yes = click.Option(["--yes"], is_flag=True, help=phrase("option-yes", language))
    store = click.Option(["--store"], metavar="STORE", help=phrase("option-prune-store", language))
    params = [_runs_argument(), keep, before, yes, store]
    return Command("runs-prune", language, prune_runs, params)


def _runs_argument() -> click.Argument:
    path = click.Path(path_type=Path)
    return click.Argument(["runs"], metavar="RUNS", type=path, required=False, default=_RUNS)


def _form(language: Language) -> click.Option:
    return click.Option(
        ["--format", "form"],
        default=_TEXT,
        callback=one_of(lambda: (_TEXT, _JSON)),
        metavar=f"{_TEXT}|{_JSON}",
        help=phrase("option-config-format", language),
    )


# ---- list


def list_runs(language: Language, runs: Path, form: str, *, no_verify: bool) -> int:
    """Every run of the folder, newest first; raises UsageRefused where there is no folder."""
    from audit.casework.listing import listed

    _refuse_no_folder(runs)
    found, broken = listed(runs, verified=not no_verify)
    if form == _JSON:
        faults = [sentence(problem, language) for problem in broken]
        told = {"runs": [each.as_json() for each in found], "unreadable": faults}
        write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        show([*_list_page(found, language), *_broken(broken, language)])
    return 0


def _refuse_no_folder(runs: Path) -> None:
    if not runs.is_dir():
        raise UsageRefused(Problem("runs-no-folder", {"folder": str(runs)}))


def _refuse_a_run(runs: Path) -> None:
    """Of a run named by itself nobody would look what lies beside it, decisions among them."""
    if (runs / "manifest.json").exists():
        raise UsageRefused(Problem("prune-a-run", {"folder": str(runs)}))


def _list_page(found: "tuple[Listed, ...]", language: Language) -> Iterator[Block]:
    if not found:
        yield Line(phrase("runs-none", language))
        return
    headings = (
        phrase("runs-run", language),
        phrase("runs-folder", language),
        phrase("runs-left", language),
        phrase("runs-flows", language),
        phrase("runs-packs", language),
        phrase("runs-layer", language),
        *(phrase(f"verdict-{verdict}", language) for verdict in _verdicts()),
        phrase("runs-rejected", language),
        phrase("runs-size", language),
        phrase("runs-state", language),
    )
    rows = [row for each in found for row in _rows(each, language)]
    tones = [Tone.bad if each.sound is False else Tone.plain for each in found for _ in each.counts]
    yield Table(headings, tuple(rows), frozenset(range(6, 12)), tuple(tones))


def _verdicts() -> list[str]:
    from audit import Verdict

    return [verdict.value for verdict in reversed(Verdict)]


def _rows(each: "Listed", language: Language) -> Iterator[tuple[str, ...]]:
    """A row a layer; what is of the whole run stands in the first."""
    packs = phrase("cli-list", language).join(each.packs)
    head = (each.run_id[:_ID_LETTERS], each.folder, each.left, each.flows, packs)
    tail = (f"{each.rejected:,}", f"{each.size / 1e6:,.1f} MB", _state(each.sound, language))
    for place, (layer, counts) in enumerate(each.counts.items()):
        numbers = [f"{counts[verdict]:,}" for verdict in _verdicts()]
        told = phrase(f"layer-{layer}", language)
        first, last = (head, tail) if place == 0 else (("",) * len(head), ("",) * len(tail))
        yield (*first, told, *numbers, *last)


def _state(sound: bool | None, language: Language) -> str:  # noqa: FBT001 (None: nobody looked)
    if sound is None:
        return phrase("runs-not-verified", language)
    return phrase("runs-sound", language) if sound else phrase("runs-touched", language)


def _broken(broken: tuple[Problem, ...], language: Language) -> Iterator[Block]:
    if broken:
        yield Heading(phrase("runs-broken", language))
        yield from (Line(sentence(problem, language), Tone.bad, indent=1) for problem in broken)


# ---- compare


def compare_runs(language: Language, before: str, after: str, runs: Path, form: str) -> int:
    """What `diff` tells, of runs named by their folder or by the beginning of their id."""
    return diff(language, _folder(before, runs), _folder(after, runs), form)


def _folder(name: str, runs: Path) -> Path:
    from audit import Workspace

    return Path(name) if Path(name).is_dir() else Workspace(runs).run(name).folder


# ---- prune


def prune_runs(
    language: Language,
    runs: Path,
    keep: str | None,
    before: str | None,
    store: str | None,
    *,
    yes: bool,
) -> int:
    """Remove old runs, or only say which; raises UsageRefused where nothing says what is old."""
    from audit.casework.pruning import Rule, fates, prune, resting, sweep

    rule = Rule(_number(keep), _day(before))
    _refuse_without_rule(rule.keep, rule.before)
    _refuse_no_folder(runs)
    _refuse_a_run(runs)
    ask = partial(resting, runs, set_path("baseline"), store)
    rests = ask()
    found = fates(runs, rule, rests)
    if yes:
        sweep(runs)
        found = prune(found, ask)
    show(list(_prune_page(found, rests.faults, language, done=yes)))
    return 0


def _refuse_without_rule(keep: int | None, before: date | None) -> None:
    if keep is None and before is None:
        raise UsageRefused(Problem("prune-no-rule"))


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise UsageRefused(Problem("prune-no-number", {"value": text}))
    return int(text)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageRefused(Problem("prune-no-day", {"value": str(text)})) from error


def _prune_page(
    found: "tuple[Fate, ...]", faults: tuple[Problem, ...], language: Language, *, done: bool
) -> Iterator[Block]:
    going = [fate for fate in found if fate.why is None]
    counts: Mapping[str, Any] = {"going": len(going), "staying": len(found) - len(going)}
    yield Line(phrase("prune-done" if done else "prune-would", language, **counts))
    yield from (_line("prune-goes", fate, language) for fate in going)
    for fate in found:
        if fate.why is not None:
            why = phrase(f"prune-{fate.why}", language)
            yield _line("prune-stays", fate, language, why=why)
    yield from (Line(sentence(each, language), Tone.doubt, indent=1) for each in faults)
    if going and not done:
        yield Line(phrase("prune-say-yes", language), Tone.faint)


def _line(key: str, fate: "Fate", language: Language, **facts: str) -> Line:
    run = fate.run
    named = {"run": run.run_id[:_ID_LETTERS], "folder": run.folder.name}
    return Line(phrase(key, language, **named, left=str(fate.left), **facts), indent=1)
