"""What a pack calls supply abroad, and from how many persons a year on it takes which mechanism."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from audit.clauses.duties import flow_words

if TYPE_CHECKING:
    from audit.clauses.clause import Condition

Entry = Any  # a part of a document, as TOML has it


class ExportTier(StrEnum):
    """What supply abroad takes, in rising gravity."""

    EXEMPT = "exempt"
    CONTRACT = "contract"  # a standard contract or a certification
    ASSESSMENT = "assessment"


@dataclass(frozen=True)
class ExportRule:
    """Which flows are supply abroad, and below how many persons of a year which tier ends."""

    flow: tuple[Condition, ...]
    exempt_purposes: tuple[str, ...]  # such a flow may be one that is not counted
    sensitive: tuple[str, ...]
    exempt_below: int
    contract_below: int
    sensitive_contract_below: int

    def tier(self, persons: int, sensitive: int) -> ExportTier:
        """The tier of so many persons, and of so many whose sensitive data are supplied."""
        if not sensitive and persons < self.exempt_below:
            return ExportTier.EXEMPT
        if persons < self.contract_below and sensitive < self.sensitive_contract_below:
            return ExportTier.CONTRACT
        return ExportTier.ASSESSMENT


def export_rule(entry: Entry) -> ExportRule | None:
    """The rule that a pack's `[export]` describes; None where it has none."""
    if entry is None:
        return None
    return ExportRule(
        flow=flow_words(entry["flow"]),
        exempt_purposes=tuple(entry.get("exempt_purposes", ())),
        sensitive=tuple(entry["sensitive"]),
        exempt_below=entry["exempt"]["persons_below"],
        contract_below=entry["contract"]["persons_below"],
        sensitive_contract_below=entry["contract"]["sensitive_below"],
    )
