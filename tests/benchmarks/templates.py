"""Lines of business drawn from the processes: who sends which data to whom, for what, and how.

A template is what a great many flows have in common; flows differ in subject, time and evidence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from tests.benchmarks.parties import CUSTOMER, Party
from tests.benchmarks.scenarios import SAME, Process

_STRAYS = 0.07  # of the templates that leave the registered scope
_SKEW = 1.1  # the exponent of Zipf's law


@dataclass(frozen=True)
class Template:
    """One line of business; `weight` is its part of the flows, of any sum."""

    process: Process
    sender: str
    recipient: str
    operation: str
    purpose: str
    categories: tuple[str, ...]
    channel: str
    weight: float

    @property
    def holder(self) -> str:
        """Who holds the data: the sender where it contacts the customer."""
        contacts = self.operation == "contact" and self.recipient == CUSTOMER
        return self.sender if contacts else self.recipient


@dataclass(frozen=True)
class Market:
    """Who does business; `hot` is the share of it that the first party of a role has to itself."""

    parties: Sequence[Party]
    hot: float = 0.0

    @cached_property
    def by_role(self) -> Mapping[str, Sequence[Party]]:
        """The parties of each role."""
        found: dict[str, list[Party]] = {}
        for party in self.parties:
            found.setdefault(party.role, []).append(party)
        return found

    def drawn(self, rng: Random, role: str) -> Party:
        """A party of this role; of those that stand first in the register more often."""
        among = self.by_role[role]
        if self.hot and rng.random() < self.hot:
            return among[0]
        return among[int(len(among) * rng.random() ** 3)]


def draw_templates(
    rng: Random, processes: Sequence[Process], market: Market, count: int
) -> list[Template]:
    """About `count` templates; every process has one, and the heavier has more."""
    roots = sum(process.weight**0.5 for process in processes)
    return [
        template
        for process in processes
        for template in _of_process(
            rng, process, market, max(1, round(count * process.weight**0.5 / roots))
        )
    ]


def _of_process(rng: Random, process: Process, market: Market, count: int) -> Iterator[Template]:
    weights = [(rank + 1) ** -_SKEW for rank in range(count)]
    unit = process.weight / sum(weights)
    for weight in weights:
        sender = market.drawn(rng, process.sender)
        same = process.recipient == SAME
        recipient = sender if same else market.drawn(rng, process.recipient)
        operation = rng.choice(process.operations)
        holder = sender if recipient.party_id == CUSTOMER else recipient
        yield Template(
            process=process,
            sender=sender.party_id,
            recipient=recipient.party_id,
            operation=operation,
            purpose=rng.choice(_scoped(rng, process.purposes, holder.purposes)),
            categories=_some(rng, _scoped(rng, process.data, holder.data)),
            channel=rng.choice(process.channels),
            weight=weight * unit,
        )


def _some(rng: Random, codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(rng.sample(codes, min(len(codes), rng.randint(1, 4)))))


def _scoped(rng: Random, codes: Sequence[str], scope: Sequence[str]) -> Sequence[str]:
    """The codes within a scope, where there are any; now and then all of them."""
    within = [code for code in codes if any(f"{code}.".startswith(f"{root}.") for root in scope)]
    return codes if not within or rng.random() < _STRAYS else within
