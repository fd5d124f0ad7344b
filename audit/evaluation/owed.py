"""The rows of the registers that duties ask for: few of many, so that a run reads no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from audit.clauses.duty import Duty, DutyEvent
from audit.facts.base import is_base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.clauses.clause import Pack
    from audit.records.checking import Registers
    from audit.vocabulary import Vocabulary

_CONSENTS = (
    *("consent_id", "subject_id", "recipient", "purposes", "data_categories"),
    *("given_at", "withdrawn_at"),
)
_EVIDENCE = (
    *("evidence_id", "kind", "subject_id", "issued_by", "reference"),
    *("valid_from", "valid_until", "amount"),
)


@dataclass(frozen=True)
class Owed:
    """The consents that ended by withdrawal, and the evidence of kinds that some duty asks for."""

    consents: pl.DataFrame
    evidence: pl.DataFrame


def computed(packs: Sequence[Pack]) -> list[tuple[str, Duty]]:
    """Every duty that is no draft, with its layer."""
    return [(pack.layer.value, each) for pack in packs for each in pack.duties if not each.draft]


def owed(packs: Sequence[Pack], registers: Registers, vocabulary: Vocabulary) -> Owed:
    """The rows that the duties of these packs ask for; none where there is no duty."""
    duties = [duty for _, duty in computed(packs)]
    asked = {kind for duty in duties for kind in duty.kinds}
    other = pl.col("kind").is_in(sorted(set(vocabulary.evidence_kinds) - asked))
    withdrawals = any(duty.arises.event is DutyEvent.WITHDRAWAL for duty in duties)
    at = pl.col("withdrawn_at")
    ended = (at == pl.col("ends_at")) & (pl.col("given_at") < at)
    withdrawn = (pl.col("effect") == "allow") & ~is_base() & ended
    return Owed(
        consents=registers.consents.filter(withdrawn & pl.lit(withdrawals)).select(_CONSENTS),
        evidence=registers.evidence.filter(~other & pl.lit(bool(asked))).select(_EVIDENCE),
    )
