"""A run held against a baseline, on the command line: the options, the page, the exit code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.cli.page import Block, Heading, Line, Tone
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit import Audit
    from audit.baselines.baseline import Baseline
    from audit.findings.known import Held

_SHOWN = 5
_ID_LETTERS = 12
_COUNTS = ("flows", "subjects", "records")


def baseline_options(help_key: str, language: Language) -> list[click.Parameter]:
    """`--baseline` and what is said to it."""
    return [
        click.Option(
            ["--baseline"],
            type=click.Path(path_type=Path),
            metavar="RUN|FILE",
            help=phrase(help_key, language),
        ),
        click.Option(
            ["--baseline-any-version", "any_version"],
            is_flag=True,
            help=phrase("option-baseline-any-version", language),
        ),
        click.Option(["--no-baseline"], is_flag=True, help=phrase("option-no-baseline", language)),
    ]


def named_baseline(
    place: Path | None, packs: Sequence[str], *, any_version: bool
) -> "Baseline | None":
    """The baseline, where one is named, made sure to be of these packs before anything is done.

    Raises UsageRefused where it cannot be read, is not as it was left, or is of other packs.
    """
    if place is None:
        return None
    from audit import load_packs
    from audit.baselines.holding import refuse_other_packs
    from audit.baselines.reading import read_baseline

    baseline = read_baseline(place)
    refuse_other_packs(baseline, load_packs(packs), any_version=any_version)
    return baseline


def against(audit: "Audit", baseline: "Baseline | None") -> "Audit":
    """The audit held against the baseline, where there is one."""
    from audit.baselines.holding import held_against

    return held_against(audit, baseline) if baseline else audit


def kept_baseline(baseline: "Baseline | None") -> Mapping[str, Any]:
    """What the manifest says of it, so that nobody removes a run that is a baseline."""
    return {"baseline": {"run": baseline.run_id}} if baseline else {}


def narrowed(audit: "Audit") -> "Audit":
    """The audit as a page shows it: of the findings what is new or worse."""
    if audit.held is None:
        return audit
    return replace(audit, findings=audit.held.reported.select(audit.findings.columns))


def held_page(audit: "Audit", language: Language) -> Iterator[Block]:
    """What became of the findings since the baseline, and what no baseline covers."""
    held = audit.held
    if held is None:
        return
    yield Heading(phrase("baseline-heading", language, run=held.run_id[:_ID_LETTERS]))
    yield Line(counted(held, language), _tone(held), indent=1)
    yield from _worse(held, language)
    for text in _uncovered(audit, held, language):
        yield Line(text, Tone.doubt, indent=1)
    yield Line(phrase("baseline-only", language), Tone.faint, indent=1)


def counted(held: "Held", language: Language) -> str:
    """How many findings are known, new, worse and gone."""
    facts = {since.value: f"{count:,}" for since, count in held.counts.items()}
    return phrase("baseline-counts", language, **facts)


def _tone(held: "Held") -> Tone:
    return Tone.good if held.reported.is_empty() else Tone.bad


def _worse(held: "Held", language: Language) -> Iterator[Block]:
    rows = held.findings.filter(since="worse")
    for row in rows.head(_SHOWN).iter_rows(named=True):
        changes = phrase("cli-list", language).join(_changes(row, language))
        facts = {name: row[name] or "-" for name in ("clause", "sender", "recipient")}
        told = phrase("baseline-worse", language, changes=changes, **facts)
        yield Line(told, Tone.bad, indent=1)
    if rows.height > _SHOWN:
        left = rows.height - _SHOWN
        yield Line(phrase("baseline-more-worse", language, left=left), Tone.bad, indent=1)


def _changes(row: Mapping[str, Any], language: Language) -> Iterator[str]:
    """What there is more of; the whole customer base is no number."""
    labels = {
        "flows": phrase("baseline-flows", language),
        "subjects": phrase("baseline-subjects", language),
        "records": phrase("baseline-records", language),
    }
    for name, what in labels.items():
        if row[name] > row[f"{name}_then"]:
            then, now = f"{row[f'{name}_then']:,}", f"{row[name]:,}"
            yield phrase("baseline-from-to", language, what=what, then=then, now=now)
    if row["whole_base"] and not row["whole_base_then"]:
        yield phrase("baseline-whole-base", language)
    if row["severity"] != row["severity_then"]:
        then, now = (
            phrase(f"severity-{row[each]}", language) for each in ("severity_then", "severity")
        )
        what = phrase("baseline-severity", language)
        yield phrase("baseline-from-to", language, what=what, then=then, now=now)


def _uncovered(audit: "Audit", held: "Held", language: Language) -> Iterator[str]:
    """What nobody accepted, whatever the baseline says."""
    rejected = rejected_rows(audit)
    if rejected:
        yield phrase("baseline-rejected", language, rows=f"{rejected:,}")
    if held.lost:
        tables = phrase("cli-list", language).join(held.lost)
        yield phrase("baseline-lost", language, tables=tables)
    if held.gone.height and (rejected or held.lost):
        yield phrase("baseline-gone-unsure", language)
    if held.repacked:
        packs = phrase("cli-list", language).join(held.repacked)
        yield phrase("baseline-repacked", language, packs=packs)


def rejected_rows(audit: "Audit") -> int:
    """Rows of any table that were rejected: none of them is ever known."""
    return sum(count.rejected for count in audit.rows.values())
