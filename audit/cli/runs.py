"""The commands on a run that is there: why a flow was so judged, other formats, tampering."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.cli.baselines import against, baseline_options, named_baseline
from audit.cli.decisions import decided, log_compared, on_option, store_option
from audit.cli.grammar import Command, cache_option, one_of, path_argument, word_argument
from audit.cli.page import Line, Tone
from audit.cli.progress import progress_shown
from audit.cli.screen import show
from audit.problems import InputRefused, Problem, UsageRefused
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    from audit.publishing import Writer

_TAMPERED = 1


def explain_command(language: Language) -> click.Command:
    """`explain`."""
    params = [path_argument("run", "RUN"), word_argument("flow", "FLOW_ID")]
    reveal = click.Option(
        ["--reveal-subjects"], is_flag=True, help=phrase("option-reveal", language)
    )
    reading = [_export_option(language), cache_option(language)]
    return Command("explain", language, explain, [*params, *reading, reveal])


def report_command(language: Language) -> click.Command:
    """`report`."""
    return Command(
        "report",
        language,
        report,
        [
            path_argument("run", "RUN"),
            click.Option(
                ["--format", "name"],
                required=True,
                callback=one_of(formats),
                metavar="F",
                help=phrase("option-report-format", language, known=", ".join(formats())),
            ),
            click.Option(
                ["--out"],
                type=click.Path(path_type=Path),
                metavar="DIR",
                help=phrase("option-report-out", language),
            ),
            _export_option(language),
            *baseline_options("option-baseline-report", language),
            store_option("option-report-store", language),
            on_option("option-run-on", language),
            _font_option(language),
            cache_option(language),
            click.Option(
                ["--reveal-subjects"],
                is_flag=True,
                help=phrase("option-report-reveal", language),
            ),
        ],
    )


def verify_command(language: Language) -> click.Command:
    """`verify`."""
    store = store_option("option-verify-store", language)
    return Command("verify", language, verify_run, [path_argument("run", "RUN"), store])


def _export_option(language: Language) -> click.Option:
    return click.Option(
        ["--export"],
        type=click.Path(path_type=Path),
        metavar="EXPORT",
        help=phrase("option-export", language),
    )


def _font_option(language: Language) -> click.Option:
    return click.Option(
        ["--font", "fonts"],
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=phrase("option-report-font", language),
    )


def formats() -> tuple[str, ...]:
    """The formats that a run can be told in."""
    from audit import FORMATS

    return tuple(FORMATS)


def refuse_unprintable(names: Sequence[str], fonts: Sequence[Path] = ()) -> None:
    """Raises UsageRefused where one of these formats is a print and none can be made here."""
    from audit.reports import TYPESET
    from audit.reports.fonts import refuse_unprintable as refuse

    if not TYPESET.keys().isdisjoint(names):
        refuse(fonts)


def _rendering(name: str, fonts: Sequence[Path]) -> "Callable[..., Mapping[str, Writer]]":
    """What writes the format, in these fonts if any; they are refused where nothing is printed."""
    from audit.reports import FORMATS, TYPESET

    if fonts and name not in TYPESET:
        raise UsageRefused(Problem("print-no-print", {"known": ", ".join(TYPESET)}))
    refuse_unprintable([name], fonts)
    return partial(TYPESET[name], font_files=fonts) if fonts else FORMATS[name]


def explain(
    language: Language,
    run: Path,
    flow: str,
    export: Path | None,
    *,
    no_cache: bool,
    reveal_subjects: bool,
) -> int:
    """Say why the flow got its verdict; whose flow it is only when asked to."""
    from audit import explained, recall
    from audit.cli.duties import explained_duties
    from audit.cli.explanation import explanation_page
    from audit.cli.quoting import quotes_of
    from audit.evaluation.telling import without_subject
    from audit.sources.export import DEFAULT_ZONE
    from audit.sources.zones import zone_of

    request = replace(recall(run, export), keep=not no_cache)
    told = explained(request, flow)
    shown = told if reveal_subjects else without_subject(told)
    zone = zone_of(request.timezone or DEFAULT_ZONE)
    said = list(explanation_page(shown, zone, language, quotes_of(run)))
    show([*said, *explained_duties(run, flow, zone, language)])
    return 0


def report(
    language: Language,
    run: Path,
    name: str,
    out: Path | None,
    export: Path | None,
    baseline: Path | None,
    store: str | None,
    on: date | None,
    fonts: tuple[Path, ...],
    *,
    any_version: bool,
    no_baseline: bool,
    no_cache: bool,
    reveal_subjects: bool,
) -> int:
    """Do the run again, make sure that it is the same, and write it in the format."""
    from audit import audit, recall
    from audit.publishing import publish
    from audit.reports.citing import noted, warnings
    from audit.reports.duties import Persons, key_beside
    from audit.reports.manifest import manifest
    from audit.reports.recalling import recall_citations, recall_id

    render = _rendering(name, fonts)
    request = recall(run, export)
    place = None if no_baseline else baseline
    known = named_baseline(place, request.packs, any_version=any_version)
    with progress_shown(language) as tell:
        worded = audit(replace(request, keep=not no_cache, language=language), tell)
    # Told in another language it is the same run.
    found = replace(worded, options=replace(worded.options, language=request.language))
    if found.run_id != recall_id(run):
        raise InputRefused(Problem("recall-other-version"))
    found = decided(against(found, known), run, store, on)
    folder = out or run.with_name(f"{run.name}-{name}")
    key = Persons.REVEALED if reveal_subjects else key_beside(run, found)
    files = render(noted(found, recall_citations(run)), key, language)
    told = manifest(found, key)
    told["warnings"] = [*warnings(recall_citations(run)), *told["warnings"]]
    publish(folder, files, told)
    listed = phrase("cli-list", language).join(sorted(files))
    show([Line(phrase("report-left", language, folder=str(folder), files=listed))])
    return 0


def verify_run(language: Language, run: Path, store: str | None) -> int:
    """Tell whether the run is as it was left, and the log of decisions that it knew still whole.

    Raises UsageRefused where there is no run, or the log cannot be read.
    """
    from audit import verify

    problems = verify(run)
    if any(problem.code == "manifest-unreadable" for problem in problems):
        raise UsageRefused(*problems)
    lost, told = log_compared(run, store, language)
    problems = (*problems, *lost)
    show([Line(sentence(problem, language), Tone.bad) for problem in problems])
    if problems:
        return _TAMPERED
    show([Line(phrase("verify-sound", language, folder=str(run)), Tone.good), *told])
    return 0
