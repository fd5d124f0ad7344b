"""The commands on an export: the audit itself, and the check that only validates."""

import gc
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.cli.anchoring import agreement_option, banner, review_page
from audit.cli.baselines import (
    against,
    baseline_options,
    counted,
    held_page,
    kept_baseline,
    named_baseline,
    narrowed,
)
from audit.cli.beginning import begun
from audit.cli.checking import checked_page
from audit.cli.decisions import (
    decided,
    decided_line,
    decided_page,
    on_option,
    refuse_unreadable,
    store_option,
)
from audit.cli.failing import exit_code
from audit.cli.grammar import Command, cache_option, one_of, path_argument, runs_option
from audit.cli.page import Block, Heading, Line
from audit.cli.profiling import WRITING, Profile
from audit.cli.progress import progress_shown
from audit.cli.runs import formats, refuse_unprintable
from audit.cli.screen import show
from audit.cli.since import since_options, taking, tell_since
from audit.cli.summary import conclusion, overview
from audit.engine import Engine
from audit.problems import Problem, UsageRefused
from audit.settings import DEFAULT_PACKS, FailOn
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit import Audit, Request
    from audit.clauses.citations import Document
    from audit.clauses.reviewing import Citation

_ID_LETTERS = 12
_VALUES = 100_000  # made, after which cycles are looked for
_TURN = 0.001  # seconds
_CLEAN = 0


def run_command(language: Language) -> click.Command:
    """`run`."""
    return Command(
        "run",
        language,
        run,
        [
            path_argument("export", "EXPORT"),
            *_reading_options(language),
            click.Option(
                ["--out"],
                type=click.Path(path_type=Path),
                metavar="DIR",
                help=phrase("option-out", language),
            ),
            runs_option(language),
            click.Option(
                ["--format", "formats"],
                multiple=True,
                callback=one_of(formats),
                metavar="F",
                help=phrase("option-format", language, known=", ".join(formats())),
            ),
            click.Option(
                ["--fail-on"],
                callback=one_of(lambda: tuple(FailOn)),
                default=FailOn.violation.value,
                metavar="|".join(FailOn),
                help=phrase("option-fail-on", language),
            ),
            click.Option(["--as-of"], metavar="DATE", help=phrase("option-as-of", language)),
            agreement_option("option-agreement", language),
            *baseline_options("option-baseline", language),
            store_option("option-run-store", language),
            on_option("option-run-on", language),
            click.Option(
                ["--engine"],
                callback=one_of(lambda: tuple(Engine)),
                default=Engine.local.value,
                metavar="|".join(Engine),
                help=phrase("option-engine", language),
            ),
            *since_options(language),
            click.Option(["--profile"], is_flag=True, help=phrase("option-profile", language)),
            click.Option(["--quiet"], is_flag=True, help=phrase("option-quiet", language)),
        ],
    )


def check_command(language: Language) -> click.Command:
    """`check`."""
    places = [path_argument("export", "EXPORT")]
    return Command("check", language, check, [*places, *_reading_options(language)])


def _reading_options(language: Language) -> list[click.Parameter]:
    """What the audit and the check must be told alike."""
    return [
        click.Option(
            ["--pack", "packs"],
            multiple=True,
            metavar="P",
            help=phrase("option-pack", language, default=", ".join(DEFAULT_PACKS)),
        ),
        click.Option(["--timezone"], metavar="Z", help=phrase("option-timezone", language)),
        cache_option(language),
    ]


def run(
    language: Language,
    export: Path,
    packs: tuple[str, ...],
    timezone: str | None,
    out: Path | None,
    runs: Path,
    formats: tuple[str, ...],
    fail_on: str,
    as_of: str | None,
    agreement: Path | None,
    baseline: Path | None,
    store: str | None,
    on: date | None,
    engine: str,
    since: Path | None,
    *,
    any_version: bool,
    no_baseline: bool,
    no_cache: bool,
    keep_flows: bool,
    profile: bool,
    quiet: bool,
) -> int:
    """Audit the export, leave the run's folder, show what was found."""
    _tune()
    _refuse_taken(out)
    # Before the engine is loaded; workers, and who continues, ask otherwise which ids are repeated.
    with begun(export, timezone, ids=engine == Engine.local and since is None) as opened:
        from audit import audit, leave
        from audit.reports.ahead import Ahead
        from audit.reports.recalling import asked

        refuse_unprintable(formats)
        refuse_unreadable(out.parent if out else runs, store)
        request = replace(
            _request(language, export, packs, timezone, keep=not no_cache),
            as_of=as_of,
            engine=Engine(engine),
            opened=opened,
        )
        request = taking(request, since, keep_flows=keep_flows)
        document, citations = _cited_in(agreement, request)
        known = named_baseline(
            None if no_baseline else baseline, request.packs, any_version=any_version
        )
        steps = Profile()
        with Ahead() as ahead:
            with progress_shown(language, quiet=quiet) as tell:
                found = audit(request, steps.heard(tell), ahead.begin)
                steps.at(WRITING)
            tell_since(found, language, quiet=quiet)
            folder = out or runs / found.run_id[:_ID_LETTERS]
            found = decided(against(found, known), folder, store, on)
            told = {**asked(request, folder, document), **kept_baseline(known)}
            leave(found, folder, formats, asked=told, replace=out is None, ahead=ahead)
    page = () if quiet else _page(found, citations, folder, language)
    show([*page, *(steps.page(language) if profile else ()), _last_line(found, folder, language)])
    return exit_code(found if store else replace(found, triaged=None), FailOn(fail_on))


