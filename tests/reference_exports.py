"""What is supply abroad, one flow at a time, in plain Python: section 8 of the semantics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from typing import Any

from tests.reference import FALSE, TRUE, UNKNOWN, WHOLE_BASE, Case, Clause, Truth, condition, negate
from tests.reference import World as Read

CHINA = timezone(timedelta(hours=8))


@dataclass
class Count:
    """Flows and persons of a year, or of a year and a country, certain and possible."""

    flows: dict[Truth, int] = field(default_factory=lambda: {UNKNOWN: 0, TRUE: 0})
    plain: dict[Truth, set[str]] = field(default_factory=lambda: {UNKNOWN: set(), TRUE: set()})
    sensitive: dict[Truth, set[str]] = field(default_factory=lambda: {UNKNOWN: set(), TRUE: set()})
    whole_base: bool = False

    def row(self) -> tuple[Any, ...]:
        """In the order of the table: certain, and certain or possible."""
        told: list[Any] = [self.flows[TRUE], self.flows[TRUE] + self.flows[UNKNOWN]]
        for kind in (self.plain, self.sensitive):
            told += [len(kind[TRUE]), len(kind[TRUE] | kind[UNKNOWN])]
        return (*told, self.whole_base)


def exported(world: Read, rule: Mapping[str, Any]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The counts, by (year,) and by (year, country)."""
    counts: dict[tuple[Any, ...], Count] = {}
    for flow in world.flows.values():
        case = Case(flow, world)
        plain, sensitive = values(case, rule)
        value = max(plain, sensitive)
        if value is FALSE:
            continue
        year = case.now.astimezone(CHINA).year
        country = world.parties.get(flow["recipient"], {}).get("country")
        known = country if country in case.words.countries else None
        for key in ((year,), (year, known)):
            count(counts.setdefault(key, Count()), flow["subject_id"], value, (plain, sensitive))
    return {key: told.row() for key, told in counts.items()}


def count(told: Count, subject: str, value: Truth, kinds: tuple[Truth, Truth]) -> None:
    """One flow more."""
    told.flows[value] += 1
    told.whole_base |= subject == WHOLE_BASE
    for kind, persons in zip(kinds, (told.plain, told.sensitive), strict=True):
        if kind is not FALSE and subject != WHOLE_BASE:
            persons[kind].add(subject)


def values(case: Case, rule: Mapping[str, Any]) -> tuple[Truth, Truth]:
    """Whether the flow supplies data abroad that are not sensitive, and such that are."""
    exempt = asked(case, "", {"purpose": rule.get("exempt_purposes", [])})
    counted = TRUE if exempt is FALSE else UNKNOWN
    told = []
    for category in case.flow["data_categories"]:
        own = asked(case, category, {"data": rule["sensitive"]})
        value = min(asked(case, category, rule["flow"]), counted)
        told.append((min(value, negate(own)), min(value, own)))
    plain, sensitive = zip(*told, strict=True)
    return max(plain), max(sensitive)


def asked(case: Case, category: str, when: Mapping[str, Sequence[str]]) -> Truth:
    """The value of lines that would be conditions of a clause."""
    clause = Clause("export", "forbid", dict(when))
    return min((condition(case, category, clause, word) for word in when), default=TRUE)
