"""Lines of business drawn from the processes: who sends which data to whom, for what, and how.

A template is what a great many flows have in common; flows differ in subject, time and evidence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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


def draw_templates(
    rng: Random, processes: Sequence[Process], parties: Sequence[Party], count: int
) -> list[Template]:
    """About `count` templates; every process has one, and the heavier has more."""
    by_role: dict[str, list[Party]] = {}
    for party in parties:
        by_role.setdefault(party.role, []).append(party)
    roots = sum(process.weight**0.5 for process in processes)
    return [
        template
        for process in processes
        for template in _of_process(
            rng, process, by_role, max(1, round(count * process.weight**0.5 / roots))
        )
    ]


def _of_process(
    rng: Random, process: Process, by_role: Mapping[str, Sequence[Party]], count: int
) -> Iterator[Template]:
    weights = [(rank + 1) ** -_SKEW for rank in range(count)]
    unit = process.weight / sum(weights)
    for weight in weights:
        sender = _skewed(rng, by_role[process.sender])
        same = process.recipient == SAME
        recipient = sender if same else _skewed(rng, by_role[process.recipient])
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


def _skewed(rng: Random, parties: Sequence[Party]) -> Party:
    """A party; of those that stand first in the register more often."""
    return parties[int(len(parties) * rng.random() ** 3)]


def _some(rng: Random, codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(rng.sample(codes, min(len(codes), rng.randint(1, 4)))))


def _scoped(rng: Random, codes: Sequence[str], scope: Sequence[str]) -> Sequence[str]:
    """The codes within a scope, where there are any; now and then all of them."""
    within = [code for code in codes if any(f"{code}.".startswith(f"{root}.") for root in scope)]
    return codes if not within or rng.random() < _STRAYS else within
