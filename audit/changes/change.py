"""What a change file says, as values; nothing is applied here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Cell = str | tuple[str, ...]


@dataclass(frozen=True)
class PackChange:
    """A pack of the run: another in its place, clauses left out, made drafts, or made to judge."""

    id: str
    replaced_by: str | None = None  # a pack's id, or its file
    off: tuple[str, ...] = ()
    draft: tuple[str, ...] = ()
    on: tuple[str, ...] = ()


@dataclass(frozen=True)
class PartyChange:
    """A registered party: cells written anew (empty text: emptied), codes added and removed."""

    id: str
    cells: Mapping[str, str]
    added: Mapping[str, tuple[str, ...]]
    removed: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Withdrawal:
    """Consents withdrawn at an instant: those that agree with all that is said of them."""

    at: str
    said: Mapping[str, str]  # of kind, document, recipient


@dataclass(frozen=True)
class EvidenceEnd:
    """Evidence that holds no longer than this: one row, or all of a kind."""

    at: str
    said: Mapping[str, str]  # of evidence_id, kind


@dataclass(frozen=True)
class Supposition:
    """A change: all that is supposed to be otherwise."""

    packs: tuple[PackChange, ...] = ()
    parties: tuple[PartyChange, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    evidence: tuple[Mapping[str, Cell], ...] = ()
    ends: tuple[EvidenceEnd, ...] = ()
    complete: frozenset[str] = field(default_factory=frozenset)

    @property
    def of_registers(self) -> bool:
        """Whether a row of a register is supposed to be otherwise."""
        return bool(self.parties or self.withdrawals or self.evidence or self.ends)
