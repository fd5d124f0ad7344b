"""The specification of duties (semantics, section 7), in plain Python, one event at a time.

It stands on `tests/reference.py` and shares nothing with the engine. Nothing here is fast: every
event is compared with every row.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from tests import reference
from tests.reference import (
    CARRIER,
    CHINA,
    FALSE,
    TRUE,
    UNKNOWN,
    WHOLE_BASE,
    Case,
    Cells,
    Truth,
    World,
    among,
    either,
    truth,
)

CALENDAR = Path(__file__).parents[1] / "consent_schemas" / "calendar" / "cn_holidays.toml"
DAY = timedelta(days=1)
LONGEST = timedelta(days=10)


class Row(NamedTuple):
    """One row of the table of duties."""

    layer: str
    duty: str
    event: str
    event_id: str
    subject: str | None
    party: str | None
    arisen_at: datetime
    due: datetime
    state: str
    done_by: str | None
    done_at: datetime | None
    flows: int


@dataclass(frozen=True)
class Event:
    """Something that raises a duty, or may."""

    own_id: str
    at: datetime
    value: Truth
    subject: str | None = None
    party: str | None = None
    flows: int = 1


@dataclass(frozen=True)
class Act:
    """Something that fulfils a duty, or may."""

    name: str
    at: datetime
    value: Truth


@dataclass(frozen=True)
class Term:
    """Until when an act is certainly in time, the day that is told, and from when it is late."""

    sure: datetime
    due: datetime
    late: datetime


@dataclass(frozen=True)
class Scene:
    """One duty of one pack, and the world as of an instant."""

    world: World
    duty: Mapping[str, Any]
    as_of: datetime
    values: dict[tuple[str, int], Truth] = field(default_factory=dict)  # worked out before

    @property
    def fulfilled(self) -> Mapping[str, Any]:
        """What fulfils it."""
        told: Mapping[str, Any] = self.duty["fulfilled"]
        return told

    @cached_property
    def flows(self) -> list[Cells]:
        """The valid flows that are looked at."""
        return [flow for flow in self.world.flows.values() if flow["occurred_at"] <= self.as_of]

    @cached_property
    def evidence(self) -> list[Cells]:
        """The rows that are looked at: those that ever hold, and began by then."""
        rows = self.world.evidence.values()
        return [row for row in rows if row["valid_from"] <= self.as_of and ever_holds(row)]


def duties_of(
    tables: Mapping[str, Sequence[reference.Row]],
    packs: Sequence[Cells],
    vocabulary: Cells,
    *,
    as_of: str | None = None,
    **how: Any,  # noqa: ANN401 (complete and timezone, as `judge` takes them)
) -> list[Row]:
    """Every row of the table of duties, in its order."""
    world = reference.read_world(tables, packs, vocabulary, **how)
    zone = reference.zone_of(how.get("timezone", "+08:00"))
    last = max((flow["occurred_at"] for flow in world.flows.values()), default=None)
    now = reference.read_end(as_of, zone) if as_of else last
    if now is None:
        return []
    rows = [
        told(scene, event, layer)
        for layer, scene in scenes(world, packs, now)
        for event in events(scene)
    ]
    return sorted(rows, key=lambda row: [(cell is not None, cell) for cell in row])


def scenes(world: World, packs: Sequence[Cells], now: datetime) -> Iterator[tuple[str, Scene]]:
    """Every duty that is no draft, with its layer."""
    for pack in packs:
        for duty in pack.get("duty", ()):
            if not duty.get("draft"):
                yield pack["pack"]["layer"], Scene(world, duty, now)


# ------------------------------------------------------------------ what raises a duty


def events(scene: Scene) -> Iterator[Event]:
    """Every event that raises the duty, or may."""
    raised = EVENTS[scene.duty["arises"]["event"]](scene)
    earlier = scene.duty["arises"].get("earlier")
    for event, row in raised:
        if event.value is FALSE:
            continue
        if earlier is None:
            yield event
            continue
        for party, value in sorted(earlier_parties(scene, event, row).items()):
            if value is not FALSE:
                raised_by = min(event.value, value)
                yield Event(event.own_id, event.at, raised_by, event.subject, party)


def by_flow(scene: Scene) -> Iterator[tuple[Event, Cells]]:
    """Event flow: each flow, or the earliest of each relation."""
    words = scene.duty["arises"]["flow"]
    valued = [(flow, flow_value(scene, flow, words)) for flow in scene.world.flows.values()]
    if scene.duty.get("per") != "relation":
        for flow, value in valued:
            at, subject = flow["occurred_at"], flow["subject_id"]
            yield Event(flow["flow_id"], at, value, subject, flow["recipient"]), flow
        return
    relations: dict[tuple[Any, ...], list[Cells]] = {}
    for flow, value in valued:
        key = (flow["sender"], flow["recipient"], flow["purpose"], value)
        relations.setdefault(key, []).append(flow)
    for (_, recipient, _, value), flows in relations.items():
        first = min(flows, key=lambda flow: (flow["occurred_at"], flow["flow_id"]))
        event = Event(first["flow_id"], first["occurred_at"], value, None, recipient, len(flows))
        yield event, first


def by_evidence(scene: Scene) -> Iterator[tuple[Event, Cells]]:
    """Event evidence, at valid_from, and evidence_ends, at valid_until."""
    arises = scene.duty["arises"]
    column = "valid_from" if arises["event"] == "evidence" else "valid_until"
    for row in scene.world.evidence.values():
        if row[column] is not None and ever_holds(row):
            value = evidence_value(scene, row, arises["evidence"])
            yield Event(row["evidence_id"], row[column], value, row["subject_id"]), row


def by_withdrawal(scene: Scene) -> Iterator[tuple[Event, Cells]]:
    """Event withdrawal: consent that ended because it was withdrawn."""
    for rows in scene.world.consents.values():
        for row in rows:
            at = row["withdrawn_at"]
            allows = row["effect"] != "forbid" and not reference.is_base(row)
            if at is not None and allows and row["end"] == at and row["given_at"] < at:
                yield Event(row["consent_id"], at, TRUE, row["subject_id"]), row


def by_agreement(scene: Scene) -> Iterator[tuple[Event, Cells]]:
    """Event agreement_ends: the contract with, or control of, a party."""
    asked, words = scene.duty["arises"].get("party", {}), scene.world.vocabulary
    mapped = {"role": words.roles, "legal_role": words.legal_roles}
    for own_id, row in scene.world.parties.items():
        at = row["agreement_until"]
        if at is not None:
            tests = [among(mapped[word], row[word], tuple(asked[word])) for word in asked]
            yield Event(own_id, at, min([TRUE, *tests]), None, own_id), row


EVENTS = {
    "flow": by_flow,
    "evidence": by_evidence,
    "evidence_ends": by_evidence,
    "withdrawal": by_withdrawal,
    "agreement_ends": by_agreement,
}


def earlier_parties(scene: Scene, event: Event, row: Cells) -> dict[str, Truth]:
    """The recipients of earlier flows, each with the best value of these."""
    kind, words = scene.duty["arises"]["event"], scene.duty["arises"]["earlier"]
    best: dict[str, Truth] = {}
    for flow in scene.flows:
        ends = kind == "agreement_ends"
        about = flow["recipient"] == event.party if ends else flow["subject_id"] == event.subject
        if not about or flow["occurred_at"] >= event.at:
            continue
        value = flow_value(scene, flow, words)
        if kind == "withdrawal":
            value = min(value, covered(scene, flow, row))
        best[flow["recipient"]] = max(value, best.get(flow["recipient"], FALSE))
    return best


def covered(scene: Scene, flow: Cells, row: Cells) -> Truth:
    """Whether consent that was withdrawn covered the flow."""
    if flow["occurred_at"] < row["given_at"]:
        return FALSE
    case, holder = Case(flow, scene.world), flow["recipient"]
    categories = flow["data_categories"]
    return either(reference.match_of_consent(case, row, holder, each) for each in categories)


def flow_value(scene: Scene, flow: Cells, words: Mapping[str, Any]) -> Truth:
    """The flow words, of the best category."""
    key = (flow["flow_id"], id(words))
    if key not in scene.values:
        scene.values[key] = worked_out(scene, flow, words)
    return scene.values[key]


def worked_out(scene: Scene, flow: Cells, words: Mapping[str, Any]) -> Truth:
    """Flow words from the words of clauses."""
    case, clause = Case(flow, scene.world), reference.Clause("duty", "permit", words)
    return either(
        min([TRUE, *(reference.condition(case, category, clause, word) for word in words)])
        for category in flow["data_categories"]
    )


def evidence_value(scene: Scene, row: Cells, kind: str) -> Truth:
    """What a row of evidence is worth by itself."""
    kinds = scene.world.vocabulary.kinds
    above = UNKNOWN if row["amount"] is None else truth(row["amount"] > 0)
    return min(among(kinds, row["kind"], (kind,)), above if kinds[kind].amount else TRUE)


def ever_holds(row: Cells) -> bool:
    """Section 2: an end not after the start never holds."""
    return row["valid_until"] is None or row["valid_from"] < row["valid_until"]


# ------------------------------------------------------------------ until when


@cache
def calendar() -> dict[int, tuple[set[date], set[date]]]:
    """Days off and weekends worked, by year."""
    years = tomllib.loads(CALENDAR.read_text("utf-8"))["year"]
    return {
        entry["year"]: (
            {day for first, last in entry["off"] for day in days(first, last)},
            {date.fromisoformat(day) for day in entry["worked"]},
        )
        for entry in years
    }


def days(first: str, last: str) -> Iterator[date]:
    """Every day of a span."""
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        yield day
        day += DAY


def end_of(day: date) -> datetime:
    """24:00 of a day in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA) + DAY


