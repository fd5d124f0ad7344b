"""The findings as SARIF 2.1.0, which code hosts and dashboards of findings read."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from audit.findings.finding import Severity
from audit.findings.known import Since
from audit.flowgraph.building import plain
from audit.outcome import FLOWS, Audit, canonical, product_version
from audit.reports.grounds import GRAPH, grounds, name_of
from audit.reports.rejections import rejections
from audit.reports.standings import suppressions
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from audit.outcome import InputFile
    from audit.publishing import Writer
    from audit.reports.duties import Key
    from audit.reports.grounds import Ground, Place

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_FINGERPRINT = "consentAudit/v1"  # a finding keeps its fingerprint from run to run
_HOSTS_FINGERPRINT = "primaryLocationLineHash"  # else results of one rule in one file are one
_LANGUAGES = {Language.zh: "zh-CN", Language.en: "en-US"}
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_PROPERTIES = {
    "layer": "layer",
    "verdict": "verdict",
    "clause": "clause",
    "severity": "severity",
    "purpose": "purpose",
    "operation": "operation",
    "categories": "categories",
    "flows": "flows",
    "subjects": "subjects",
    "whole_base": "wholeBase",
    "records": "records",
    "first_seen": "firstSeen",
    "last_seen": "lastSeen",
    "examples": "examples",
    "cause_code": "causeCode",
    "nearest": "nearest",
}
_STATES = {Since.NEW: "new", Since.WORSE: "updated", Since.KNOWN: "unchanged"}
_ABSENT = "absent"
_EMPTY = b'"results":[]'  # in a text of JSON only a key looks so, and only one key is so called


def render(
    audit: Audit, _key: Key = None, language: Language | None = None
) -> Mapping[str, Writer]:
    """report.sarif: a rule for whatever a finding rests on, a result for each finding.

    No customer is named in it; counts of people stand among a result's properties.
    """
    return {"report.sarif": partial(_write, audit, language or audit.options.language)}


def _write(audit: Audit, language: Language, path: Path) -> None:
    """Finding by finding, for there may be a hundred thousand."""
    told = grounds(audit)
    before, after = canonical(_document(audit, told, language)).split(_EMPTY)
    with path.open("wb") as file:
        file.write(before + b'"results":[')
        file.writelines(_separated(_results(audit, told, language)))
        file.write(b"]" + after + b"\n")


def _separated(results: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    for number, result in enumerate(results):
        yield (b",\n" if number else b"\n") + canonical(result)


def _document(audit: Audit, told: Mapping[Place, Ground], language: Language) -> dict[str, Any]:
    spoken = _LANGUAGES[language]
    driver = {
        "name": "consent-audit",
        "version": product_version(),
        "language": spoken,
        "rules": [_rule(place, ground, language) for place, ground in told.items()],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"consent-audit/{audit.run_id}"},
        "language": spoken,
        "artifacts": [*map(_artifact, sorted(audit.inputs, key=_place))],
        "invocations": [_invocation(audit, language)],
        "results": [],
        "properties": _properties(audit),
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _place(file: InputFile) -> tuple[str, str]:
    return file.table, file.name


def _uri(file: InputFile) -> str:
    return quote(file.name.encode(errors="surrogateescape"))


def _artifact(file: InputFile) -> dict[str, Any]:
    return {
        "location": {"uri": _uri(file)},
        "roles": ["analysisTarget"],
        "hashes": {"sha-256": file.digest},
        "properties": {"table": file.table, "rows": file.rows},
    }


def _rule(place: Place, ground: Ground, language: Language) -> dict[str, Any]:
    """The rule in the language of the report; its help in both, that one first."""
    both = (language, *(other for other in Language if other is not language))
    told: dict[str, Any] = {
        "id": ground.name,
        "shortDescription": {"text": ground.cited(language)},
        "fullDescription": {"text": ground.gist.into(language)},
        "help": {"text": "\n\n".join(_help(ground, each) for each in both)},
        "properties": {"layer": place[0] or GRAPH, "clause": place[1]},
    }
    if ground.pack:
        told["properties"] |= {
            "cite": ground.cite,
            "pack": ground.pack.id,
            "packVersion": ground.pack.version,
            "packDigest": ground.pack.digest,
        }
    return told


def _help(ground: Ground, language: Language) -> str:
    """Where it stands, what it says, and how it is read."""
    gist = ground.gist.into(language)
    lines = [ground.cited(language), gist, ground.note.into(language) if ground.note else ""]
    return "\n".join(line for line in dict.fromkeys(lines) if line)


def _invocation(audit: Audit, language: Language) -> dict[str, Any]:
    """What the reader must know beside the results: notices, and why rows were rejected."""
    notices = (*audit.notices, *audit.graph.notices)
    told = chain(
        ((notice.code, sentence(notice, language)) for notice in notices),
        (
            (f"rejected/{each['code']}", phrase("run-reason", language, **each))
            for each in rejections(audit.rejected)
        ),
    )
    return {
        "executionSuccessful": True,
        "toolExecutionNotifications": [
            {"descriptor": {"id": code}, "level": "warning", "message": {"text": text}}
            for code, text in dict.fromkeys(told)
        ],
    }


def _properties(audit: Audit) -> dict[str, Any]:
    flows = audit.rows["flows"]
    return {
        "runId": audit.run_id,
        "asOf": audit.as_of.isoformat() if audit.as_of else None,
        "verdicts": audit.counts,
        "findings": audit.severities,
        "flows": {"read": flows.rows, "judged": flows.judged, "rejected": flows.rejected},
        **({"triage": audit.triaged.told()} if audit.triaged else {}),
        **({"baseline": {"run": audit.held.run_id, **audit.held.counts}} if audit.held else {}),
    }


def _results(
    audit: Audit, told: Mapping[Place, Ground], language: Language
) -> Iterator[dict[str, Any]]:
    """The findings, gravest first as the run has them; last those that only a baseline has."""
    numbers = {place: number for number, place in enumerate(told)}
    table = _table(audit)
    marks = suppressions(audit, language)
    findings = audit.held.findings if audit.held else audit.findings
    for row in findings.iter_rows(named=True):
        place = (row["layer"], row["clause"])
        parties = [_party(row[side], side) for side in ("sender", "recipient") if row[side]]
        yield {
            "ruleId": told[place].name,
            "ruleIndex": numbers[place],
            "level": _LEVELS[row["severity"]],
            "message": {"text": _message(row, language)},
            "partialFingerprints": _fingerprints(row),
            "locations": _locations(table, parties),
            "properties": {
                name: _cell(row[column])
                for column, name in _PROPERTIES.items()
                if row[column] is not None
            },
            **_since(row),
            **({"suppressions": marks.get(row["fingerprint"], [])} if audit.triaged else {}),
        }
    if audit.held:
        gone = audit.held.gone.iter_rows(named=True)
        yield from (_gone(row, language) | {"locations": _locations(table, [])} for row in gone)


def _table(audit: Audit) -> dict[str, Any]:
    """The table of flows as a place, its first line standing for the whole; empty without one."""
    inputs = sorted(audit.inputs, key=_place)
    files = [(number, file) for number, file in enumerate(inputs) if file.table == FLOWS]
    if not files:
        return {}
    number, file = files[0]
    place = {"artifactLocation": {"uri": _uri(file), "index": number}, "region": {"startLine": 1}}
    return {"physicalLocation": place}


def _locations(table: Mapping[str, Any], parties: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The one location: code hosts refuse a file with a result that is in no artifact."""
    location = {**table, **({"logicalLocations": parties} if parties else {})}
    return [location] if location else []


