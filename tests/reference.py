"""The specification: what every verdict means, in plain Python, one flow at a time.

Read it beside the semantics it states: each docstring names the section it follows. Nothing here is
fast or clever, and nothing is shared with the engine, which is held to it by comparison.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import IntEnum, StrEnum
from graphlib import TopologicalSorter
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, str | None]  # one row as written: every cell still text
Cells = Mapping[str, Any]  # one row as read: codes, lists (tuples), instants in UTC; null is None
Tree = Mapping[str, str | None]
Codes = tuple[str, ...]


# ------------------------------------------------------------------ section 3, the three values


class Truth(IntEnum):
    """Section 3: *and* is the minimum, *or* the maximum."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


FALSE, UNKNOWN, TRUE = Truth


def truth(holds: object) -> Truth:
    """A plain yes or no as one of the three values."""
    return TRUE if holds else FALSE


def negate(value: Truth) -> Truth:
    """Section 3: not unknown = unknown."""
    return Truth(TRUE - value)


def either(values: Iterable[Truth]) -> Truth:
    """Section 3: or = maximum; of nothing, false."""
    return max(values, default=FALSE)


def lineage(tree: Tree, code: str) -> Codes:
    """A code and its ancestors (section 1: a parent covers its children)."""
    parent = tree[code]
    return (code,) if parent is None else (code, *lineage(tree, parent))


def covers(tree: Tree, code: str | None, members: Codes | None) -> Truth:
    """Section 3, *Covers*, with its null list and its unmapped codes."""
    if not members or code is None or code not in tree:
        return UNKNOWN
    mapped = [member for member in members if member in tree]
    if any(member in lineage(tree, code) for member in mapped):
        return TRUE
    if any(code in lineage(tree, member) for member in mapped):
        return UNKNOWN
    return FALSE if len(mapped) == len(members) else UNKNOWN


def among(mapped: Container[str], code: str | None, members: Codes) -> Truth:
    """Section 3: a code compared with a flat list; null and unmapped codes are unknown."""
    if code is None or code not in mapped:
        return UNKNOWN
    if code in members:
        return TRUE
    return FALSE if all(member in mapped for member in members) else UNKNOWN


# ------------------------------------------------------------------ section 2, time

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
OFFSET = re.compile(r"[+-][0-9]{2}(:?[0-5][0-9])?")
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
INSTANT = re.compile(rf"{DAY.pattern}[T ]{CLOCK}(Z|{OFFSET.pattern})?")
CHINA = timezone(timedelta(hours=8))
MOMENT = timedelta(microseconds=1)


class Unreadable(ValueError):
    """A cell that says something, but nothing that its column can mean."""


def zone_of(name: str) -> tzinfo:
    """The zone of a run: an offset such as `+08:00`, or an IANA name."""
    if OFFSET.fullmatch(name):
        return datetime.fromisoformat(f"2000-01-01T00:00{name}").tzinfo or UTC
    return ZoneInfo(name)


def read_instant(text: str, zone: tzinfo) -> datetime:
    """Section 1: a time, in the zone of the run where it has no offset; never a bare date."""
    if not INSTANT.fullmatch(text):
        raise Unreadable(text)
    try:
        local = datetime.fromisoformat(text)
        return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable(text) from error


def read_start(text: str, zone: tzinfo) -> datetime:
    """Section 2: a bare date means 00:00 of that day as a start or as withdrawn_at."""
    return read_instant(f"{text}T00:00" if DAY.fullmatch(text) else text, zone)


def read_end(text: str, zone: tzinfo) -> datetime:
    """Section 2: a bare date means 24:00 of that day as any other end."""
    if not DAY.fullmatch(text):
        return read_instant(text, zone)
    try:
        return read_instant(f"{text}T23:59:59.999999", zone) + MOMENT
    except OverflowError as error:
        raise Unreadable(text) from error


def holds(start: datetime, end: datetime | None, moment: datetime) -> bool:
    """Section 2: half-open; a null end is open; an end not after the start never holds."""
    return start <= moment and (end is None or moment < end)


def month_of(moment: datetime) -> int:
    """The calendar month (+08:00) in which a moment lies, as a running number (section 3)."""
    local = moment.astimezone(CHINA)
    return local.year * 12 + local.month


# ------------------------------------------------------------------ section 1, the four tables

COLUMNS = {  # the first is the row's own id
    "flows": "flow_id occurred_at subject_id sender recipient data_categories purpose operation"
    " basis evidence_id channel records",
    "parties": "party_id name role purposes data_categories agreement_from agreement_until country"
    " legal_role licence parent",
    "consents": "consent_id subject_id document version recipient purposes data_categories kind"
    " given_at withdrawn_at expires_at effect",
    "evidence": "evidence_id kind subject_id issued_by valid_from valid_until amount reference",
}
REQUIRED = {
    "flows": "flow_id occurred_at subject_id sender recipient data_categories purpose operation",
    "parties": "party_id name role",
    "consents": "consent_id subject_id document kind given_at",
    "evidence": "evidence_id kind valid_from",
}
CLOSED = {
    ("parties", "legal_role"): ("processor", "handler", "joint"),
    ("consents", "kind"): ("agreement", "separate", "written"),
    ("consents", "effect"): ("allow", "forbid"),
}
CUSTOMER, SUBJECT, CARRIER, WHOLE_BASE = "CUSTOMER", "subject", "carrier", "*"
UNREGISTERED: Cells = dict.fromkeys(COLUMNS["parties"].split())