def term(duty: Mapping[str, Any], at: datetime) -> Term:
    """The period of a duty that arose then; beyond the calendar it never ends."""
    try:
        return counted(duty["due"], at)
    except OverflowError:
        never = datetime.max.replace(tzinfo=UTC)
        return Term(never, never, never)


def counted(due: Mapping[str, Any], at: datetime) -> Term:
    """The period as it is counted."""
    if due.get("before"):
        return Term(at, at, at)
    if "hours" in due:
        until = at + timedelta(hours=due["hours"])
        return Term(until, until, until)
    last = at.astimezone(CHINA).date() + due["days"] * DAY
    day, known, table = last, True, calendar()
    while True:
        known = known and day.year in table
        off, worked = table.get(day.year, (set(), set()))
        rests = day in off or (day.weekday() >= 5 and day not in worked)
        if not rests:
            break
        day += DAY
    rolled = end_of(day)
    return Term(rolled, rolled, rolled) if known else Term(end_of(last), rolled, rolled + LONGEST)


# ------------------------------------------------------------------ acts, and that there is none


def acts(scene: Scene, event: Event) -> Iterator[Act]:
    """Every act that may fulfil the duty, with its value; another person's never does."""
    for kind in reference.listed(scene.fulfilled.get("evidence", ())):
        for row in scene.evidence:
            about = same_subject(scene, event, row["subject_id"], kind)
            if about is FALSE:
                continue
            value = min(
                about,
                evidence_value(scene, row, kind),
                issued(scene, event, row),
                names_party(scene, event, row),
                since(scene, event, row["valid_from"]),
            )
            yield Act(f"evidence:{row['evidence_id']}", row["valid_from"], value)
    if "flow" in scene.fulfilled:
        end = scene.fulfilled.get("party")
        for flow in scene.flows:
            about = same_subject(scene, event, flow["subject_id"], None)
            if about is FALSE or (end is not None and flow[end] != event.party):
                continue
            value = min(
                about,
                flow_value(scene, flow, scene.fulfilled["flow"]),
                since(scene, event, flow["occurred_at"]),
            )
            yield Act(f"flow:{flow['flow_id']}", flow["occurred_at"], value)


