"""The clauses as test cases of JUnit XML, which build servers read: one with findings fails."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from audit.clauses.clause import NO_GROUND, Verdict
from audit.clauses.pages import seen
from audit.findings.finding import Severity
from audit.findings.missed import Missed
from audit.outcome import Audit, product_version
from audit.reports.grounds import GRAPH, known_grounds, unwritten
from audit.reports.standings import standing_told, standings_of
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from audit.publishing import Writer
    from audit.reports.duties import Key
    from audit.reports.grounds import Ground, Place

_MOST = 20  # findings told of one clause; the others are counted
_CHECKS = ("onward", "unreceived", "unregistered", "unseen")
_UNKNOWN = (Missed.UNKNOWN.value, Missed.UNDETERMINED.value)
_FAILURE, _ERROR, _SKIPPED = "failure", "error", "skipped"


@dataclass(frozen=True)
class _Case:
    """A test case: its name, and what came of it where it did not pass."""

    name: str
    outcome: str | None = None
    kind: str = ""
    message: str = ""
    text: str = ""


def render(
    audit: Audit, _key: Key = None, language: Language | None = None
) -> Mapping[str, Writer]:
    """junit.xml: a suite for each pack and for the graph, a case for each clause, duty and check.

    A case fails with its findings; where all of them are undecided it is in error, and never
    passes. A draft is skipped, and so is a case whose findings are all set aside by decisions. No
    customer is named.
    """
    return {"junit.xml": partial(_write, audit, language or audit.options.language)}


def _write(audit: Audit, language: Language, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in _lines(audit, language))


def _lines(audit: Audit, language: Language) -> Iterator[str]:
    suites = dict(_suites(audit, language))
    every = [case for cases in suites.values() for case in cases]
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<testsuites {_attributes({'name': 'consent-audit', **_counted(every)})}>"
    for name, cases in suites.items():
        yield f"<testsuite {_attributes({'name': name, **_counted(cases)})}>"
        yield from _properties(audit)
        for case in cases:
            yield from _told(name, case)
        yield "</testsuite>"
    yield "</testsuites>"


def _properties(audit: Audit) -> Iterator[str]:
    told = {"run": audit.run_id, "version": product_version()}
    yield "<properties>"
    for name, value in told.items():
        yield f"<property {_attributes({'name': name, 'value': value})}/>"
    yield "</properties>"


def _told(suite: str, case: _Case) -> Iterator[str]:
    named = _attributes({"classname": suite, "name": case.name})
    if case.outcome is None:
        yield f"<testcase {named}/>"
        return
    told = _attributes({"message": case.message, **({"type": case.kind} if case.kind else {})})
    text = escape(seen(case.text))
    yield f"<testcase {named}><{case.outcome} {told}>{text}</{case.outcome}></testcase>"


def _attributes(told: Mapping[str, str | int]) -> str:
    return " ".join(f"{name}={quoteattr(seen(str(value)))}" for name, value in told.items())


def _counted(cases: list[_Case]) -> dict[str, int]:
    outcomes = [case.outcome for case in cases]
    return {
        "tests": len(cases),
        "failures": outcomes.count(_FAILURE),
        "errors": outcomes.count(_ERROR),
        "skipped": outcomes.count(_SKIPPED),
    }


def _suites(audit: Audit, language: Language) -> Iterator[tuple[str, list[_Case]]]:
    """Pack by pack every clause and duty, and whatever else findings rest on; then the graph."""
    found = _found(audit, language)
    known = known_grounds(audit)
    for pack in audit.packs:
        layer = pack.layer.value
        standing = {clause.id: clause.draft for clause in pack.clauses}
        standing |= {duty.id: duty.draft for duty in pack.duties}
        others = sorted(clause for of, clause in found if of == layer and clause not in standing)
        cases = []
        for clause in dict.fromkeys((*standing, NO_GROUND, *others)):
            ground = known.get((layer, clause)) or unwritten(layer, clause)
            draft = phrase("junit-draft", language) if standing.get(clause) else ""
            cases.append(_case((layer, clause), ground, found, language, draft))
        yield f"{layer}.{pack.id}", cases
    checks = [(None, check) for check in _CHECKS]
    yield GRAPH, [_case(each, unwritten(*each), found, language) for each in checks]


def _found(audit: Audit, language: Language) -> Mapping[Place, pl.DataFrame]:
    """The findings by what they rest on, gravest first, with their marks and whether set aside."""
    standings = standings_of(audit)
    marks = {name: standing_told(row, language) for name, row in standings.items()}
    aside = [name for name, row in standings.items() if row["suppressed"]]
    named = pl.col("fingerprint")
    told = audit.findings.with_columns(
        mark=named.replace_strict(marks, default=None, return_dtype=pl.String),
        set_aside=named.is_in(aside),
    )
    grouped = told.group_by("layer", "clause", maintain_order=True)
    return {(layer, clause): rows for (layer, clause), rows in grouped}


def _case(  # noqa: PLR0913 (the last one is said of drafts alone)
    place: Place,
    ground: Ground,
    found: Mapping[Place, pl.DataFrame],
    language: Language,
    draft: str = "",
) -> _Case:
    name = f"{place[1]} {ground.cited(language)}"
    if draft:
        return _Case(name, _SKIPPED, message=draft)
    rows = found.get(place)
    if rows is None:
        return _Case(name)
    if rows["set_aside"].all():
        told = phrase("junit-set-aside", language, findings=f"{rows.height:,}")
        return _Case(name, _SKIPPED, message=told, text=_text(rows, language))
    undecided = rows.select(_undecided().all()).item()
    gravest = Severity(rows["severity"][0])
    facts = {
        "findings": f"{rows.height:,}",
        "severity": phrase(f"severity-{gravest}", language),
    }
    key, outcome = ("junit-undecided", _ERROR) if undecided else ("junit-findings", _FAILURE)
    return _Case(name, outcome, gravest, phrase(key, language, **facts), _text(rows, language))


def _undecided() -> pl.Expr:
    """Whether nobody can say that it is a violation, or that a duty was missed."""
    verdict = (pl.col("verdict") == Verdict.INDETERMINATE.value).fill_null(value=False)
    return verdict | pl.col("cause_code").is_in(_UNKNOWN)


def _text(rows: pl.DataFrame, language: Language) -> str:
    """The gravest findings with cause, remedy and examples, and how many there are besides."""
    told = []
    for row in rows.head(_MOST).to_dicts():
        severity = phrase(f"severity-{row['severity']}", language)
        remedy = phrase("run-remedy", language, remedy=row[f"remedy_{language}"])
        told += ["", f"[{severity}] {row[f'cause_{language}']}", remedy]
        if row["mark"]:
            told.append(phrase("triage-mark-line", language, mark=row["mark"]))
        if row["examples"]:
            examples = phrase("cli-list", language).join(row["examples"])
            told.append(phrase("run-examples", language, flows=examples))
    if rows.height > _MOST:
        told += ["", phrase("junit-left-out", language, left=f"{rows.height - _MOST:,}")]
    return "\n".join(told) + "\n"
