"""The codes that flows, registers and packs are written in, and which code covers which."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import IntEnum, StrEnum
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

import consent_schemas
from audit.problems import Problem, UsageRefused
from audit.wording import Bilingual

# The only codes that mechanisms know by name; every other code is data.
CUSTOMER = "CUSTOMER"  # the party that stands for the subject of a flow
WHOLE_BASE = "*"  # the subject_id that stands for the whole customer base
ROLE_SUBJECT = "subject"
ROLE_CARRIER = "carrier"
OPERATION_CONTACT = "contact"
OPERATION_DELETE = "delete"
HOME_COUNTRY = "CN"  # Hong Kong, Macao and Taiwan have codes of their own and count as abroad


class Truth(IntEnum):
    """Three values: *and* is the minimum, *or* the maximum."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


class Listing(StrEnum):
    """The lists of codes; the value is the name of the list's file."""

    roles = "roles"
    operations = "operations"
    channels = "channels"
    countries = "countries"
    legal_roles = "legal_roles"
    purposes = "purposes"
    categories = "categories"
    evidence_kinds = "evidence_kinds"


class Sensitivity(StrEnum):
    """How sensitive a category is: never, by context, in need of more care, or by law."""

    no = "no"
    conditional = "conditional"
    heightened = "heightened"
    yes = "yes"


@dataclass(frozen=True)
class EvidenceKind:
    """How evidence of a kind is matched with a flow."""

    amount: bool = False
    issued_by_recipient: bool = False
    independent: bool = False
    subject_optional: bool = False
    other_person: bool = False
    names_recipient: bool = False


@dataclass(frozen=True)
class Entry:
    """One code as its list tells it; a column that the list does not have is None."""

    code: str
    label: Bilingual
    parent: str | None = None
    group: str | None = None
    personal: str | None = None
    person: str | None = None
    sensitive: Sensitivity | None = None
    tier: str | None = None
    dpv: str | None = None
    fides: str | None = None
    note: Bilingual | None = None
    declared_by: str | None = None  # the pack on whose account it is in the list


@dataclass(frozen=True)
class Vocabulary:
    """Every mapped code. Trees map a code to its parent; a code that is not here is unmapped."""

    roles: tuple[str, ...]
    operations: tuple[str, ...]
    channels: tuple[str, ...]
    countries: tuple[str, ...]
    legal_roles: tuple[str, ...]
    purposes: Mapping[str, str | None]
    categories: Mapping[str, str | None]
    evidence_kinds: Mapping[str, EvidenceKind]
    entries: Mapping[Listing, Mapping[str, Entry]]

    def label(self, listing: Listing, code: str) -> Bilingual:
        """What people call this code; an unmapped code is called by itself."""
        entry = self.entries[listing].get(code)
        return entry.label if entry else Bilingual(zh=code, en=code)

    def with_evidence(self, kinds: Mapping[str, EvidenceKind]) -> "Vocabulary":
        """The vocabulary with further kinds of evidence, such as packs declare."""
        return replace(self, evidence_kinds={**self.evidence_kinds, **kinds})

    def roles_of_people(self, answer: str) -> tuple[str, ...]:
        """The roles of which the list says so whether a natural person acts in them: yes or no."""
        entries = self.entries[Listing.roles]
        return tuple(code for code, entry in entries.items() if entry.person == answer)

    def sensitivity(self, category: str) -> Sensitivity | None:
        """How sensitive the category is; None for an unmapped one, of which nothing is known."""
        entry = self.entries[Listing.categories].get(category)
        return entry.sensitive if entry else None


def covers(
    tree: Mapping[str, str | None], code: str | None, members: Iterable[str] | None
) -> Truth:
    """Whether a list covers a code: the best of what its members say.

    A null or empty list and a null or unmapped code give unknown.
    """
    listed = tuple(members or ())
    if code is None or code not in tree or not listed:
        return Truth.UNKNOWN
    return max(_covered_by(tree, code, member) for member in listed)


def _covered_by(tree: Mapping[str, str | None], code: str, member: str) -> Truth:
    return within(lineage(tree, code), lineage(tree, member) if member in tree else ())


