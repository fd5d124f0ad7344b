"""Seeded random tables and packs for comparing the engine with the reference interpreter.

Tables are *directed*: most flows are built to meet one clause, with the parties, consents and
evidence that this takes, and then half of them are spoilt in a place or two. So every clause
decides some flows, and most flows lie near an edge.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, cached_property
from pathlib import Path
from random import Random
from typing import Any

from tests.reference import COLUMNS, FALSE, TRUE, covers

Row = dict[str, str | None]
Tables = dict[str, list[Row]]
Clause = Mapping[str, Any]
Codes = tuple[str, ...]

DATA = Path(__file__).parents[1] / "consent_schemas"
CHINA = timezone(timedelta(hours=8))
MOMENT, DAY = timedelta(microseconds=1), timedelta(days=1)
# Flows of single customers occur in the first era, flows of the whole base in the second: there no
# forbid row of the first era holds any more, which would leave each of them in doubt.
ERA, WHOLE_BASE_ERA, END = (datetime(year, 1, 1, tzinfo=CHINA) for year in (2023, 2025, 2026))
HOLDER_FACTS = {"within_recipient_scope", "recipient_authorised", "necessary_data"}


def shipped_vocabulary() -> dict[str, Any]:
    """The project's vocabulary in the plain form that the reference takes."""
    lists = _listings()
    trees = ("purposes", "categories")
    flat = {name: {entry["code"] for entry in entries} for name, entries in lists.items()}
    return {
        **flat,
        **{name: {entry["code"]: entry.get("parent") for entry in lists[name]} for name in trees},
        "evidence_kinds": {entry["code"]: entry for entry in lists["evidence_kinds"]},
    }


@cache
def _listings() -> Mapping[str, list[dict[str, Any]]]:
    files = {file.stem: tomllib.loads(file.read_text("utf-8")) for file in _files("vocabulary")}
    return {name: file["entry"] for name, file in files.items()}


def shipped_pack(pack_id: str) -> dict[str, Any]:
    """A pack that comes with the project, as parsed."""
    (file,) = (file for file in _files("packs") if file.stem == pack_id)
    return tomllib.loads(file.read_text("utf-8"))


def _files(folder: str) -> list[Path]:
    return sorted((DATA / folder).glob("*.toml"))


# ------------------------------------------------------------------ tables


def tables(
    rng: Random,
    size: int,
    pack: Mapping[str, Any],
    vocabulary: Mapping[str, Any],
    *,
    losses: bool = False,
) -> Tables:
    """Raw-text tables with this many flows, directed at the clauses of the pack.

    With losses, rejected rows may taint any subject, even every one: then flows of the whole base,
    or all flows, are in doubt, and the shares of the clauses and verdicts are not kept.
    """
    maker = Maker(rng, pack, vocabulary, size)
    maker.populate()
    consents = [clause for clause in maker.clauses if "consented" in clause["when"]]
    clauses = [*maker.clauses, *consents, {"id": "no-ground", "when": {}}]
    rng.shuffle(clauses)
    for number in range(size):
        maker.add_flow(clauses[number % len(clauses)])
    maker.add_noise()
    return finished(maker, losses=losses)


@dataclass
class Span:
    """A register row that a flow rests on, and the interval in which it holds."""

    row: Row
    start: datetime
    end: datetime | None
    end_column: str
    shared: bool = False  # other flows rest on it too: it is not to be changed


@dataclass(frozen=True)
class Subject:
    """A customer, with the span of the base agreement where there is one."""

    subject_id: str
    base: Span | None


@dataclass
class Draft:
    """One flow in the making, and what it rests on."""

    flow: Row
    moment: datetime
    categories: list[str]
    spans: list[Span] = field(default_factory=list)

    @property
    def subject_id(self) -> str:
        """Whose data flows."""
        return self.flow["subject_id"] or ""

    @property
    def holder(self) -> str:
        """Who holds the data: the sender where it contacts the customer, else the recipient."""
        calls = self.flow["operation"] == "contact" and self.flow["recipient"] == "CUSTOMER"
        return self.flow["sender" if calls else "recipient"] or ""