@dataclass(frozen=True)
class Kind:
    """Section 3, evidence: what a kind of evidence declares."""

    amount: bool = False
    issued_by_recipient: bool = False
    independent: bool = False
    subject_optional: bool = False
    other_person: bool = False
    names_recipient: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """Section 1: the mapped codes; every other code is unmapped."""

    roles: frozenset[str]
    operations: frozenset[str]
    channels: frozenset[str]
    countries: frozenset[str]
    legal_roles: frozenset[str]
    purposes: Tree
    categories: Tree
    kinds: Mapping[str, Kind]


class Refused(Exception):
    """Section 1: a rejected register row whose own id cannot be read refuses the input."""


class Rejected(Exception):
    """One row cannot be used; the message is a code: missing, reserved or repeated."""


def cell(row: Row, column: str) -> str | None:
    """Section 1: an empty cell is null."""
    return (row.get(column) or "").strip() or None


def read_list(text: str, _: tzinfo) -> Codes | None:
    """Section 1: lists are `;`-separated; an empty list is null.

    A separator may close a list; anywhere else an empty member is a code that was lost.
    """
    closed = text.rstrip("; ")
    members = [member.strip() for member in closed.split(";")]
    if closed and "" in members:
        raise Unreadable(text)
    return tuple(dict.fromkeys(members)) if closed else None


def read_amount(text: str, _: tzinfo) -> float:
    """Section 1, evidence.amount: a plain decimal number."""
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) or math.isinf(float(text)):
        raise Unreadable(text)
    return float(text)


def read_count(text: str, _: tzinfo) -> int:
    """Section 1, flows.records: a whole number, of 64 bits at most."""
    if not re.fullmatch("[0-9]+", text) or int(text) >= 2**63:
        raise Unreadable(text)
    return int(text)


READERS: dict[str, Callable[[str, tzinfo], Any]] = {
    "occurred_at": read_instant,
    "data_categories": read_list,
    "purposes": read_list,
    "records": read_count,
    "amount": read_amount,
    **dict.fromkeys(("agreement_from", "given_at", "withdrawn_at", "valid_from"), read_start),
    **dict.fromkeys(("agreement_until", "expires_at", "valid_until"), read_end),
}


def read_row(table: str, row: Row, zone: tzinfo) -> dict[str, Any]:
    """Section 1: the cells of a row. Raises Rejected or Unreadable."""
    cells: dict[str, Any] = {}
    for column in COLUMNS[table].split():
        text, words = cell(row, column), CLOSED.get((table, column))
        if text is not None and words and text not in words:
            raise Unreadable(text)
        cells[column] = READERS[column](text, zone) if text and column in READERS else text
        if cells[column] is None and column in REQUIRED[table].split():
            raise Rejected("missing")
    return cells | ends_of(row, cells) if table == "consents" else cells


def ends_of(row: Row, consent: Cells) -> dict[str, Any]:
    """Section 2: the end of a consents row is the earlier of its two.

    `last` lies in the month in which the row ended: a bare date that means 24:00 of a day ended it
    in the month of that day.
    """
    expires, withdrawn = consent["expires_at"], consent["withdrawn_at"]
    end = min((end for end in (expires, withdrawn) if end), default=None)
    by_day = end is not None and end == expires and DAY.fullmatch(cell(row, "expires_at") or "")
    return {"end": end, "last": end - MOMENT if by_day and end else end}


def reserved(table: str, cells: Cells, vocabulary: Vocabulary) -> bool:
    """Section 1: CUSTOMER is the subject, no party is named like a role, `*` is no person."""
    if table == "parties":
        impostor = cells["party_id"] == CUSTOMER and cells["role"] != SUBJECT
        return impostor or cells["party_id"] in vocabulary.roles
    return table == "consents" and cells["subject_id"] == WHOLE_BASE


def content(table: str, row: Row) -> Codes:
    """What a row says: register rows that say the same are identical repeats (section 1)."""
    return tuple(cell(row, column) or "" for column in COLUMNS[table].split())


def repeated_ids(table: str, rows: Sequence[Row]) -> set[str]:
    """Section 1: ids are unique; only a register may repeat one and the same row."""
    contents = [content(table, row) for row in rows]
    times = Counter(row[0] for row in (contents if table == "flows" else set(contents)))
    return {own_id for own_id, count in times.items() if own_id and count > 1}


def sift(
    table: str, rows: Sequence[Row], zone: tzinfo, vocabulary: Vocabulary
) -> tuple[dict[str, Cells], dict[int, str]]:
    """Section 1: the rows kept, by id, and why others are not; identical repeats are dropped."""
    repeated, kept, lost = repeated_ids(table, rows), dict[str, Cells](), dict[int, str]()
    seen: set[Codes] = set()
    for index, row in enumerate(rows):
        own_id, *_ = said = content(table, row)
        if table != "flows" and not own_id:
            raise Refused(f"{table}, row {index}: no id")
        if table != "flows" and said in seen:
            continue
        seen.add(said)
        try:
            kept[own_id] = read_row(table, row, zone)
        except (Rejected, Unreadable) as fault:
            lost[index] = str(fault) if isinstance(fault, Rejected) else "unreadable"
            continue
        if own_id in repeated or reserved(table, kept[own_id], vocabulary):
            lost[index] = "repeated" if own_id in repeated else "reserved"
            del kept[own_id]
    return kept, lost


@dataclass(frozen=True)
class Taints:
    """Section 1: the subjects, parties and evidence ids that rejected rows name."""

    consent_subjects: frozenset[str] = frozenset()
    evidence_subjects: frozenset[str] = frozenset()
    evidence_ids: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    all_consent_subjects: bool = False
    all_evidence_subjects: bool = False


