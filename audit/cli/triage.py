"""The commands on decisions: where findings stand, and deciding about some."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.cli.decisions import a_day, on_option, store_option
from audit.cli.grammar import Command, Group, one_of, path_argument
from audit.cli.page import Block, Heading, Line, Table, Tone
from audit.cli.screen import show, write
from audit.cli.triage_log import faults_page, format_option, log_command, log_told
from audit.problems import Problem, UsageRefused
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit import KeptRun, Target
    from audit.triage.ledger import Log

_DONE = 0
_MOST = 50  # findings on a page; the document has all of them
_LETTERS = 12  # of a fingerprint, enough to name it
_FEWEST = 8


def triage_group(language: Language) -> click.Command:
    """`triage` and what is under it."""
    builds = {"list": _list_command, "decide": _decide_command, "log": log_command}
    return Group("triage", language, builds, stem="triage-")


def _states(*, decidable: bool = False) -> tuple[str, ...]:
    from audit.triage.state import State

    return tuple(each.value for each in State if each.decidable or not decidable)


def _list_command(language: Language) -> click.Command:
    state = click.Option(
        ["--state", "states"],
        multiple=True,
        callback=one_of(_states),
        metavar="S",
        help=phrase("option-triage-state", language, known=", ".join(_states())),
    )
    rest = [
        format_option(language),
        on_option("option-triage-on", language),
        store_option("option-triage-store", language),
    ]
    params = [path_argument("run", "RUN"), state, *rest]
    return Command("triage-list", language, list_findings, params)


def _decide_command(language: Language) -> click.Command:
    def text(name: str, key: str, metavar: str, **more: Any) -> click.Option:  # noqa: ANN401
        return click.Option([*name.split()], metavar=metavar, help=phrase(key, language), **more)

    known = ", ".join(_states(decidable=True))
    params = [
        path_argument("run", "RUN"),
        text("--finding findings", "option-triage-finding", "F", multiple=True),
        text("--cause causes", "option-triage-cause", "C", multiple=True),
        text("--edge edges", "option-triage-edge", "S:R:OP:PURPOSE", multiple=True),
        click.Option(
            ["--state"],
            required=True,
            callback=one_of(_states),
            metavar="S",
            help=phrase("option-triage-decided", language, known=known),
        ),
        text("--reason", "option-triage-reason", "TEXT", required=True),
        text("--author", "option-triage-author", "NAME", required=True),
        text("--approver", "option-triage-approver", "NAME"),
        text("--until", "option-triage-until", "DATE", callback=a_day),
        text("--evidence", "option-triage-evidence", "ID", multiple=True),
        text("--seen", "option-triage-seen", "VERSION", type=int),
        store_option("option-triage-store", language),
    ]
    return Command("triage-decide", language, decide, params)


def list_findings(
    language: Language,
    run: Path,
    states: tuple[str, ...],
    form: str,
    on: date | None,
    store: str | None,
) -> int:
    """Where each finding of the run stands today, or on the day named."""
    from audit import opened
    from audit.casework import triaging
    from audit.outcome import canonical

    kept = opened(run)
    log = triaging.log_of_run(kept, store)
    day = on or triaging.day_of(kept, datetime.now(UTC))
    counts = triaging.counts(kept, log, day)
    total, rows = triaging.listed(kept, log, day, states)
    if form == "json":
        told = {"run": kept.run_id, "day": day.isoformat(), "log": log_told(log)}
        write(canonical({**told, "states": counts, "findings": [*rows]}).decode() + "\n")
        return _DONE
    shown = _findings_page(total, islice(rows, _MOST), language)
    show([*_list_page(log, counts, day, language), *shown])
    return _DONE


def _list_page(
    log: "Log", counts: Mapping[Any, int], day: date, language: Language
) -> Iterator[Block]:
    yield from faults_page(log, language)
    entries = log.head.entries
    yield Line(phrase("triage-as-of", language, day=day.isoformat(), entries=entries))
    names = (phrase("triage-column-state", language), phrase("triage-column-findings", language))
    rows = [
        (phrase(f"triage-state-{state}", language), f"{count:,}")
        for state, count in counts.items()
        if count
    ]
    yield Table(names, tuple(rows), numbers=frozenset({1}))


_COLUMNS = ("finding", "verdict", "state", "severity", "cause", "edge", "decided")


def _findings_page(
    total: int, shown: Iterable[Mapping[str, Any]], language: Language
) -> Iterator[Block]:
    yield Heading(phrase("triage-findings", language, findings=f"{total:,}"))
    headings = tuple(phrase(f"triage-column-{name}", language) for name in _COLUMNS)
    yield Table(headings, tuple(_finding(row, language) for row in shown))
    if total > _MOST:
        yield Line(phrase("triage-more", language, left=f"{total - _MOST:,}"), Tone.doubt)


def _finding(row: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    state = phrase(f"triage-state-{row['state']}", language)
    if row["why"]:
        why = phrase(f"triage-why-{row['why']}", language)
        state = f"{state} ({why})"
    decided = phrase("cli-list", language).join(filter(None, (row["author"], row["until"])))
    severity = phrase(f"severity-{row['severity']}", language)
    name = row["fingerprint"][:_LETTERS]
    verdict = phrase(f"verdict-{row['verdict']}", language) if row["verdict"] else ""
    return name, verdict, state, severity, row["cause"], row["edge"] or "", decided


def decide(
    language: Language,
    run: Path,
    findings: tuple[str, ...],
    causes: tuple[str, ...],
    edges: tuple[str, ...],
    state: str,
    reason: str,
    author: str,
    approver: str | None,
    until: date | None,
    evidence: tuple[str, ...],
    seen: int | None,
    store: str | None,
) -> int:
    """Write one decision about all that is named into the log."""
    from audit import Kind, Ruling, State, opened
    from audit.casework import triaging

    kept = opened(run)
    targets = [
        *(_finding_named(kept, each) for each in findings),
        *(_spelled(each, Kind.CAUSE) for each in causes),
        *(_spelled(each, Kind.EDGE) for each in edges),
    ]
    said = {"approver": approver, "until": until, "evidence": evidence, "author": author}
    ruling = Ruling(State(state), tuple(targets), reason, **said)  # type: ignore[arg-type]
    entry = triaging.rule(kept, ruling, seen, datetime.now(UTC), store)
    told = phrase(f"triage-state-{state}", language)
    written = phrase("triage-decided", language, entry=entry.sequence, state=told)
    show([Line(written, Tone.good)])
    return _DONE


def _spelled(text: str, kind: Any) -> "Target":  # noqa: ANN401 (behind the door)
    from audit.triage.covering import spelled

    return spelled(text, kind)


def _finding_named(run: "KeptRun", text: str) -> "Target":
    """The finding whose fingerprint begins so."""
    from audit import Kind, Target
    from audit.casework.triaging import everything

    names = everything(run)["fingerprint"]
    found = names.filter(names.str.starts_with(text)) if len(text) >= _FEWEST else names.head(0)
    if found.len() > 1:
        raise UsageRefused(Problem("triage-finding-ambiguous", {"finding": text}))
    return Target(Kind.FINDING, (str(found[0]) if found.len() else text,))