def is_nobody(subject: str | None) -> bool:
    """Nobody by name: null, or the whole base."""
    return subject in {None, WHOLE_BASE}


def same_subject(scene: Scene, event: Event, subject: str | None, kind: str | None) -> Truth:
    """The test of the subject; `kind` is None for a flow."""
    if is_nobody(subject) and is_nobody(event.subject):
        return TRUE
    if is_nobody(subject) and kind and subject is None:
        return TRUE if scene.world.vocabulary.kinds[kind].subject_optional else UNKNOWN
    if is_nobody(subject) or is_nobody(event.subject):
        return UNKNOWN
    return truth(subject == event.subject)


def issued(scene: Scene, event: Event, row: Cells) -> Truth:
    """The test of the issuer."""
    asked, issuer = scene.fulfilled.get("issued_by"), row["issued_by"]
    if asked is None:
        return TRUE
    if issuer is None:
        return UNKNOWN
    if asked == "party":
        return truth(issuer == event.party)
    role = scene.world.parties.get(issuer, reference.UNREGISTERED)["role"]
    return among(scene.world.vocabulary.roles, role, (CARRIER,))


def names_party(scene: Scene, event: Event, row: Cells) -> Truth:
    """The test of the reference."""
    if not scene.fulfilled.get("names_party"):
        return TRUE
    named = row["reference"]
    if named is not None and named == event.party:
        return TRUE
    return FALSE if named in scene.world.parties else UNKNOWN