def taints_of(lost: Mapping[str, Sequence[Row]], kinds: Mapping[str, Kind]) -> Taints:
    """Section 1: what the rejected rows of each register leave in doubt."""

    def named(table: str, column: str) -> frozenset[str]:
        return frozenset(text for row in lost[table] if (text := cell(row, column)))

    nobodys = [row for row in lost["evidence"] if cell(row, "subject_id") is None]
    declared = [kinds.get(cell(row, "kind") or "", Kind()) for row in nobodys]
    return Taints(
        consent_subjects=named("consents", "subject_id"),
        evidence_subjects=named("evidence", "subject_id"),
        evidence_ids=named("evidence", "evidence_id"),
        parties=named("parties", "party_id"),
        all_consent_subjects=any(
            cell(row, "subject_id") in {None, WHOLE_BASE} for row in lost["consents"]
        ),
        all_evidence_subjects=any(not kind.subject_optional for kind in declared),
    )


@dataclass(frozen=True)
class World:
    """Everything that flows are judged against."""

    vocabulary: Vocabulary
    flows: Mapping[str, Cells]
    parties: Mapping[str, Cells]
    consents: Mapping[str, Sequence[Cells]]  # by subject
    evidence: Mapping[str, Cells]
    evidence_of: Mapping[str | None, Sequence[Cells]]  # by subject
    taints: Taints
    complete: frozenset[str]
    rejected: Sequence[tuple[str, int, str, str]]  # table, index, own id, code


def read_world(
    tables: Mapping[str, Sequence[Row]],
    packs: Sequence[Cells],
    vocabulary: Cells,
    *,
    complete: frozenset[str] = frozenset({"consents"}),
    timezone: str = "+08:00",
) -> World:
    """Section 1: the four tables as values. Raises Refused."""
    words, zone = vocabulary_of(vocabulary, packs), zone_of(timezone)
    rows = {table: tables.get(table, ()) for table in COLUMNS}
    sifted = {table: sift(table, rows[table], zone, words) for table in COLUMNS}
    lost = {table: [rows[table][index] for index in sifted[table][1]] for table in COLUMNS}
    kept = {table: sifted[table][0] for table in COLUMNS}
    taints = taints_of(lost, words.kinds)
    customer = {} if CUSTOMER in taints.parties else {CUSTOMER: {**UNREGISTERED, "role": SUBJECT}}
    return World(
        vocabulary=words,
        flows=kept["flows"],
        parties={**customer, **kept["parties"]},
        consents=by_subject(kept["consents"]),
        evidence=kept["evidence"],
        evidence_of=by_subject(kept["evidence"]),
        taints=taints,
        complete=complete,
        rejected=[
            (table, index, content(table, rows[table][index])[0], code)
            for table in COLUMNS
            for index, code in sifted[table][1].items()
        ],
    )


def by_subject(register: Mapping[str, Cells]) -> dict[Any, list[Cells]]:
    """The rows of a register under the subject that each names."""
    index: dict[Any, list[Cells]] = {}
    for row in register.values():
        index.setdefault(row["subject_id"], []).append(row)
    return index


def vocabulary_of(vocabulary: Cells, packs: Sequence[Cells]) -> Vocabulary:
    """Section 1: codes come from the vocabulary; a pack declares further kinds of evidence."""
    declared = {kind["code"]: kind for pack in packs for kind in pack.get("evidence_kind", ())}
    kinds = {**vocabulary["evidence_kinds"], **declared}
    flat = ("roles", "operations", "channels", "countries", "legal_roles")
    return Vocabulary(
        **{name: frozenset(vocabulary[name]) for name in flat},
        purposes=vocabulary["purposes"],
        categories=vocabulary["categories"],
        kinds={
            code: Kind(**{flag: bool(entry.get(flag)) for flag in Kind.__annotations__})
            for code, entry in kinds.items()
        },
    )


# ------------------------------------------------------------------ section 3, the facts


@dataclass(frozen=True)
class Case:
    """One flow and the world it is judged against; facts are asked of it as of `occurred_at`."""

    flow: Cells
    world: World

    @property
    def words(self) -> Vocabulary:
        """The mapped codes."""
        return self.world.vocabulary

    @property
    def now(self) -> datetime:
        """Section 2: facts are judged as of `occurred_at`; there is no clock anywhere else."""
        moment: datetime = self.flow["occurred_at"]
        return moment

    def consents_of(self, subject: str) -> Sequence[Cells]:
        """Every usable consents row of a subject."""
        return self.world.consents.get(subject, ())


def party(case: Case, party_id: str) -> Cells:
    """The row of a party; an unregistered (or tainted) one has an unknown role, scope and term."""
    return case.world.parties.get(party_id, UNREGISTERED)


def acts_as(case: Case, party_id: str, *roles: str) -> Truth:
    """Whether a party acts in one of these roles."""
    return among(case.words.roles, party(case, party_id)["role"], roles)


def operation_is(case: Case, *operations: str) -> Truth:
    """Whether the flow's operation is one of these."""
    return among(case.words.operations, case.flow["operation"], operations)


def holders(case: Case) -> Codes:
    """Section 3, the holder: the recipient, but the sender when it contacts the subject.

    Where it is unknown whether it does, either may be the holder.
    """
    sender, recipient = case.flow["sender"], case.flow["recipient"]
    calls = min(operation_is(case, "contact"), acts_as(case, recipient, SUBJECT))
    return {FALSE: (recipient,), UNKNOWN: (recipient, sender), TRUE: (sender,)}[calls]


