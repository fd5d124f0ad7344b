"""The command on the log of decisions: all of it in order, and whether it was altered."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.cli.decisions import store_option
from audit.cli.grammar import Command, one_of, path_argument
from audit.cli.page import Block, Line, Table, Tone
from audit.cli.screen import show, write
from audit.problems import Problem
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    from audit.triage.ledger import Entry, Log

_FORMATS = ("text", "json")
_SOUND, _TAMPERED = 0, 1
_LETTERS = 12  # of a fingerprint, enough to name it
_MOST_TARGETS = 3


def log_command(language: Language) -> click.Command:
    """`triage log`."""
    told = phrase("option-triage-verify", language)
    verify = click.Option(["--verify"], is_flag=True, help=told)
    params = [path_argument("runs", "RUNS"), verify, format_option(language)]
    return Command(
        "triage-log", language, show_log, [*params, store_option("option-triage-store", language)]
    )


def format_option(language: Language) -> click.Option:
    """Whether a page or a document is wanted."""
    return click.Option(
        ["--format", "form"],
        callback=one_of(lambda: _FORMATS),
        default="text",
        metavar="|".join(_FORMATS),
        help=phrase("option-triage-format", language),
    )


def show_log(language: Language, runs: Path, form: str, store: str | None, *, verify: bool) -> int:
    """Every decision in the order in which it was made; or whether the log is as it was written."""
    from audit.casework.triaging import head_faults_of, log_at
    from audit.outcome import canonical
    from audit.triage.ledger import Log

    log = log_at(runs, store) or Log()
    faults = {None: log.faults} | (head_faults_of(runs, log) if verify else {})
    if form == "json":
        told = {**log_told(log), "decisions": [_entry_told(each) for each in log.entries]}
        lost = [str(run) for run, each in faults.items() if run and each]
        write(canonical({**told, **({"lost": lost} if verify else {})}).decode() + "\n")
    elif verify:
        show(list(_verified(faults, log, language)))
    else:
        show([*faults_page(log, language), *_entries(log, language)])
    return _TAMPERED if any(faults.values()) else _SOUND


def _verified(
    faults: Mapping[str | None, Sequence[Problem]], log: "Log", language: Language
) -> Iterator[Line]:
    """What is wrong with the log; then the runs that knew another one."""
    for run, problems in faults.items():
        named = f"{run}: " if run else ""
        yield from (Line(named + sentence(each, language), Tone.bad) for each in problems)
    if not any(faults.values()):
        entries, head = log.head
        sound = phrase(
            "triage-log-sound", language, entries=entries, runs=len(faults) - 1, head=head
        )
        yield Line(sound, Tone.good)


def log_told(log: "Log") -> dict[str, Any]:
    """How the log ended, and what is wrong with it."""
    faults = [{"code": each.code, **each.facts} for each in log.faults]
    return {"entries": log.head.entries, "head": log.head.digest, "faults": faults}


def faults_page(log: "Log", language: Language) -> Iterator[Line]:
    """What is wrong with the log, a line each."""
    for problem in log.faults:
        yield Line(sentence(problem, language), Tone.bad)


def _entry_told(entry: "Entry") -> dict[str, Any]:
    at = entry.at.isoformat() if entry.at else None
    told = {"sequence": entry.sequence, "at": at, "decision": dict(entry.told)}
    return told | ({"unreadable": entry.lacking} if entry.lacking else {})


_ENTRY = ("entry", "at", "author", "state", "targets", "reason")


def _entries(log: "Log", language: Language) -> Iterator[Block]:
    headings = tuple(phrase(f"triage-column-{name}", language) for name in _ENTRY)
    rows = tuple(_entry(each, language) for each in log.entries)
    yield Table(headings, rows, numbers=frozenset({0}))


def _entry(entry: "Entry", language: Language) -> tuple[str, ...]:
    from audit.triage.covering import spelling

    at = f"{entry.at:%Y-%m-%d %H:%M}" if entry.at else ""
    told = entry.decision
    if told is None:
        return str(entry.sequence), at, "", phrase("triage-why-malformed", language), "", ""
    targets = phrase("cli-list", language).join(
        spelling(each)[:_LETTERS] if len(each.codes) == 1 else spelling(each)
        for each in told.targets[:_MOST_TARGETS]
    )
    more = len(told.targets) - _MOST_TARGETS
    state = phrase(f"triage-state-{told.state}", language)
    counted = f"{targets} +{more}" if more > 0 else targets
    return str(entry.sequence), at, told.author, state, counted, told.reason