def since(scene: Scene, event: Event, at: datetime) -> Truth:
    """The test of `since`: evidence of that kind began by then."""
    kind = scene.duty["due"].get("since")
    if kind is None:
        return TRUE
    began = either(
        min(
            evidence_value(scene, row, kind),
            same_subject(scene, event, row["subject_id"], kind),
        )
        for row in scene.evidence
        if row["valid_from"] <= at
    )
    return max(began, no_evidence(scene, event, kind, bound=False))


def no_evidence(scene: Scene, event: Event, kind: str, *, bound: bool = True) -> Truth:
    """What it means that no row is seen: false only where the register is known to lack it."""
    world, taints = scene.world, scene.world.taints
    lost = any(table == "evidence" for table, *_ in world.rejected)
    optional = world.vocabulary.kinds[kind].subject_optional
    if lost and (is_nobody(event.subject) or optional):
        return UNKNOWN
    if taints.all_evidence_subjects or event.subject in taints.evidence_subjects:
        return UNKNOWN
    if f"evidence.{kind}" in world.complete:
        return FALSE
    return (
        FALSE if any(speaks(scene, event, row, kind, bound) for row in scene.evidence) else UNKNOWN
    )


def speaks(scene: Scene, event: Event, row: Cells, kind: str, bound: bool) -> bool:  # noqa: FBT001
    """Whether a row shows that the register is kept for this very subject, or party."""
    if row["kind"] != kind:
        return False
    if not is_nobody(event.subject):
        return bool(row["subject_id"] == event.subject)
    if not bound or event.party is None:
        return False
    by_issuer = scene.fulfilled.get("issued_by") == "party" and row["issued_by"] == event.party
    by_name = scene.fulfilled.get("names_party") and row["reference"] == event.party
    return bool(by_issuer or by_name)


def absence(scene: Scene, event: Event) -> Truth:
    """What it means that no act is seen."""
    kinds = reference.listed(scene.fulfilled.get("evidence", ()))
    values = [no_evidence(scene, event, kind) for kind in kinds]
    if "flow" in scene.fulfilled:
        lost = any(table == "flows" for table, *_ in scene.world.rejected)
        values.append(UNKNOWN if lost or "flows" not in scene.world.complete else FALSE)
    return either(values)


# ------------------------------------------------------------------ the state


def told(scene: Scene, event: Event, layer: str) -> Row:
    """The row of one event."""
    until = term(scene.duty, event.at)
    seen = list(acts(scene, event))
    state, act = state_of(scene, event, until, seen)
    return Row(
        layer,
        scene.duty["id"],
        scene.duty["arises"]["event"],
        event.own_id,
        event.subject,
        event.party,
        event.at,
        until.due,
        state,
        act.name if act else None,
        act.at if act else None,
        event.flows,
    )


def state_of(
    scene: Scene, event: Event, until: Term, seen: Sequence[Act]
) -> tuple[str, Act | None]:
    """The first state of the table that fits, and the act that is named."""
    if event.at > scene.as_of:
        return "not_due", None
    before = scene.duty["due"].get("before", False)
    sure = [
        act for act in seen if (act.at < event.at if before else event.at <= act.at < until.sure)
    ]
    maybe = [] if before else [act for act in seen if until.sure <= act.at < until.late]
    act = named(before, sure, [act for act in seen if act.at >= event.at])
    done = max(
        either(act.value for act in sure),
        min(UNKNOWN, either(act.value for act in maybe)),
        absence(scene, event),
        UNKNOWN if until.sure <= scene.as_of < until.late else FALSE,
    )
    if done is TRUE:
        return "fulfilled", act
    if event.value is UNKNOWN:
        return "undetermined", act
    if scene.as_of < until.sure:
        return "pending", act
    return ("fulfilment_unknown" if done is UNKNOWN else "breached"), act


def named(before: object, sure: Sequence[Act], after: Sequence[Act]) -> Act | None:
    """The act that is told: in time if there is one, else the earliest late one."""
    true = [act for act in sure if act.value is TRUE]
    late = [act for act in after if act.value is TRUE]
    if true and before:
        last = max(act.at for act in true)
        return min((act for act in true if act.at == last), key=lambda act: act.name)
    return min(true or late, key=lambda act: (act.at, act.name), default=None)