def _cited_in(
    agreement: Path | None, request: "Request"
) -> "tuple[Document | None, Sequence[Citation]]":
    """The agreement's text, and what the clauses cite of it."""
    from audit.clauses.citations import read_document
    from audit.reports.citing import cited

    if agreement is None:
        return None, ()
    document = read_document(agreement, str(agreement))
    return document, cited(request.packs, document).citations


def _tune() -> None:
    """Have the interpreter suit an audit, which makes few cycles and has threads that wait.

    To look for cycles took a thirtieth of the time. What comes back from work that runs beside the
    interpreter, as most of it does, waits five milliseconds for a thread that keeps it; for one, a
    thirtieth less in all.
    """
    gc.set_threshold(_VALUES, 20, 100)
    sys.setswitchinterval(_TURN)


def check(
    language: Language,
    export: Path,
    packs: tuple[str, ...],
    timezone: str | None,
    *,
    no_cache: bool,
) -> int:
    """Show what would be rejected, and why; nothing is judged or written."""
    from audit import check as validate

    request = _request(language, export, packs, timezone, keep=not no_cache)
    with progress_shown(language) as tell:
        checked = validate(request, tell)
    show(list(checked_page(checked, language)))
    return _CLEAN


def _request(
    language: Language, export: Path, packs: tuple[str, ...], timezone: str | None, *, keep: bool
) -> "Request":
    from audit import Request

    return Request(export, packs or DEFAULT_PACKS, timezone, language, keep)


def _refuse_taken(out: Path | None) -> None:
    """Said before the work begins; `leave` looks again when it ends."""
    if out is not None and os.path.lexists(out):
        raise UsageRefused(Problem("publish-exists", {"folder": str(out)}))


def _page(
    found: "Audit", citations: "Sequence[Citation]", folder: Path, language: Language
) -> Iterator[Block]:
    """What was found, under a banner where clauses are unreviewed, and what to ask next."""
    from audit.clauses.reviewing import unreviewed

    yield from banner(citations, language)
    yield from held_page(found, language)
    yield from decided_page(found, language)
    yield from overview(narrowed(found), language, unreviewed(citations))
    if citations:
        yield from _cited(found, citations, language)
    yield Heading(phrase("cli-next", language))
    yield from (Line(each, indent=1) for each in _next_commands(found, folder))
    yield Line("")


def _cited(found: "Audit", citations: "Sequence[Citation]", language: Language) -> Iterator[Block]:
    """Whether the text of the agreement still says what its clauses were reviewed against."""
    from audit import Layer

    yield Heading(phrase("run-agreement", language))
    for pack in found.packs:
        if pack.layer is Layer.CONTRACT:
            yield from review_page(pack, citations, language)


def _next_commands(found: "Audit", folder: Path) -> list[str]:
    """Why the gravest finding is one; else how to see that nobody touched the run."""
    run = shlex.quote(str(folder))
    from audit.findings.missed import verdict_findings

    findings = verdict_findings(narrowed(found).findings)
    examples = findings["examples"].explode().drop_nulls().head(1).to_list()
    why = [f"consent-audit explain {run} {shlex.quote(flow)}" for flow in examples]
    return [*why, f"consent-audit verify {run}"]


def _last_line(found: "Audit", folder: Path, language: Language) -> Line:
    """All that --quiet leaves: the conclusion and where the rest lies."""
    told = conclusion(found, language)
    since = f" [{counted(found.held, language)}]" if found.held else ""
    left = phrase(
        "run-left",
        language,
        conclusion=told.text + since + decided_line(found, language),
        folder=str(folder),
    )
    return Line(left, told.tone)
