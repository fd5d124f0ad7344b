"""For which findings a pack wants a second person to approve what is decided about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Approver:
    """The severities and the clauses for which a decision needs an approver."""

    severity: tuple[str, ...] = ()
    clause: tuple[str, ...] = ()


def approver_of(entry: Mapping[str, Any] | None) -> Approver | None:
    """What a pack's `[triage]` asks for; None where it asks for nothing."""
    if entry is None:
        return None
    asked = entry["approver"]
    return Approver(tuple(asked.get("severity", ())), tuple(asked.get("clause", ())))