def within(code: Sequence[str], member: Sequence[str]) -> Truth:
    """Whether a code is within a member of a list, each given by its lineage; () is unmapped."""
    if not code or not member:
        return Truth.UNKNOWN
    if member[0] in code:
        return Truth.TRUE
    return Truth.UNKNOWN if code[0] in member else Truth.FALSE


def lineage(tree: Mapping[str, str | None], code: str) -> tuple[str, ...]:
    """The code and its ancestors, nearest first."""
    line: list[str] = []
    here: str | None = code
    while here is not None:
        line.append(here)
        here = tree[here]
    return tuple(line)


@cache
def load_vocabulary() -> Vocabulary:
    """The vocabulary that ships with the project.

    Raises UsageRefused, with every fault, where a list repeats a code, names a parent that it does
    not have, or runs in a circle.
    """
    rows = {listing: _rows(listing) for listing in Listing}
    entries = {listing: tuple(map(_entry, rows[listing])) for listing in Listing}
    problems = [fault for listing in Listing for fault in faults(listing, entries[listing])]
    if problems:
        raise UsageRefused(*problems)
    kinds = {row["code"]: _kind(row) for row in rows[Listing.evidence_kinds]}
    return _vocabulary(entries, kinds)


def faults(listing: str, entries: Sequence[Entry]) -> list[Problem]:
    """What is wrong with one list: codes given twice, parents it lacks, circles."""
    parents = {entry.code: entry.parent for entry in entries}
    return [
        *_repeated(listing, entries),
        *_orphaned(listing, parents),
        *_circular(listing, parents),
    ]


def _repeated(listing: str, entries: Sequence[Entry]) -> list[Problem]:
    return [
        Problem("vocabulary-twice", {"listing": listing, "code": code})
        for code, times in Counter(entry.code for entry in entries).items()
        if times > 1
    ]


def _orphaned(listing: str, parents: Mapping[str, str | None]) -> list[Problem]:
    return [
        Problem("vocabulary-orphan", {"listing": listing, "code": code, "parent": parent})
        for code, parent in parents.items()
        if parent is not None and parent not in parents
    ]


def _circular(listing: str, parents: Mapping[str, str | None]) -> list[Problem]:
    try:
        TopologicalSorter({code: {up} for code, up in parents.items() if up}).prepare()
    except CycleError as circle:
        codes = " -> ".join(circle.args[1])
        return [Problem("vocabulary-circle", {"listing": listing, "code": codes})]
    return []


def _vocabulary(
    entries: Mapping[Listing, Sequence[Entry]], kinds: Mapping[str, EvidenceKind]
) -> Vocabulary:
    return Vocabulary(
        roles=_codes(entries[Listing.roles]),
        operations=_codes(entries[Listing.operations]),
        channels=_codes(entries[Listing.channels]),
        countries=_codes(entries[Listing.countries]),
        legal_roles=_codes(entries[Listing.legal_roles]),
        purposes=_tree(entries[Listing.purposes]),
        categories=_tree(entries[Listing.categories]),
        evidence_kinds=dict(kinds),
        entries={listing: _by_code(entries[listing]) for listing in Listing},
    )


def _codes(entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(entry.code for entry in entries)


def _tree(entries: Sequence[Entry]) -> Mapping[str, str | None]:
    return {entry.code: entry.parent for entry in entries}


def _by_code(entries: Sequence[Entry]) -> Mapping[str, Entry]:
    return {entry.code: entry for entry in entries}


def _rows(listing: Listing) -> list[dict[str, Any]]:
    text = consent_schemas.path("vocabulary", f"{listing}.toml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = tomllib.loads(text)["entry"]
    return rows


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        code=row["code"],
        label=Bilingual(zh=row["zh"], en=row["en"]),
        parent=row.get("parent"),
        group=row.get("group"),
        personal=row.get("personal"),
        person=row.get("person"),
        sensitive=Sensitivity(row["sensitive"]) if "sensitive" in row else None,
        tier=row.get("tier"),
        dpv=row.get("dpv"),
        fides=row.get("fides"),
        note=Bilingual(**row["note"]) if "note" in row else None,
        declared_by=row.get("declared_by"),
    )


def _kind(row: Mapping[str, Any]) -> EvidenceKind:
    return EvidenceKind(**{flag.name: row.get(flag.name, False) for flag in fields(EvidenceKind)})
