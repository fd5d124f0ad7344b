"""The carrier that the benchmarks audit, as `scenarios.toml` describes it."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("scenarios.toml")
SAME = "same"  # the recipient is the sender


class Choice(StrEnum):
    """How the subject of a flow is found."""

    anyone = "anyone"
    everyone = "everyone"
    consenting = "consenting"
    leaving = "leaving"
    evidenced = "evidenced"


@dataclass(frozen=True)
class Group:
    """Parties of one role; `purposes` and `data` are what their registered scopes draw on."""

    role: str
    prefix: str
    name: str
    share: float
    purposes: Sequence[str] = ()
    data: Sequence[str] = ()


@dataclass(frozen=True)
class Process:
    """One thing that the business does with data; sender and recipient are roles."""

    name: str
    weight: float
    sender: str
    recipient: str
    operations: Sequence[str]
    purposes: Sequence[str]
    data: Sequence[str]
    channels: Sequence[str]
    basis: str | None = None
    subject: str = Choice.anyone
    evidence: str | None = None


@dataclass(frozen=True)
class Proof:
    """Evidence of one kind; `days` is how long it holds, None for ever."""

    kind: str
    share: float
    since: Sequence[date]
    days: Sequence[int] | None = None
    most: int | None = None
    issuers: Sequence[str] = ()
    subject: bool = True
    amount: bool = False


@dataclass(frozen=True)
class Fault:
    """What a faulty flow has in one column: one of the values, or an empty cell."""

    column: str
    share: float
    values: Sequence[str] = ()


@dataclass(frozen=True)
class Scenarios:
    """Everything that the file says."""

    groups: Sequence[Group]
    processes: Sequence[Process]
    proofs: Sequence[Proof]
    faults: Sequence[Fault]


@cache
def load_scenarios() -> Scenarios:
    """What the file says."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Scenarios(
        groups=[Group(**entry) for entry in said["group"]],
        processes=[Process(**entry) for entry in said["process"]],
        proofs=[Proof(**entry) for entry in said["proof"]],
        faults=[Fault(**entry) for entry in said["fault"]],
    )
