"""What an audit and a report ask and tell of decisions: options, and what is set aside."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.cli.page import Block, Line, Tone
from audit.problems import Problem, UsageRefused
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    import polars as pl

    from audit import Audit, Verdict
    from audit.findings.known import Held
    from audit.findings.triaged import Triaged


def store_option(key: str, language: Language) -> click.Option:
    """Where the log of decisions lies."""
    return click.Option(["--store"], metavar="PATH|URL", help=phrase(key, language))


def on_option(key: str, language: Language) -> click.Option:
    """The day on which decisions must hold."""
    return click.Option(["--on"], metavar="DATE", callback=a_day, help=phrase(key, language))


def a_day(_context: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    """The day that was written; raises UsageRefused for any other text."""
    if value is None:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 (a day is in no zone)
    except ValueError as error:
        raise UsageRefused(Problem("triage-day-unreadable", {"written": value})) from error


def refuse_unreadable(runs: Path, store: str | None) -> None:
    """Raises UsageRefused where decisions are kept that cannot be read, before the work begins."""
    from audit.casework.triaging import log_at

    log_at(runs, store)


def decided(found: "Audit", folder: Path, store: str | None, on: date | None) -> "Audit":
    """The audit with what was decided about its findings, where a store is at hand.

    Where its run lies in the folder already, the log must be the one that it knew.
    """
    from audit.casework.triaging import with_decisions
    from audit.publishing import MANIFEST, read_manifest

    there = (folder / MANIFEST).is_file()
    known = read_manifest(folder).get("triage") if there else None
    return with_decisions(found, folder.absolute().parent, store, day=on, known=known)


def decided_page(found: "Audit", language: Language) -> Iterator[Block]:
    """How much is set aside by decisions, and how many of these do not count any more."""
    told = found.triaged
    if told is None:
        return
    yield from (Line(sentence(each, language), Tone.bad) for each in told.faults)
    yield Line(phrase("run-set-aside", language, **_set_aside(told)))
    lapsed = told.standings["why"].count()
    if lapsed:
        yield Line(phrase("run-decisions-lapsed", language, lapsed=f"{lapsed:,}"), Tone.doubt)


def decided_line(found: "Audit", language: Language) -> str:
    """The same for the last line: empty where nothing is set aside, and could not have been."""
    told = found.triaged
    if told is not None and told.faults:
        return f" [{phrase('triage-why-log_broken', language)}]"
    if told is None or not told.suppressed.len():
        return ""
    return f" [{phrase('run-set-aside', language, **_set_aside(told))}]"


def _set_aside(told: "Triaged") -> dict[str, str]:
    facts = {"suppressed": told.suppressed.len(), "findings": told.standings.height}
    return {name: f"{count:,}" for name, count in facts.items()} | {"day": told.day.isoformat()}


def without_set_aside(held: "Held", told: "Triaged | None") -> "Held":
    """What became of the findings since a baseline, without those that are set aside."""
    if told is None:
        return held
    aside = held.findings["fingerprint"].is_in(told.suppressed.implode())
    return replace(held, findings=held.findings.filter(~aside))


def all_set_aside(found: "Audit", verdict: "Verdict") -> bool:
    """Whether every finding of this verdict is set aside, and all that has it is in one of them.

    Without a log nothing is.
    """
    if found.triaged is None:
        return False
    findings = found.findings.filter(verdict=verdict.value)
    left = findings.filter(~findings["fingerprint"].is_in(found.triaged.suppressed.implode()))
    return left.is_empty() and not _unfound(found, findings, verdict)


def _unfound(found: "Audit", findings: "pl.DataFrame", verdict: "Verdict") -> bool:
    """Whether some edge has the verdict and is in no finding: then no decision can be about it."""
    import polars as pl

    ends = ["sender", "recipient", "operation", "purpose", "data_category"]
    joined = [pl.col(name).str.split(";") for name in ends[2:4]]
    named = findings.rename({"categories": "data_category"}).with_columns(joined)
    for name in ends[2:]:
        named = named.explode(name)
    return any(
        not found.edges.filter(pl.col(f"{layer}_{verdict}") > 0)
        .join(named.filter(layer=layer.value), on=ends, how="anti", nulls_equal=True)
        .is_empty()
        for layer in found.counts
    )


def log_compared(
    run: Path, store: str | None, language: Language
) -> tuple[tuple[Problem, ...], list[Line]]:
    """What is wrong with the log of decisions for a run that knew one, and what else is said."""
    from audit.casework.triaging import log_at
    from audit.publishing import read_manifest
    from audit.triage.heads import head_faults

    head = read_manifest(run).get("triage")
    if head is None and store is None:
        return (), []
    log = log_at(run.absolute().parent, store)
    entries = head.get("entries", 0) if isinstance(head, dict) else 0
    if log is None:
        unlooked = phrase("triage-head-unlooked", language, entries=entries)
        return (), [Line(unlooked, Tone.doubt)]
    held = phrase("triage-head-held", language, entries=entries)
    return head_faults(head, log), [Line(held, Tone.good)]