def of_holder(case: Case, fact: Callable[[str], Truth]) -> Truth:
    """A fact of the holder, unknown where it depends on which of two is the holder."""
    values = {fact(holder) for holder in holders(case)}
    return values.pop() if len(values) == 1 else UNKNOWN


def unless_tainted(case: Case, value: Truth) -> Truth:
    """Section 1: what a lost consents row could have changed is unknown where it would be false."""
    taints = case.world.taints
    doubted = taints.all_consent_subjects or case.flow["subject_id"] in taints.consent_subjects
    return max(value, UNKNOWN) if doubted else value


def is_base(row: Cells) -> bool:
    """Section 1: the base agreement row, never a consent to anyone."""
    scope = (row["recipient"], row["purposes"], row["data_categories"])
    return row["kind"] == "agreement" and row["effect"] != "forbid" and scope == (None, None, None)


def stands(case: Case, row: Cells) -> bool:
    """Whether a consents row holds `occurred_at`."""
    return holds(row["given_at"], row["end"], case.now)


def whole_base(case: Case) -> Truth:
    """Section 3, whole_base."""
    return truth(case.flow["subject_id"] == WHOLE_BASE)


def agreement_in_force(case: Case) -> Truth:
    """Section 3, agreement_in_force; `*` has no base agreement row."""
    rows = [row for row in case.consents_of(case.flow["subject_id"]) if is_base(row)]
    if not rows:
        return UNKNOWN
    return unless_tainted(case, truth(any(stands(case, row) for row in rows)))


def agreement_settling(case: Case) -> Truth:
    """Section 3, agreement_settling; a row that never held, or still will, has not ended."""
    rows = [row for row in case.consents_of(case.flow["subject_id"]) if is_base(row)]
    if not rows:
        return UNKNOWN
    if any(stands(case, row) for row in rows):
        return FALSE  # whatever a lost row said: it could not have changed this
    lasts = [row["last"] for row in rows if row["end"] and row["given_at"] < row["end"] <= case.now]
    settling = lasts and month_of(case.now) <= month_of(max(lasts)) + 1
    return unless_tainted(case, truth(settling))


def within_recipient_scope(case: Case) -> Truth:
    """Section 3, within_recipient_scope, of the holder."""
    purpose, tree = case.flow["purpose"], case.words.purposes
    return of_holder(case, lambda holder: covers(tree, purpose, party(case, holder)["purposes"]))


def recipient_authorised(case: Case) -> Truth:
    """Section 3, recipient_authorised, of the holder."""

    def authorised(holder: str) -> Truth:
        row = party(case, holder)
        start, end = row["agreement_from"], row["agreement_until"]
        if start is None:
            return FALSE if end and case.now >= end else UNKNOWN
        return truth(holds(start, end, case.now))

    return of_holder(case, authorised)


def necessary_data(case: Case, category: str) -> Truth:
    """Section 3, necessary_data, of the holder."""
    tree, named = case.words.categories, "data_categories"
    return of_holder(case, lambda holder: covers(tree, category, party(case, holder)[named]))


def recipient_licensed(case: Case) -> Truth:
    """A licence of the recipient is registered; that none is proves nothing."""
    return TRUE if party(case, case.flow["recipient"])["licence"] else UNKNOWN


def sender_keeps_data(case: Case) -> Truth:
    """Section 5, 3-2-7d: the recipient is the sender, or the sender contacts the subject."""
    same = truth(case.flow["recipient"] == case.flow["sender"])
    subject = acts_as(case, case.flow["recipient"], SUBJECT)
    either = same if same is subject else UNKNOWN
    return {FALSE: same, UNKNOWN: either, TRUE: subject}[operation_is(case, "contact")]


def match_of_consent(case: Case, row: Cells, holder: str, category: str) -> Truth:
    """Section 3, the match of a consents row; null covers nothing, in a forbid row all."""
    null, named = truth(row["effect"] == "forbid"), row["recipient"]
    purposes, categories = row["purposes"], row["data_categories"]
    recipient = truth(named is None or named == holder)
    return min(
        covers(case.words.purposes, case.flow["purpose"], purposes) if purposes else null,
        covers(case.words.categories, category, categories) if categories else null,
        acts_as(case, holder, named) if named in case.words.roles else recipient,
    )


def standing_allows(case: Case) -> list[Cells]:
    """The subject's allow rows that hold, no base rows."""
    rows = case.consents_of(case.flow["subject_id"])
    allows = [row for row in rows if row["effect"] != "forbid" and not is_base(row)]
    return [row for row in allows if stands(case, row)]


def consented(case: Case, category: str) -> Truth:
    """Section 3, consented."""
    rows = standing_allows(case)

    def best(holder: str) -> Truth:
        return either(match_of_consent(case, row, holder, category) for row in rows)

    none_lost = "consents" in case.world.complete
    value = of_holder(case, best)
    return unless_tainted(case, value if none_lost else max(value, UNKNOWN))


def consented_as(case: Case, category: str, kind: Callable[[Cells], Truth]) -> Truth:
    """Consent of one kind: as `consented`, of the rows that are of the kind, or may be."""
    rows = standing_allows(case)

    def best(holder: str) -> Truth:
        return either(min(match_of_consent(case, row, holder, category), kind(row)) for row in rows)

    none_lost = "consents" in case.world.complete
    value = of_holder(case, best)
    return unless_tainted(case, value if none_lost else max(value, UNKNOWN))


