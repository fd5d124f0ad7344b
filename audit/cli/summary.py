"""What a compliance officer needs first of an audit, as a page."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from audit.cli.checking import notices_page, rows_page
from audit.cli.drafts import drafts_page
from audit.cli.duties import duties_page
from audit.cli.exports import exports_page
from audit.cli.page import Block, Heading, Line, Table, Tone
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit import Audit

_GRAVEST = 5
_MOST_REASONS = 10
_CONFLICTS = 8
_VERDICT_TONES = {"violation": Tone.bad, "indeterminate": Tone.doubt, "permitted": Tone.good}
_SEVERITY_TONES = {"critical": Tone.bad, "high": Tone.bad, "medium": Tone.doubt, "low": Tone.plain}


def overview(
    audit: "Audit", language: Language, unreviewed: Collection[str] = ()
) -> Iterator[Block]:
    """Conclusion, conflicts, verdicts, rows, findings, graph, and last what must not be overlooked.

    `unreviewed` are clauses of the agreement that nobody has compared with its text.
    """
    yield conclusion(audit, language)
    yield from _conflicts(audit, language)
    yield from _verdicts(audit, language)
    yield from rows_page(audit.rows, language)
    yield from _findings(audit, unreviewed, language)
    yield from duties_page(audit, language)
    yield from _graph(audit, language)
    yield from exports_page(audit, language)
    yield from drafts_page(audit, language)
    yield from _rejected(audit, language)
    yield from notices_page((*audit.notices, *audit.graph.notices), language)


def conclusion(audit: "Audit", language: Language) -> Line:
    """The answer in one line: what was found, and what could not be judged."""
    from audit.reports.conclusion import conclusion as concluded

    text, meant = concluded(audit, language)
    return Line(text, _VERDICT_TONES[meant])


def _conflicts(audit: "Audit", language: Language) -> Iterator[Block]:
    """What the agreement allows and the statute does not, and the other way round."""
    from audit import Layer

    for layer in reversed(Layer):
        found = audit.conflicts.filter(violates=layer.value)
        if found.is_empty():
            continue
        flows = int(found["flows"].sum())
        yield Heading(phrase(f"run-conflict-{layer}", language, flows=f"{flows:,}"))
        columns = ("forbidden_by", "allowed_by", "flows", "examples")
        headings = tuple(phrase(f"run-conflict-{column}", language) for column in columns)
        rows = [_conflict(each, language) for each in found.head(_CONFLICTS).to_dicts()]
        yield Table(headings, tuple(rows), numbers=frozenset({2}))
        if found.height > _CONFLICTS:
            left = found.height - _CONFLICTS
            yield Line(phrase("run-more-conflicts", language, left=left), Tone.doubt, indent=1)


def _conflict(each: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    forbidden, allowed = (
        phrase("clause-list", language).join(each[side]) for side in ("forbidden_by", "allowed_by")
    )
    examples = phrase("cli-list", language).join(each["examples"])
    return forbidden, allowed, f"{each['flows']:,}", examples


def _verdicts(audit: "Audit", language: Language) -> Iterator[Block]:
    from audit import Verdict

    headings = [phrase("run-layer", language)]
    headings += [phrase(f"verdict-{verdict}", language) for verdict in reversed(Verdict)]
    rows = [
        (
            phrase(f"layer-{layer}", language),
            *(_share(counts[verdict], sum(counts.values())) for verdict in reversed(Verdict)),
        )
        for layer, counts in audit.counts.items()
    ]
    yield Heading(phrase("run-verdicts", language))
    yield Table(tuple(headings), tuple(rows), numbers=frozenset(range(1, len(headings))))


def _share(count: int, total: int) -> str:
    """A count with its share; a share is never rounded to nothing or to all."""
    if not count:
        return "0"
    tenths = min(max(round(count * 1000 / total), 1), 999) if count < total else 1000
    return f"{count:,} ({tenths // 10}.{tenths % 10}%)"


def _rejected(audit: "Audit", language: Language) -> Iterator[Block]:
    """The reasons for which rows were rejected, the most frequent first."""
    from audit.reports.rejections import rejections

    counted = rejections(audit.rejected)
    if not counted:
        return
    yield Heading(phrase("run-rejected-because", language))
    for each in counted[:_MOST_REASONS]:
        yield Line(phrase("run-reason", language, **each), Tone.doubt, indent=1)
    if len(counted) > _MOST_REASONS:
        left = len(counted) - _MOST_REASONS
        yield Line(phrase("run-more-reasons", language, reasons=left), Tone.doubt, indent=1)


def _findings(audit: "Audit", unreviewed: Collection[str], language: Language) -> Iterator[Block]:
    from audit.findings.missed import verdict_findings

    findings = verdict_findings(audit.findings)
    if findings.is_empty():
        return
    gravest = findings.head(_GRAVEST).to_dicts()
    facts = {"shown": len(gravest), "findings": findings.height}
    yield Heading(phrase("run-findings", language, **facts))
    from audit import cite_told

    cites = {
        (pack.layer.value, clause.id): cite_told(clause.cite, language)
        for pack in audit.packs
        for clause in pack.clauses
    }
    for name in unreviewed:
        place = ("contract", name)
        cites[place] = phrase("clause-unreviewed", language, clause=cites.get(place, name))
    for number, finding in enumerate(gravest, start=1):
        yield from _finding(number, finding, cites, language)


def _finding(
    number: int, finding: dict[str, Any], cites: Mapping[tuple[str, str], str], language: Language
) -> Iterator[Block]:
    from audit import people_told

    clause = finding["clause"]
    facts = {
        "number": number,
        "severity": phrase(f"severity-{finding['severity']}", language),
        "clause": clause,
        "cite": cites.get((finding["layer"], clause)) or _without_cite(clause, language),
        **{name: f"{finding[name]:,}" for name in ("flows", "records")},
        "people": people_told(finding["subjects"], finding["whole_base"], language),
    }
    yield Line(
        phrase("run-finding", language, **facts), _SEVERITY_TONES[finding["severity"]], indent=1
    )
    yield Line(finding["cause"], indent=2)
    yield Line(phrase("run-remedy", language, remedy=finding["remedy"]), indent=2)
    if finding["examples"]:
        examples = phrase("cli-list", language).join(finding["examples"])
        yield Line(phrase("run-examples", language, flows=examples), Tone.faint, indent=2)


def _without_cite(clause: str, language: Language) -> str:
    """What no document says: that there is no ground, and the checks of the graph."""
    return phrase(f"ground-{clause}", language)


def _graph(audit: "Audit", language: Language) -> Iterator[Block]:
    import polars as pl

    from audit import Layer, Verdict

    worst = [pl.col(f"{layer}_{Verdict.VIOLATION}") > 0 for layer in Layer]
    traces = audit.traces
    facts = {
        "parties": int(audit.graph.nodes["seen"].sum()),
        "edges": audit.edges.height,
        "violating": audit.edges.filter(pl.any_horizontal(worst)).height,
        "onward": traces.onward.height,
        "outside": traces.onward.filter(pl.col("within_scope") == "false").height,
    }
    yield Heading(phrase("run-graph", language))
    yield Line(phrase("run-graph-edges", language, **facts), indent=1)
    yield Line(phrase("run-graph-onward", language, **facts), indent=1)
    counted = {
        "run-graph-unreceived": traces.unreceived.height,
        "run-graph-unregistered": traces.unregistered.height,
    }
    for key, count in counted.items():
        if count:
            yield Line(phrase(key, language, count=count), Tone.doubt, indent=1)
