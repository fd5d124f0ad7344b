"""The duties of a run as lines: how many in which state, the gravest, and those of one flow."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.cli.page import Block, Heading, Line, Tone
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from audit import Audit

_GRAVEST = 3
_TONES = {"critical": Tone.bad, "high": Tone.bad, "medium": Tone.doubt, "low": Tone.plain}


def duties_page(audit: "Audit", language: Language) -> Iterator[Block]:
    """As of when, how many duties are in which state, and the gravest that were missed."""
    from audit.evaluation.duties import DutyState
    from audit.reports.duties import imposed
    from audit.sources.zones import zone_of

    if not imposed(audit):
        return
    zone = zone_of(audit.options.timezone)
    yield Heading(phrase("run-duties", language, as_of=_as_of(audit.as_of, zone, language)))
    if not audit.duty_rows.height:
        yield Line(phrase("run-duties-none", language), indent=1)
        return
    found = Counter[str]()
    for _, _, state, count in audit.duty_rows.counts.iter_rows():
        found[state] += count
    counts = {state.value: f"{found.get(state.value, 0):,}" for state in DutyState}
    tone = Tone.bad if found.get(DutyState.BREACHED.value) else Tone.plain
    yield Line(phrase("run-duties-told", language, **counts), tone, indent=1)
    for number, finding in enumerate(_gravest(audit), start=1):
        yield from _missed(number, finding, zone, language)


def _as_of(when: "datetime | None", zone: "tzinfo", language: Language) -> str:
    if when is None:
        return phrase("run-duties-as-of-none", language)
    return f"{when.astimezone(zone):%Y-%m-%d %H:%M}"


def _gravest(audit: "Audit") -> list[dict[str, Any]]:
    from audit.findings.missed import missed_duties

    return list(missed_duties(audit.findings).head(_GRAVEST).to_dicts())


def _missed(
    number: int, finding: Mapping[str, Any], zone: "tzinfo", language: Language
) -> Iterator[Block]:
    """What was missed, of how many, since when, and the remedy."""
    from audit import people_told

    severity = phrase(f"severity-{finding['severity']}", language)
    told = phrase("run-duty", language, number=number, severity=severity, cause=finding["cause"])
    yield Line(told, _TONES[finding["severity"]], indent=1)
    since = "?"
    if finding["first_seen"] is not None:
        since = f"{finding['first_seen'].astimezone(zone):%Y-%m-%d}"
    people = people_told(finding["subjects"], finding["whole_base"], language)
    if finding["subjects"] or finding["whole_base"]:
        yield Line(phrase("run-duty-people", language, people=people, since=since), indent=2)
    else:
        yield Line(phrase("run-duty-cases", language, since=since), indent=2)
    yield Line(phrase("run-remedy", language, remedy=finding["remedy"]), indent=2)
    if finding["examples"]:
        examples = phrase("cli-list", language).join(finding["examples"])
        yield Line(phrase("run-examples", language, flows=examples), Tone.faint, indent=2)


def explained_duties(run: Path, flow: str, zone: "tzinfo", language: Language) -> Iterator[Block]:
    """The duties that the flow raised or fulfilled, with what became of them in this run."""
    from audit import Desk, KeptRun, Reader, Role

    desk = Desk(KeptRun(run, ""), Reader(Role.officer))
    rows = desk.duties_of(flow)
    if rows.is_empty():
        return
    book = desk.dutybook()
    yield Heading(phrase("explain-duties", language, as_of=_as_of(book.as_of, zone, language)))
    for row in rows.to_dicts():
        told = book.told(row["layer"], row["duty"], language)
        facts = {
            "duty": row["duty"],
            "gist": told.gist if told else row["duty"],
            "cite": told.cite if told else "",
            "at": phrase("explain-duty-at", language, party=row["party"]) if row["party"] else "",
            "state": state_told(row, language),
            "due": f"{row['due'].astimezone(zone):%Y-%m-%d %H:%M}" if row["due"] else "?",
        }
        raised = row["event"] == "flow" and row["event_id"] == flow
        key = "explain-duty-raised" if raised else "explain-duty-done"
        yield Line(phrase(key, language, **facts), _STATES.get(row["state"], Tone.doubt), indent=1)


_STATES = {"fulfilled": Tone.good, "breached": Tone.bad, "pending": Tone.plain}


def state_told(row: Mapping[str, Any], language: Language) -> str:
    """The state in words; of what was done too late that it was done."""
    late = row["state"] == "breached" and row["done_by"]
    return phrase("duty-late" if late else f"duty-state-{row['state']}", language)