def separately_consented(case: Case, category: str) -> Truth:
    """Given apart, for one purpose, to a party that it names; a role leaves open whom it named."""

    def separate(row: Cells) -> Truth:
        apart = row["kind"] in ("separate", "written") and len(row["purposes"] or ()) == 1
        if not apart or row["recipient"] is None:
            return FALSE
        return UNKNOWN if row["recipient"] in case.words.roles else TRUE

    return consented_as(case, category, separate)


def consented_in_writing(case: Case, category: str) -> Truth:
    """A consent of kind written."""
    return consented_as(case, category, lambda row: truth(row["kind"] == "written"))


def carriers(case: Case, category: str) -> list[Cells]:
    """Section 5, `consent`: the rows that carry it."""
    return [
        row
        for row in standing_allows(case)
        if any(match_of_consent(case, row, holder, category) is TRUE for holder in holders(case))
    ]


def prohibition(case: Case, forbid: Cells, holder: str, category: str) -> Truth:
    """Section 3: the match of a forbid row, unless an allow row lifts it.

    That row is given later, names this very party, matches and holds.
    """
    lifted = either(
        match_of_consent(case, row, holder, category)
        for row in case.consents_of(forbid["subject_id"])
        if row["effect"] != "forbid"
        and row["given_at"] > forbid["given_at"]
        and row["recipient"] == holder
        and holder not in case.words.roles
        and stands(case, row)
    )
    return min(match_of_consent(case, forbid, holder, category), negate(lifted))


def prohibited_by_customer(case: Case, category: str) -> Truth:
    """Section 3, prohibited_by_customer; for `*` a forbid row of any subject makes it unknown."""
    subject, taints = case.flow["subject_id"], case.world.taints
    persons = case.world.consents if subject == WHOLE_BASE else [subject]
    rows = [row for person in persons for row in case.consents_of(person)]
    forbids = [row for row in rows if row["effect"] == "forbid" and stands(case, row)]

    def best(holder: str) -> Truth:
        return either(prohibition(case, row, holder, category) for row in forbids)

    value = unless_tainted(case, of_holder(case, best))
    if subject != WHOLE_BASE:
        return value
    return max(min(value, UNKNOWN), min(truth(taints.consent_subjects), UNKNOWN))


def match_of_evidence(case: Case, row: Cells, code: str) -> Truth:
    """Section 3, the match of one row of evidence."""
    kind, issuer = case.words.kinds.get(code, Kind()), row["issued_by"]
    another = negate(acts_as(case, issuer, CARRIER)) if issuer else UNKNOWN
    named = truth(issuer == case.flow["recipient"]) if issuer else UNKNOWN
    positive = UNKNOWN if row["amount"] is None else truth(row["amount"] > 0)
    return min(
        among(case.words.kinds, row["kind"], (code,)),
        truth(holds(row["valid_from"], row["valid_until"], case.now)),
        same_subject(case, row, kind),
        positive if kind.amount else TRUE,
        named if kind.issued_by_recipient else TRUE,
        max(another, UNKNOWN) if kind.independent else TRUE,
        for_recipient(case, row) if kind.names_recipient else TRUE,
    )


def for_recipient(case: Case, row: Cells) -> Truth:
    """Section 3, evidence: its reference is the recipient's id; what names no party is unknown."""
    if row["reference"] not in case.world.parties:
        return UNKNOWN
    return truth(row["reference"] == case.flow["recipient"])


def same_subject(case: Case, row: Cells, kind: Kind) -> Truth:
    """Section 3, evidence: its subject is the flow's, as the kind's declarations alter it."""
    cited = row["evidence_id"] == case.flow["evidence_id"]
    if row["subject_id"] is None:
        return truth(cited) if kind.subject_optional else UNKNOWN
    if row["subject_id"] == case.flow["subject_id"]:
        return TRUE
    return UNKNOWN if kind.other_person and cited else FALSE


def evidence_in_view(case: Case, code: str) -> list[Cells]:
    """The rows that can match: the subject's, nobody's and the cited one, not of another kind."""
    world, cited = case.world, case.world.evidence.get(case.flow["evidence_id"])
    own = world.evidence_of.get(case.flow["subject_id"], ())
    rows = [*own, *world.evidence_of.get(None, ()), *([cited] if cited else [])]
    return [row for row in rows if row["kind"] == code or row["kind"] not in case.words.kinds]


def match_after(case: Case, row: Cells, kinds: Codes) -> Truth:
    """The match of a row of the first kind that began no earlier than one of the second matches.

    Where it is unknown whether there is evidence of the second kind, so it is when it began.
    """
    later, earlier = kinds
    ordered = either(
        min(
            match_of_evidence(case, other, earlier), truth(row["valid_from"] >= other["valid_from"])
        )
        for other in evidence_in_view(case, earlier)
    )
    doubt = UNKNOWN if evidence(case, earlier) is UNKNOWN else FALSE
    return min(match_of_evidence(case, row, later), max(ordered, doubt))


def proves(case: Case, row: Cells, proof: Codes) -> Truth:
    """The match of a row: of its kind, or of one kind that began after another."""
    if len(proof) == 1:
        return match_of_evidence(case, row, proof[0])
    return match_after(case, row, proof)