def _fingerprints(row: Mapping[str, Any]) -> dict[str, str]:
    """The finding's fingerprint, under our name and under the one that code hosts compare."""
    return dict.fromkeys((_FINGERPRINT, _HOSTS_FINGERPRINT), row["fingerprint"])


def _since(row: Mapping[str, Any]) -> dict[str, str]:
    """What became of it since the baseline, where there is one."""
    return {"baselineState": _STATES[row["since"]]} if "since" in row else {}


def _gone(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """A finding of the baseline alone; no baseline says who its parties were.

    Not all readers know the state: by kind and level it is no fault to any of them.
    """
    return {
        "ruleId": name_of(row["layer"], row["clause"]),
        "kind": "informational",
        "level": "none",
        "message": {"text": phrase("baseline-absent", language)},
        "partialFingerprints": _fingerprints(row),
        "baselineState": _ABSENT,
        "properties": {"severity": row["severity"]},
    }


def _message(row: Mapping[str, Any], language: Language) -> str:
    remedy = phrase("run-remedy", language, remedy=row[f"remedy_{language}"])
    return f"{row[f'cause_{language}']}\n{remedy}"


def _party(party: str, side: str) -> dict[str, str]:
    return {"name": party, "fullyQualifiedName": party, "kind": side}


def _cell(value: object) -> object:
    return value if isinstance(value, list | bool) else plain(value)