@dataclass
class Maker:
    """The tables in the making."""

    rng: Random
    pack: Mapping[str, Any]
    vocabulary: Mapping[str, Any]
    size: int
    tables: Tables = field(default_factory=lambda: {table: [] for table in COLUMNS})
    roles: dict[str, str] = field(default_factory=lambda: {"CUSTOMER": "subject"})
    spans: dict[str, Span] = field(default_factory=dict)
    subjects: list[Subject] = field(default_factory=list)

    @cached_property
    def clauses(self) -> list[Clause]:
        """The clauses at which flows are directed."""
        return [clause for clause in self.pack["clause"] if not clause.get("draft")]

    @cached_property
    def kinds(self) -> dict[str, Mapping[str, Any]]:
        """The kinds of evidence, those of the pack among them."""
        declared = {entry["code"]: entry for entry in self.pack.get("evidence_kind", ())}
        return {**self.vocabulary["evidence_kinds"], **declared}

    # -------------------------------------------------------------- chance

    def chance(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.rng.random() < share

    def pick(self, codes: Iterable[str]) -> str:
        """One of these codes, whatever order they come in."""
        return self.rng.choice(sorted(codes))

    def any_code(self, listing: str) -> str:
        """Any code of a list, now and then one that the vocabulary does not know."""
        return f"unmapped_{listing}" if self.chance(0.03) else self.pick(self.vocabulary[listing])

    def flat(self, when: Clause, word: str, listing: str) -> str:
        """A code of a flat list that meets `word` and `word_not`."""
        wanted, unwanted = when.get(word), when.get(f"{word}_not", ())
        codes = self.vocabulary[listing] if wanted is None else wanted
        return self.pick(set(codes) - set(unwanted) or codes)

    def tree(self, when: Clause, word: str, listing: str) -> str:
        """A code of a tree that meets `word` and `word_not`."""
        wanted, unwanted = (
            None if codes is None else tuple(codes)
            for codes in (when.get(word), when.get(f"{word}_not"))
        )
        return self.pick(self.fitting(listing, wanted, unwanted))

    @cached_property
    def fitting(self) -> Callable[..., Sequence[str]]:
        """The codes of a tree that are within some and not within others; each asked for once."""

        @cache
        def found(listing: str, wanted: Codes | None, unwanted: Codes | None) -> Sequence[str]:
            tree = self.vocabulary[listing]
            fitting = [
                code
                for code in tree
                if (wanted is None or covers(tree, code, wanted) is TRUE)
                and (unwanted is None or covers(tree, code, unwanted) is FALSE)
            ]
            return fitting or [*tree]

        return found

    def scope(self, listing: str, *codes: str) -> str:
        """A list cell that covers these codes: themselves or an ancestor, and perhaps others."""
        members = [self.ancestor(listing, code) if self.chance(0.4) else code for code in codes]
        members += [self.any_code(listing)] if self.chance(0.3) else []
        return self.joined(members)

    def joined(self, members: Sequence[str]) -> str:
        """A list cell, at times untidily written."""
        return " ; ".join(members) + " ;" if self.chance(0.1) else ";".join(members)

    def ancestor(self, listing: str, code: str) -> str:
        """The code's parent, or itself at the top."""
        return self.vocabulary[listing].get(code) or code

    def descendant(self, listing: str, code: str) -> str:
        """A child of the code, or itself at the bottom."""
        tree = self.vocabulary[listing]
        return self.pick([child for child in tree if tree[child] == code] or [code])

    # -------------------------------------------------------------- time

    def moment(self, start: datetime = ERA, end: datetime = WHOLE_BASE_ERA) -> datetime:
        """An instant of [start, end), at times its first, its last, or a midnight."""
        chosen = start + (end - start) * self.rng.random()
        midnight = chosen.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
        near = [start, end - MOMENT, *([midnight] if start <= midnight else [])]
        return self.rng.choice(near) if self.chance(0.2) else chosen.replace(microsecond=0)

    def before(self, moment: datetime) -> datetime:
        """A start that is not after the moment."""
        midnight = moment.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
        days = self.rng.choice([0, 1, 30, 200]) * DAY
        return moment if self.chance(0.1) else midnight - days

    def after(self, moment: datetime, latest: datetime = END) -> datetime:
        """An end after the moment, the latest at the most."""
        midnight = moment.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
        days = self.rng.choice([1, 2, 40, 300]) * DAY
        return min(moment + MOMENT if self.chance(0.1) else midnight + days, latest)

    def written(self, moment: datetime) -> str:
        """An instant in one of the forms that exports use."""
        local = moment.astimezone(CHINA)
        return self.rng.choice(
            [
                local.isoformat(),
                local.isoformat(sep=" "),
                local.replace(tzinfo=None).isoformat(),
                moment.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            ]
        )

    def dated(self, moment: datetime, *, until: bool = False) -> str:
        """The same, or a bare date where one says as much: 00:00, or for an end 24:00."""
        local = moment.astimezone(CHINA)
        day = (local - DAY if until else local).date().isoformat()
        is_midnight = local.time().isoformat() == "00:00:00"
        return day if is_midnight and self.chance(0.7) else self.written(moment)

    # -------------------------------------------------------------- registers

    def add(self, table: str, row: Row) -> Row:
        """A row of a table, every column of it filled or empty."""
        full: Row = dict.fromkeys(COLUMNS[table].split()) | row
        self.tables[table].append(full)
        return full

    def next_id(self, table: str) -> str:
        """An id that the table does not have; zeros make the smallest one easy to see."""
        return f"{table[0].upper()}{len(self.tables[table]):05}"

    def populate(self) -> None:
        """Parties of every role, wide and narrow, and customers with and without an agreement."""
        for role in sorted(self.vocabulary["roles"]):
            for _ in range(2):
                self.add_party(role, self.wide())
                self.add_party(role, self.narrow())
        for _ in range(max(8, self.size // 6)):
            self.subjects.append(self.add_subject())
        if self.chance(0.5):
            self.add("parties", {"party_id": "CUSTOMER", "name": "customer", "role": "subject"})

    def add_party(self, role: str, cells: Row) -> str:
        """A registered party of this role."""
        party_id = self.next_id("parties")
        own: Row = {"party_id": party_id, "name": f"{role} {party_id}", "role": role}
        self.add("parties", own | cells)
        self.roles[party_id] = role
        return party_id

    def wide(self, cells: Row | None = None) -> Row:
        """A party that may receive anything at any time."""
        return {
            "purposes": ";".join(self.roots("purposes")),
            "data_categories": ";".join(self.roots("categories")),
            "agreement_from": "2021-06-01",
            "country": "CN",
            "legal_role": self.rng.choice(["processor", "handler", "joint", None]),
            "licence": self.rng.choice(["L-1", None]),
            **(cells or {}),
        }

    def roots(self, listing: str) -> list[str]:
        """The codes that no other covers."""
        return sorted(code for code, parent in self.vocabulary[listing].items() if parent is None)

    def narrow(self) -> Row:
        """A party with a scope, a term and a country that may be narrow, odd or not registered."""
        start = self.moment()
        return {
            "purposes": self.some_codes("purposes"),
            "data_categories": self.some_codes("categories"),
            "agreement_from": self.dated(start) if self.chance(0.8) else None,
            "agreement_until": self.dated(self.after(start), until=True)
            if self.chance(0.5)
            else None,
            "country": self.any_code("countries") if self.chance(0.8) else None,
        }

    def some_codes(self, listing: str) -> str | None:
        """A list cell of any codes, or none."""
        members = [self.any_code(listing) for _ in range(self.rng.randint(1, 4))]
        return None if self.chance(0.15) else self.joined(members)

    def add_subject(self) -> Subject:
        """A customer whose agreement is in force, has ended, or is not in the register."""
        subject_id = f"S{len(self.subjects):05}"
        if self.chance(0.12):
            self.almost_agree(subject_id)
            return Subject(subject_id, None)
        given = self.moment(ERA - 300 * DAY, ERA + 200 * DAY)
        end = self.moment(ERA + 200 * DAY, WHOLE_BASE_ERA) if self.chance(0.5) else None
        if end and self.chance(0.6):  # most agreements end with a day, many with a month
            end = end.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
            end = end.replace(day=1) if self.chance(0.4) else end
        span = self.add_consent(subject_id, given, end, {"kind": "agreement"})
        span.shared = True
        if self.chance(0.2):  # an earlier agreement, or one that never held
            old = self.moment(given - 200 * DAY, given)
            over = self.rng.choice([old, old - DAY, given, self.moment(old, given)])
            self.add_consent(subject_id, old, over, {"kind": "agreement"})
        return Subject(subject_id, span)

    def almost_agree(self, subject_id: str) -> None:
        """A signed form that is no base agreement, for it names something; or no form at all."""
        named: Row = {
            "recipient": self.rng.choice(sorted(self.roles)),
            "purposes": self.some_codes("purposes"),
            "data_categories": self.some_codes("categories"),
            "effect": "forbid",
            "kind": "written",
        }
        column = self.rng.choice([*named, None])
        if column:
            cells: Row = {"kind": "agreement", column: named[column]}
            self.add_consent(subject_id, ERA, WHOLE_BASE_ERA, cells)

    def add_consent(
        self, subject_id: str, given: datetime, end: datetime | None, cells: Row
    ) -> Span:
        """A row of consents, ended by withdrawal or by expiry."""
        withdrawn = self.chance(0.5)
        column = "withdrawn_at" if withdrawn else "expires_at"
        row = self.add(
            "consents",
            {
                "consent_id": self.next_id("consents"),
                "subject_id": subject_id,
                "document": "form",
                "given_at": self.dated(given),
                column: self.dated(end, until=not withdrawn) if end else None,
            }
            | cells,
        )
        return Span(row, given, end, column)

    # -------------------------------------------------------------- one flow that meets a clause

    def add_flow(self, clause: Clause) -> None:
        """A flow built to meet a clause; half of them are spoilt."""
        draft = self.draft(clause["when"])
        draft.flow["basis"] = self.basis(clause)
        self.prove(draft, clause["when"])
        for _ in range(self.rng.choice([0, 0, 0, 0, 1, 1, 1, 2]) if self.size > 1 else 0):
            self.spoil(draft)
        draft.flow["occurred_at"] = self.written(draft.moment)
        draft.flow["data_categories"] = self.joined(draft.categories)

    def draft(self, when: Clause) -> Draft:
        """The flow itself: who, what, why, when and to whom."""
        purpose = self.tree(when, "purpose", "purposes")
        categories = [self.tree(when, "data", "categories")]
        if self.chance(0.25):
            categories.append(self.tree(when if self.chance(0.7) else {}, "data", "categories"))
        flow = self.add(
            "flows",
            {
                "flow_id": self.next_id("flows"),
                "operation": self.operation(when),
                "purpose": purpose,
                "channel": self.channel(when),
                "records": self.rng.choice([None, "1", "25", "100000"]),
            },
        )
        subject, moment = self.subject_and_moment(when)
        flow["subject_id"] = subject.subject_id
        draft = Draft(flow, moment, categories, [subject.base] if subject.base else [])
        self.choose_parties(draft, when)
        return draft

    def operation(self, when: Clause) -> str:
        """An operation that the clause names; where it is free, contact more often than others."""
        free = not {"operation", "operation_not"} & set(when)
        return (
            "contact" if free and self.chance(0.2) else self.flat(when, "operation", "operations")
        )

    def channel(self, when: Clause) -> str | None:
        """A channel that the clause lists, or any, or none."""
        listed = when.get("channel", when.get("channel_such_as"))
        if listed is None:
            return self.any_code("channels") if self.chance(0.5) else None
        return self.pick(listed)

    def subject_and_moment(self, when: Clause) -> tuple[Subject, datetime]:
        """Whose data, and when: with the agreement in force, settling, or however it is."""
        if "whole_base" in when:
            return Subject("*", None), self.moment(WHOLE_BASE_ERA, END)
        with_base = [subject for subject in self.subjects if subject.base]
        ended = [subject for subject in with_base if subject.base and subject.base.end]
        if "agreement_settling" in when and ended:
            subject = self.rng.choice(ended)
            return subject, self.settling_moment(subject)
        subject = self.rng.choice(with_base if "agreement_in_force" in when else self.subjects)
        if subject.base and ("agreement_in_force" in when or self.chance(0.5)):
            return subject, self.moment(subject.base.start, subject.base.end or WHOLE_BASE_ERA)
        return subject, self.moment()

    def settling_moment(self, subject: Subject) -> datetime:
        """An instant from the end of the agreement to the end of the next month, or after."""
        end = (subject.base and subject.base.end) or ERA
        last = (end - MOMENT).astimezone(CHINA)
        month = last.year * 12 + last.month + 1
        closing = datetime(month // 12, month % 12 + 1, 1, tzinfo=CHINA)
        return (
            self.moment(closing, closing + 40 * DAY)
            if self.chance(0.1)
            else self.moment(end, closing)
        )

    def choose_parties(self, draft: Draft, when: Clause) -> None:
        """Sender and recipient, in their roles; whoever holds the data must be fit to."""
        calls = draft.flow["operation"] == "contact"
        sender_role = self.flat(when, "sender_role", "roles")
        if not {"sender_role", "sender_role_not"} & set(when) and self.chance(0.5):
            sender_role = "carrier"
        recipient_role = self.flat(when, "recipient_role", "roles")
        if calls and "recipient_role" not in when and self.chance(0.6):
            recipient_role = self.flat(
                {**when, "recipient_role": ["subject"]}, "recipient_role", ""
            )
        keeps = "sender_keeps_data" in when
        to_subject = calls and (keeps or recipient_role == "subject")
        demanding = bool(HOLDER_FACTS & set(when))
        told, asked = self.told_of("recipient", when), self.told_of("sender", when)
        draft.flow["sender"] = self.party(draft, sender_role, told | asked, fit=demanding)
        draft.flow["recipient"] = self.party(draft, recipient_role, told, fit=demanding)
        if to_subject:
            draft.flow["recipient"] = "CUSTOMER"
        elif keeps:
            draft.flow["recipient"] = draft.flow["sender"]

    def party(self, draft: Draft, role: str, told: Row, *, fit: bool) -> str:
        """A party of a role: wide enough, made to measure, or any."""
        if role == "subject" and not told and self.chance(0.95):
            return "CUSTOMER"
        same = [party_id for party_id in self.roles if self.roles[party_id] == role]
        if not (fit or told):
            return self.rng.choice(same)
        cells = {"country": "CN", **told}
        if len(self.roles) < self.size // 8 + 100 and self.chance(0.3):
            return self.measured_party(draft, role, cells)
        by_id = {row["party_id"]: row for row in self.tables["parties"]}
        wide = [one for one in same if one in by_id and cells.items() <= by_id[one].items()]
        wide = [one for one in wide if by_id[one]["agreement_from"] == "2021-06-01"]
        return self.rng.choice(wide) if wide else self.add_party(role, self.wide(cells))

    def told_of(self, side: str, when: Clause) -> Row:
        """What the register must say of a side besides its role."""
        listings = {"country": "countries", "legal_role": "legal_roles"}
        told: Row = {
            column: self.flat(when, f"{side}_{column}", listing)
            for column, listing in listings.items()
            if {f"{side}_{column}", f"{side}_{column}_not"} & set(when)
        }
        return told | ({"licence": "L-1"} if f"{side}_licensed" in when else {})

    def measured_party(self, draft: Draft, role: str, cells: Row) -> str:
        """A party that may just hold this flow's data, at this time and for this purpose."""
        start, end = self.before(draft.moment), self.after(draft.moment)
        party_id = self.add_party(
            role,
            {
                "purposes": self.scope("purposes", draft.flow["purpose"] or ""),
                "data_categories": self.scope("categories", *draft.categories),
                "agreement_from": self.dated(start),
                "agreement_until": self.dated(end, until=True) if self.chance(0.6) else None,
                **cells,
            },
        )
        draft.spans.append(Span(self.tables["parties"][-1], start, end, "agreement_until"))
        return party_id

    def basis(self, clause: Clause) -> str | None:
        """What the flow claims: the clause where it must, else mostly nothing."""
        if "claimed" in clause["when"]:
            return str(clause["id"])
        others = ["consent", "unmapped", *(one["id"] for one in self.clauses)]
        return self.rng.choice(others) if self.chance(0.2) else None

    def prove(self, draft: Draft, when: Clause) -> None:
        """The consents and evidence that the clause asks for."""
        for word in sorted(CONSENT_WORDS & set(when)):
            self.allow(draft, cells=self.such_consent(draft, word))
        if "prohibited_by_customer" in when:
            self.forbid(draft)
        asked = when.get("evidence")
        if "evidence_after" in when:
            later, earlier = when["evidence_after"]
            first = self.add_evidence(draft, earlier)
            self.add_evidence(draft, later, first if self.chance(0.8) else None)
        elif asked is not None:
            self.add_evidence(draft, asked if isinstance(asked, str) else self.rng.choice(asked))
        elif self.chance(0.05):
            self.cite_anything(draft)

    def such_consent(self, draft: Draft, word: str) -> Row:
        """What makes a consent one of the kind that a clause asks for."""
        match word:
            case "separately_consented":
                purpose = draft.flow["purpose"] or ""
                named = self.named(draft.holder) if self.chance(0.2) else draft.holder
                apart = self.rng.choice(["separate", "written"])
                return {"kind": apart, "recipient": named, "purposes": purpose}
            case "consented_in_writing":
                return {"kind": "written"}
            case _:
                return {}

    def allow(self, draft: Draft, given: datetime | None = None, cells: Row | None = None) -> None:
        """A consent, or signed supplement, that covers the flow; `cells` are as told."""
        if draft.subject_id == "*":
            return
        start = given or self.before(draft.moment)
        end = self.after(max(start, draft.moment)) if self.chance(0.5) else None
        cells = {
            "recipient": draft.holder if given else self.named(draft.holder),
            "purposes": self.scope("purposes", draft.flow["purpose"] or ""),
            "data_categories": self.scope("categories", *draft.categories),
            "kind": self.rng.choice(["agreement", "separate", "written"]),
            "effect": self.rng.choice(["allow", None]),
            **(cells or {}),
        }
        draft.spans.append(self.add_consent(draft.subject_id, start, end, cells))

    def named(self, party_id: str) -> str | None:
        """How a row of consents names a party: by its id, by its role, or not at all."""
        return self.rng.choice([party_id, self.roles.get(party_id, party_id), None])

    def forbid(self, draft: Draft) -> None:
        """A refusal, or a signed supplement, that forbids the flow; at times lifted later.

        It outlives the era of single customers only where it cannot touch the whole base.
        """
        subject = (
            draft.subject_id
            if draft.subject_id != "*"
            else self.rng.choice(self.subjects).subject_id
        )
        start = self.before(draft.moment)
        recipient = self.named(draft.holder)
        bound = recipient is None or "carrier" in (recipient, self.roles.get(draft.holder))
        end = self.after(draft.moment, WHOLE_BASE_ERA) if bound or self.chance(0.5) else None
        if draft.moment >= WHOLE_BASE_ERA:
            end = start + DAY
        cells: Row = {
            "recipient": recipient,
            "purposes": self.scope("purposes", draft.flow["purpose"] or ""),
            "data_categories": self.scope("categories", *draft.categories),
            "kind": self.rng.choice(["agreement", "separate", "written"]),
            "effect": "forbid",
        }
        for column in ("purposes", "data_categories"):
            cells[column] = None if self.chance(0.3) and end else cells[column]
        draft.spans.append(self.add_consent(subject, start, end, cells))
        if self.chance(0.15):
            later = self.rng.choice([start, start + MOMENT, draft.moment])
            self.allow(draft, later)

    def add_evidence(self, draft: Draft, kind: str, since: datetime | None = None) -> datetime:
        """A row of evidence that fits the flow, cited or not, and when it begins."""
        flags = self.kinds[kind]
        start = max(filter(None, (self.before(draft.moment), since)))
        end = self.after(draft.moment) if self.chance(0.5) else None
        cited = self.chance(0.6)
        nobody = bool(flags.get("subject_optional")) and cited and self.chance(0.5)
        row = self.add(
            "evidence",
            {
                "evidence_id": self.next_id("evidence"),
                "kind": kind,
                "subject_id": None if nobody else draft.subject_id,
                "issued_by": self.issuer(draft, flags),
                "valid_from": self.dated(start),
                "valid_until": self.dated(end, until=True) if end else None,
                "amount": self.rng.choice(["0.01", "35", "120.50"])
                if flags.get("amount")
                else None,
                "reference": self.referring(draft) if flags.get("names_recipient") else None,
            },
        )
        draft.flow["evidence_id"] = row["evidence_id"] if cited else None
        draft.spans.append(Span(row, start, end, "valid_until"))
        return start

    def referring(self, draft: Draft) -> str | None:
        """What the evidence refers to: mostly the recipient, at times another party, or none."""
        others = [*sorted(self.roles), "No. 7", None]
        return draft.flow["recipient"] if self.chance(0.8) else self.rng.choice(others)

    def issuer(self, draft: Draft, flags: Mapping[str, Any]) -> str | None:
        """Who issued the evidence, as its kind demands."""
        if flags.get("issued_by_recipient"):
            return draft.flow["recipient"]
        others = sorted(one for one, role in self.roles.items() if role != "carrier")
        return self.rng.choice(others) if flags.get("independent") or self.chance(0.3) else None

    def cite_anything(self, draft: Draft) -> None:
        """A citation of some row of evidence, or of none."""
        rows = [row["evidence_id"] for row in self.tables["evidence"]]
        draft.flow["evidence_id"] = self.rng.choice([*rows[-20:], "DANGLING", None])

    # -------------------------------------------------------------- spoiling it in one place

    def spoil(self, draft: Draft) -> None:
        """One change after which the clause may no longer be met."""
        rows = [span for span in draft.spans if not span.shared]
        weights = {
            self.spoil_row: 4 if rows else 0,
            self.spoil_time: 3 if draft.spans else 0,
            self.spoil_code: 2,
            self.spoil_party: 2,
            self.cite_anything: 2 if draft.flow["evidence_id"] else 0,
            self.spoil_subject: 1,
            self.spoil_basis: 1,
            self.forbid: 1,
        }
        (change,) = self.rng.choices(list(weights), list(weights.values()))
        change(draft)

    def spoil_time(self, draft: Draft) -> None:
        """The flow on an edge of what it rests on, or that ended at the instant of the flow."""
        span = self.rng.choice(draft.spans)
        if not span.shared and self.chance(0.4):
            span.row[span.end_column] = self.written(draft.moment)
            return
        edges = [span.start - MOMENT, span.start, span.end, span.end and span.end - MOMENT]
        moment = self.rng.choice([edge for edge in edges if edge])
        draft.moment = moment if moment < END else draft.moment

    def spoil_row(self, draft: Draft) -> None:
        """A register row that the flow rests on, with one cell emptied or changed."""
        row = self.rng.choice([span.row for span in draft.spans if not span.shared])
        changes: dict[str, Callable[[], str | None]] = {
            "amount": lambda: self.rng.choice([None, "0", "-3", "0.00"]),
            "issued_by": lambda: self.rng.choice([None, "X-1", *self.roles]),
            "kind": lambda: self.other_kind(row),
            "recipient": lambda: self.pick([*self.roles, *self.vocabulary["roles"], "X-1"]),
            "purposes": lambda: self.other_scope("purposes", draft.flow["purpose"] or ""),
            "data_categories": lambda: self.other_scope("categories", draft.categories[0]),
            "agreement_from": lambda: None,
            "country": lambda: self.rng.choice([None, self.any_code("countries")]),
            "legal_role": lambda: self.rng.choice([None, *self.vocabulary["legal_roles"]]),
            "licence": lambda: None,
        }
        if row.get("effect") == "forbid":  # a wider refusal might touch the whole base
            changes = {"kind": changes["kind"]}
        if "evidence_id" in row:
            changes["subject_id"] = lambda: self.rng.choice([None, self.subjects[0].subject_id])
        filled = [column for column in changes if row.get(column)]
        if filled:
            column = self.rng.choice(filled)
            row[column] = changes[column]()

    def other_kind(self, row: Row) -> str:
        """Another kind of evidence, or of consent."""
        if "evidence_id" in row:
            return self.rng.choice(["unmapped_kind", *sorted(self.kinds)])
        return self.rng.choice(["agreement", "separate", "written"])

    def other_scope(self, listing: str, code: str) -> str | None:
        """A scope that may no longer cover the code: below it, beside it, unmapped, or null."""
        return self.rng.choice(
            [self.descendant(listing, code), self.any_code(listing), f"unmapped_{listing}", None]
        )

    def spoil_code(self, draft: Draft) -> None:
        """A code of the flow, made broader, narrower, other or unmapped."""
        column, listing = self.rng.choice(
            [("purpose", "purposes"), ("operation", "operations"), ("channel", "channels")]
        )
        if self.chance(0.4):
            code = draft.categories[0]
            draft.categories[0] = self.other_code("categories", code)
        elif listing == "purposes":
            draft.flow[column] = self.other_code(listing, draft.flow[column] or "")
        else:
            unset = column == "channel" and self.chance(0.4)
            draft.flow[column] = None if unset else self.any_code(listing)

    def other_code(self, listing: str, code: str) -> str:
        """A code near this one in its tree, any code, or one that is not mapped."""
        near = [self.ancestor(listing, code), self.descendant(listing, code)]
        return self.rng.choice([*near, self.any_code(listing), f"unmapped_{listing}"])

    def spoil_party(self, draft: Draft) -> None:
        """Another sender or recipient: of the same role, of any, or unregistered."""
        end = self.rng.choice(["sender", "recipient", "recipient"])
        role = self.roles.get(draft.flow[end] or "")
        same = [party_id for party_id in self.roles if self.roles[party_id] == role]
        others = ["X-1", *self.rng.sample(sorted(self.roles), 2)]
        draft.flow[end] = self.rng.choice(same if same and self.chance(0.4) else others)

    def spoil_subject(self, draft: Draft) -> None:
        """The data of another customer, of a stranger, or of all."""
        other = self.rng.choice(self.subjects).subject_id
        draft.flow["subject_id"] = self.rng.choice([other, other, "STRANGER", "*"])

    def spoil_basis(self, draft: Draft) -> None:
        """Another claim, or none."""
        claims = [None, "unmapped", "consent", *(clause["id"] for clause in self.clauses)]
        draft.flow["basis"] = self.rng.choice(claims)

    # -------------------------------------------------------------- rows that no flow asked for

    def add_noise(self) -> None:
        """Consents and evidence of any kind, for customers of whom flows speak."""
        for _ in range(self.size // 25):
            start = self.moment()
            cells: Row = {
                "recipient": self.named(self.rng.choice(sorted(self.roles))),
                "purposes": self.some_codes("purposes"),
                "data_categories": self.some_codes("categories"),
                "kind": self.rng.choice(["agreement", "separate", "written"]),
                "effect": self.rng.choice(["allow", None, "forbid"]),
            }
            subject = self.rng.choice(self.subjects).subject_id
            self.add_consent(subject, start, self.after(start, WHOLE_BASE_ERA), cells)
            self.add(
                "evidence",
                {
                    "evidence_id": self.next_id("evidence"),
                    "kind": self.rng.choice(sorted(self.kinds)),
                    "subject_id": self.rng.choice(self.subjects).subject_id,
                    "valid_from": self.dated(start),
                    "amount": self.rng.choice([None, "7"]),
                },
            )


# ------------------------------------------------------------------ rows that are rejected

FAULTS: dict[str, dict[str, tuple[str | None, ...]]] = {
    "flows": {
        "occurred_at": ("2024-03-10", "yesterday", None),
        "records": ("-1", "1.5"),
        "data_categories": (" ; ", "identity;;contact", None),
        "sender": (" ",),
        "flow_id": ("F00000", None),
    },
    "parties": {
        "role": (None,),
        "legal_role": ("owner",),
        "agreement_from": ("soon",),
        "purposes": ("service; ;improve",),
    },
    "consents": {"kind": ("oral", None), "effect": ("no",), "given_at": ("2024-13-01", None)},
    "evidence": {"amount": ("NaN", "1e3"), "valid_from": ("24:00", None), "kind": (None,)},
}


def finished(maker: Maker, *, losses: bool) -> Tables:
    """The tables with a few rows made faulty, repeated or untidy, each in a random order."""
    rng = maker.rng
    for table, rows in maker.tables.items():
        faulty = rng.sample(rows, faults_in(table, len(rows), losses=losses))
        for row in faulty:
            if row.get("party_id") != "CUSTOMER" or losses:
                column = rng.choice(sorted(FAULTS[table]))
                row[column] = rng.choice(FAULTS[table][column])
        if losses and table == "evidence":
            cite_lost(rng, maker.tables["flows"], faulty)
        if losses:
            lose(rng, table, rows)
        if table != "flows":
            rows += [dict(row) for row in rng.sample(rows, min(2, len(rows)))]
        for row in rng.sample(rows, len(rows) // 50):
            column = rng.choice(list(row))
            row[column] = f" {row[column] or ''} "
        rng.shuffle(rows)
    return maker.tables


def faults_in(table: str, rows: int, *, losses: bool) -> int:
    """How many rows of a table are to be rejected: few; of consents none, unless with losses."""
    if losses and table != "flows":
        return rows // 12
    return 0 if table == "consents" else rows // 70


def cite_lost(rng: Random, flows: Sequence[Row], lost: Sequence[Row]) -> None:
    """Some flows cite evidence that is rejected."""
    for flow in rng.sample(flows, len(flows) // 20 if lost else 0):
        flow["evidence_id"] = rng.choice(lost)["evidence_id"]


def lose(rng: Random, table: str, rows: list[Row]) -> None:
    """An id with two contents, and at times a rejected row that does not say whom it is about."""
    notes = {"parties": "licence", "consents": "version", "evidence": "reference"}
    if table in notes:
        rows.append(rng.choice(rows) | {notes[table]: "another"})
    if table in ("consents", "evidence") and rng.random() < 0.25:
        rng.choice(rows).update(subject_id=None, kind=None)


# ------------------------------------------------------------------ packs

CODE_WORDS = {
    "sender_role": "roles",
    "recipient_role": "roles",
    "operation": "operations",
    "purpose": "purposes",
    "data": "categories",
    "recipient_country": "countries",
    "sender_legal_role": "legal_roles",
    "recipient_legal_role": "legal_roles",
}
CHANNEL_WORDS = ("channel", "channel_such_as")
CONSENT_WORDS = {"consented", "separately_consented", "consented_in_writing"}
GRANTING_FACTS = (*sorted(CONSENT_WORDS), "agreement_in_force", "agreement_settling")
DATES = ("occurs_from", "occurs_before")
DAYS = ("2021-11-01", "2024-01-01", "2025-01-01", "2026-06-01")  # around the eras
FACTS = (
    "claimed",
    "whole_base",
    "within_recipient_scope",
    "recipient_authorised",
    "recipient_licensed",
    "necessary_data",
    "sender_keeps_data",
    "contested",
)
FLAGS = (
    "amount",
    "issued_by_recipient",
    "independent",
    "subject_optional",
    "other_person",
    "names_recipient",
)


def words_for(effect: str) -> list[str]:
    """The condition words that a clause of this effect may use, oftener what is seldom met."""
    seldom = (*sorted(CONSENT_WORDS), *sorted(CONSENT_WORDS))
    own = ("prohibited_by_customer",) if effect == "forbid" else (*GRANTING_FACTS, *seldom)
    opposites = [f"{word}_not" for word in CODE_WORDS]
    codes = (*CODE_WORDS, *opposites, *CHANNEL_WORDS)
    return [*codes, "evidence", "evidence_after", *DATES, *DATES, *FACTS, *own]


def pack(rng: Random, vocabulary: Mapping[str, Any], layer: str | None = None) -> dict[str, Any]:
    """A valid pack of 5 to 15 clauses that attack each other in long chains, without a cycle.

    Clauses attack only clauses drawn before them, so there is none; they are listed in any order.
    """
    layer = layer or rng.choice(["contract", "statute"])
    kinds = [declared_kind(rng, f"{layer}_proof_{number}") for number in range(rng.randint(0, 2))]
    codes = [*sorted(vocabulary["evidence_kinds"]), *(kind["code"] for kind in kinds)]
    clauses: list[dict[str, Any]] = []
    effects = ["permit", "except", "forbid", *rng.choices(["permit", "except", "forbid"], k=12)]
    for number in range(rng.randint(5, 15)):
        effect = effects[number]
        lines = rng.sample(
            words_for(effect), rng.choice([2, 3, 3] if effect == "forbid" else [1, 1, 2, 3])
        )
        when = {word: argument(rng, word, vocabulary, codes) for word in lines}
        clauses.append(random_clause(rng, f"r-{rng.choice('abc')}{number}", effect, when))
        clauses[-1]["exception_to"] = attacked(rng, clauses)
    name_the_consent(rng, clauses)
    rng.shuffle(clauses)
    header = {"id": f"random_{layer}", "version": "1.0.0", "layer": layer}
    return {
        "pack": {**header, "title": {"zh": "随机", "en": "Random"}},
        **({"evidence_kind": kinds} if kinds else {}),
        "clause": clauses,
    }


def declared_kind(rng: Random, code: str) -> dict[str, Any]:
    """A kind of evidence that the vocabulary lacks."""
    return {"code": code, **{flag: True for flag in FLAGS if rng.random() < 0.3}}


def random_clause(rng: Random, own_id: str, effect: str, when: dict[str, Any]) -> dict[str, Any]:
    """A clause in the form of a pack file."""
    gist = {"zh": f"条款{own_id}", "en": f"Clause {own_id}"}
    clause = {"id": own_id, "cite": own_id, "effect": effect, "gist": gist, "when": when}
    if "consented" in when and rng.random() < 0.5:
        clause["supplement"] = {"cite": f"{own_id} s"}
    return clause


def argument(
    rng: Random, word: str, vocabulary: Mapping[str, Any], kinds: Sequence[str]
) -> bool | str | list[str]:
    """What a condition asks for."""
    if word == "evidence":
        few = rng.sample(kinds, rng.randint(1, 2))
        return few[0] if len(few) == 1 and rng.random() < 0.7 else few
    if word == "evidence_after":
        return rng.sample(kinds, 2)
    if word in DATES:
        return rng.choice(DAYS)
    listing = "channels" if word in CHANNEL_WORDS else CODE_WORDS.get(word.removesuffix("_not"))
    if listing is None:
        return True
    codes = vocabulary[listing]
    wide = [code for code in codes if isinstance(codes, Mapping) and codes[code] is None]
    pool = sorted(wide if wide and rng.random() < 0.5 else codes)
    return rng.sample(pool, rng.randint(1, 3))


def attacked(rng: Random, clauses: Sequence[Mapping[str, Any]]) -> list[str]:
    """The earlier clauses that the last one overrides: mostly the newest opponent."""
    *earlier, last = clauses
    opponents = [
        clause["id"]
        for clause in reversed(earlier)
        if (clause["effect"] == "forbid") != (last["effect"] == "forbid")
    ]
    share = 0.1 if last["effect"] == "forbid" else 0.5
    newest = [own_id for own_id in opponents[:1] if rng.random() < 0.8]
    return newest + [own_id for own_id in opponents[1:] if rng.random() < share]


def name_the_consent(rng: Random, clauses: Sequence[dict[str, Any]]) -> None:
    """At times a clause that asks `consented` is called what a basis calls it."""
    asking = [clause for clause in clauses if "consented" in clause["when"]]
    if not asking or rng.random() < 0.5:
        return
    old = asking[0]["id"]
    asking[0]["id"] = "consent"
    for clause in clauses:
        clause["exception_to"] = [
            "consent" if target == old else target for target in clause["exception_to"]
        ]