def evidence(case: Case, *proof: str) -> Truth:
    """Section 3, evidence of a kind: the best match, and what it means that there is none."""
    code = proof[0]
    best = either(proves(case, row, proof) for row in evidence_in_view(case, code))
    cited, subject, world = case.flow["evidence_id"], case.flow["subject_id"], case.world
    kept, taints = world.evidence, world.taints
    has_some = any(row["kind"] == code for row in world.evidence_of.get(subject, ()))
    lacking = has_some if cited is None else cited in kept
    doubted = subject in taints.evidence_subjects or cited in taints.evidence_ids
    if doubted or taints.all_evidence_subjects:
        return max(best, UNKNOWN)
    return best if lacking or f"evidence.{code}" in world.complete else max(best, UNKNOWN)


def inferred_from(case: Case, *proof: str) -> str | None:
    """Section 3, *inferred*: the smallest id that makes it true, where no cited row does."""
    rows = evidence_in_view(case, proof[0])
    proofs = [row["evidence_id"] for row in rows if proves(case, row, proof) is TRUE]
    return None if case.flow["evidence_id"] in proofs else min(proofs, default=None)


def claimed(case: Case, clause_id: str) -> Truth:
    """Section 4: the flow's basis names this clause; a claim of anything else is none of it."""
    return truth(case.flow["basis"] == clause_id)


# ------------------------------------------------------------------ section 4, conditions

CODE_WORDS: dict[str, Callable[[Case, str, Codes], Truth]] = {
    "sender_role": lambda case, _, roles: acts_as(case, case.flow["sender"], *roles),
    "recipient_role": lambda case, _, roles: acts_as(case, case.flow["recipient"], *roles),
    "operation": lambda case, _, codes: operation_is(case, *codes),
    "purpose": lambda case, _, codes: covers(case.words.purposes, case.flow["purpose"], codes),
    "data": lambda case, category, codes: covers(case.words.categories, category, codes),
    "channel": lambda case, _, codes: among(case.words.channels, case.flow["channel"], codes),
    "recipient_country": lambda case, _, codes: among(
        case.words.countries, party(case, case.flow["recipient"])["country"], codes
    ),
    "sender_legal_role": lambda case, _, codes: among(
        case.words.legal_roles, party(case, case.flow["sender"])["legal_role"], codes
    ),
    "recipient_legal_role": lambda case, _, codes: among(
        case.words.legal_roles, party(case, case.flow["recipient"])["legal_role"], codes
    ),
    "evidence": lambda case, _, kinds: either(evidence(case, kind) for kind in kinds),
    "evidence_after": lambda case, _, kinds: evidence(case, *kinds),
    "occurs_from": lambda case, _, day: truth(case.now >= read_start(day[0], CHINA)),
    "occurs_before": lambda case, _, day: truth(case.now < read_start(day[0], CHINA)),
}
FLOW_FACTS: dict[str, Callable[[Case], Truth]] = {
    "whole_base": whole_base,
    "agreement_in_force": agreement_in_force,
    "agreement_settling": agreement_settling,
    "within_recipient_scope": within_recipient_scope,
    "recipient_authorised": recipient_authorised,
    "sender_keeps_data": sender_keeps_data,
    "recipient_licensed": recipient_licensed,
    "contested": lambda _: UNKNOWN,
}
CATEGORY_FACTS: dict[str, Callable[[Case, str], Truth]] = {
    "necessary_data": necessary_data,
    "consented": consented,
    "separately_consented": separately_consented,
    "consented_in_writing": consented_in_writing,
    "prohibited_by_customer": prohibited_by_customer,
}


@dataclass(frozen=True)
class Clause:
    """Section 4: effect and conditions; section 5: whether a supplement has a name of its own."""

    clause_id: str
    effect: str
    when: Mapping[str, Any]
    supplemented: bool = False


def listed(asked: str | Sequence[str]) -> Codes:
    """Section 4: a list inside a condition is *or*."""
    return (asked,) if isinstance(asked, str) else tuple(asked)


def condition(case: Case, category: str, clause: Clause, word: str) -> Truth:
    """Section 4: one line of a clause's `when`, for one category of the flow."""
    if word == "claimed":
        return claimed(case, clause.clause_id)
    if word in FLOW_FACTS:
        return FLOW_FACTS[word](case)
    if word in CATEGORY_FACTS:
        return CATEGORY_FACTS[word](case, category)
    codes = listed(clause.when[word])
    if word == "channel_such_as":  # the clause calls its list open
        return max(CODE_WORDS["channel"](case, category, codes), UNKNOWN)
    value = CODE_WORDS[word.removesuffix("_not")](case, category, codes)
    return negate(value) if word.endswith("_not") else value


def spelled(clause: Clause, word: str) -> str:
    """How a condition is named: its word, and the kinds of evidence or the day it asks for."""
    told = ("evidence", "evidence_after", "occurs_from", "occurs_before")
    return f"{word} {'|'.join(listed(clause.when[word]))}" if word in told else word


# ------------------------------------------------------------------ section 4, packs and verdicts

NO_GROUND = "no-ground"


class Verdict(StrEnum):
    """Section 4, in rising gravity."""

    PERMITTED = "permitted"
    EXCEPTED = "excepted"
    INDETERMINATE = "indeterminate"
    VIOLATION = "violation"


DECISIVE = {Verdict.VIOLATION: "forbid", Verdict.PERMITTED: "permit", Verdict.EXCEPTED: "except"}


@dataclass(frozen=True)
class Pack:
    """Section 4: the clauses with no-ground among them, each after all that attack it."""

    layer: str
    clauses: Sequence[Clause]
    attackers: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Unit:
    """Section 4: one data category of one flow, with the value of every condition and I(c)."""

    category: str
    lines: Mapping[str, Mapping[str, Truth]]
    force: Mapping[str, Truth]
    strength: Mapping[str, Truth]  # F, P and X, under the effect
    verdict: Verdict


@dataclass(frozen=True)
class CategoryVerdict:
    """What one data category comes to, and what would change it."""

    verdict: Verdict
    decided_by: Codes
    possible: Codes
    nearest: str | None
    nearest_false: Codes
    unknown: Codes
    may_become: frozenset[Verdict]


@dataclass(frozen=True)
class LayerVerdict:
    """What one layer says of a flow; its lists cover the categories that have its verdict."""

    verdict: Verdict
    decided_by: Codes
    possible: Codes
    failing: Codes
    nearest: tuple[str | None, ...]
    categories: Mapping[str, CategoryVerdict]
    inferred: str | None
    consents: Codes


@dataclass(frozen=True)
class FlowVerdict:
    """Section 4, *Layers*: each layer's own verdict, and the state over both."""

    layers: Mapping[str, LayerVerdict]
    overall: Verdict
    conflict: bool
    inferred: str | None
    consents: Codes


@dataclass(frozen=True)
class Outcome:
    """Every flow that could be judged, every row that could not, and what those leave in doubt."""

    verdicts: Mapping[str, FlowVerdict]
    rejected: Sequence[tuple[str, int, str, str]]
    taints: Taints


def judge(
    tables: Mapping[str, Sequence[Row]],
    packs: Sequence[Cells],
    vocabulary: Cells,
    *,
    complete: frozenset[str] = frozenset({"consents"}),
    timezone: str = "+08:00",
) -> Outcome:
    """Everything above and below. Raises Refused where a register row has no id."""
    world = read_world(tables, packs, vocabulary, complete=complete, timezone=timezone)
    read = [read_pack(pack) for pack in packs]
    verdicts = {own_id: judge_flow(Case(flow, world), read) for own_id, flow in world.flows.items()}
    return Outcome(verdicts, world.rejected, world.taints)


def read_pack(document: Cells) -> Pack:
    """Section 4: the attack graph. A draft clause is reported apart, so it judges nothing here."""
    entries = [entry for entry in document["clause"] if not entry.get("draft")]
    clauses = {NO_GROUND: Clause(NO_GROUND, "forbid", {})}
    attackers = {NO_GROUND: [entry["id"] for entry in entries if entry["effect"] != "forbid"]}
    for entry in entries:
        own_id, when = entry["id"], entry["when"]
        named = "supplement" in entry and "consented" in when
        clauses[own_id] = Clause(own_id, entry["effect"], when, named)
        attackers[own_id] = [e["id"] for e in entries if own_id in e.get("exception_to", ())]
    order = TopologicalSorter(attackers).static_order()
    return Pack(document["pack"]["layer"], [clauses[own_id] for own_id in order], attackers)


def drafts(document: Cells) -> Codes:
    """Section 4: the clauses of a pack that are drafts."""
    return tuple(entry["id"] for entry in document["clause"] if entry.get("draft"))


def with_draft(document: Cells, own_id: str) -> Cells:
    """Section 4: the pack as it would be if this one draft judged."""
    entries = [
        {**entry, "draft": False} if entry["id"] == own_id else entry
        for entry in document["clause"]
    ]
    return {**document, "clause": entries}


def judge_flow(case: Case, packs: Sequence[Pack]) -> FlowVerdict:
    """Section 4, *Layers*: never merged; the overall state is the worse of the two."""
    layers = {pack.layer: judge_layer(case, pack) for pack in packs}
    said = {layer.verdict for layer in layers.values()}
    proofs = [layer.inferred for layer in layers.values() if layer.inferred]
    return FlowVerdict(
        layers=layers,
        overall=worst(said),
        conflict=Verdict.VIOLATION in said and bool(said & {Verdict.PERMITTED, Verdict.EXCEPTED}),
        inferred=min(proofs, default=None),
        consents=union(layer.consents for layer in layers.values()),
    )


def judge_layer(case: Case, pack: Pack) -> LayerVerdict:
    """Section 4: the verdict of a flow is the worst of its categories."""
    every = [judge_unit(case, pack, category) for category in sorted(case.flow["data_categories"])]
    verdict = worst(unit.verdict for unit in every)
    units = [unit for unit in every if unit.verdict is verdict]
    fails = verdict in (Verdict.VIOLATION, Verdict.INDETERMINATE)
    violates = verdict is Verdict.VIOLATION
    return LayerVerdict(
        verdict=verdict,
        decided_by=decided_by(case, pack, units),
        possible=union(possible(unit) for unit in units),
        failing=tuple(unit.category for unit in units) if fails else (),
        nearest=tuple(nearest_miss(case, pack, unit) for unit in units) if violates else (),
        categories={unit.category: explained(case, pack, unit) for unit in every},
        inferred=inferred(case, pack, units),
        consents=carrying(case, pack, units),
    )


def judge_unit(case: Case, pack: Pack, category: str) -> Unit:
    """Section 4: A(c), then I(c) = A(c) and not or(I(e) for e attacking c), then F, P and X."""
    lines: dict[str, dict[str, Truth]] = {}
    force: dict[str, Truth] = {}
    strength = {"forbid": FALSE, "permit": FALSE, "except": FALSE}
    for clause in pack.clauses:
        own_id, when = clause.clause_id, clause.when
        lines[own_id] = {spelled(clause, w): condition(case, category, clause, w) for w in when}
        attacked = either(force[attacker] for attacker in pack.attackers[own_id])
        force[own_id] = min(TRUE, *lines[own_id].values(), negate(attacked))
        strength[clause.effect] = max(strength[clause.effect], force[own_id])
    return Unit(category, lines, force, strength, verdict_of(*strength.values()))


def verdict_of(forbid: Truth, permit: Truth, excuse: Truth) -> Verdict:
    """Section 4, the table of F, P and X."""
    match forbid, permit, excuse:
        case Truth.TRUE, _, _:
            return Verdict.VIOLATION
        case Truth.UNKNOWN, _, _:
            return Verdict.INDETERMINATE
        case Truth.FALSE, Truth.TRUE, _:
            return Verdict.PERMITTED
        case Truth.FALSE, _, Truth.TRUE:
            return Verdict.EXCEPTED
    raise AssertionError("no-ground is false only where a permit or an except is in force")


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Section 4: violation > indeterminate > excepted > permitted."""
    return max(verdicts, key=list(Verdict).index)


def union(lists: Iterable[Iterable[str]]) -> Codes:
    """Section 4: lists are sorted, each member once."""
    return tuple(sorted({member for members in lists for member in members}))


def explained(case: Case, pack: Pack, unit: Unit) -> CategoryVerdict:
    """Section 4: what every verdict carries, for one category."""
    miss = nearest_miss(case, pack, unit) if unit.verdict is Verdict.VIOLATION else None
    undecided = unit.verdict is Verdict.INDETERMINATE
    waiting = [unit.lines[clause] for clause in possible(unit)] if undecided else []
    return CategoryVerdict(
        verdict=unit.verdict,
        decided_by=decided_by(case, pack, [unit]),
        possible=possible(unit),
        nearest=miss,
        nearest_false=having(FALSE, unit.lines[miss]) if miss else (),
        unknown=union(having(UNKNOWN, lines) for lines in waiting),
        may_become=may_become(unit) if undecided else frozenset(),
    )


def possible(unit: Unit) -> Codes:
    """Section 4: the clauses possibly in force."""
    return having(UNKNOWN, unit.force)


def having(value: Truth, values: Mapping[str, Truth]) -> Codes:
    """The names that have this value, sorted."""
    return tuple(sorted(name for name in values if values[name] is value))


def may_become(unit: Unit) -> frozenset[Verdict]:
    """Section 4: always violation; permitted unless P is false; excepted by X, unless P is true."""
    permit, excuse = unit.strength["permit"], unit.strength["except"]
    permitted = {Verdict.PERMITTED} if permit is not FALSE else set()
    excepted = {Verdict.EXCEPTED} if excuse is not FALSE and permit is not TRUE else set()
    return frozenset({Verdict.VIOLATION} | permitted | excepted)


def nearest_miss(case: Case, pack: Pack, unit: Unit) -> str | None:
    """Section 4, nearest miss: what the basis names, else fewest false, most true, smallest id."""
    grants = [clause.clause_id for clause in pack.clauses if clause.effect != "forbid"]
    if case.flow["basis"] in grants:
        return str(case.flow["basis"])

    def distance(clause_id: str) -> tuple[int, int, str]:
        values = list(unit.lines[clause_id].values())
        return values.count(FALSE), -values.count(TRUE), clause_id

    return min(grants, key=distance, default=None)


def in_force(pack: Pack, units: Sequence[Unit]) -> list[Clause]:
    """The clauses in force in any of these categories."""
    force = union(having(TRUE, unit.force) for unit in units)
    return [clause for clause in pack.clauses if clause.clause_id in force]


def deciding(pack: Pack, units: Sequence[Unit]) -> list[Clause]:
    """Section 4: forbids for a violation, permits for permitted, excepts for excepted."""
    effect = DECISIVE.get(units[0].verdict)
    return [clause for clause in in_force(pack, units) if clause.effect == effect]


def decided_by(case: Case, pack: Pack, units: Sequence[Unit]) -> Codes:
    """Section 4: the clauses in force that decided it, all of them, by the name they report."""
    return union([reported(case, clause, units)] for clause in deciding(pack, units))


def reported(case: Case, clause: Clause, units: Sequence[Unit]) -> str:
    """Section 5: `consent (supplement)` where a signed supplement carries it, else `consent`.

    A signed supplement is of kind agreement; what the carrier or the subject holds counts as one.
    """
    rows = [row for unit in units for row in carriers(case, unit.category)]
    own = all(acts_as(case, holder, CARRIER, SUBJECT) is TRUE for holder in holders(case))
    signed = own or any(row["kind"] == "agreement" for row in rows)
    return clause.clause_id + (" (supplement)" if clause.supplemented and signed else "")


def carrying(case: Case, pack: Pack, units: Sequence[Unit]) -> Codes:
    """Section 5: `consent` is reported with the consent_ids that carry it."""
    if not any(clause.supplemented for clause in deciding(pack, units)):
        return ()
    return union([row["consent_id"] for row in carriers(case, unit.category)] for unit in units)


def inferred(case: Case, pack: Pack, units: Sequence[Unit]) -> str | None:
    """Section 3, *inferred*: the smallest uncited evidence that a clause in force rests on."""
    asked: set[Codes] = set()
    for clause in in_force(pack, units):
        asked |= {(kind,) for kind in listed(clause.when.get("evidence", ()))}
        asked |= (
            {listed(clause.when["evidence_after"])} if "evidence_after" in clause.when else set()
        )
    return min((row for proof in asked if (row := inferred_from(case, *proof))), default=None)
