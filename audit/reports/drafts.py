"""What a run's manifest says of drafts: what each would change, apart from all that was judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from audit.evaluation.tallying import EDGE

if TYPE_CHECKING:
    from audit.outcome import Audit

_RELATIONS = 8  # told by name; the others are counted
_MOVE = ("now", "would_be")


def drafts_told(audit: Audit) -> list[dict[str, Any]]:
    """Per draft of the run's packs: the flows that it would move, from which verdict to which."""
    drafts = audit.judgement.drafts
    if drafts is None:
        return []
    return [
        {
            **counted,
            **_changes(drafts.changes.filter(layer=counted["layer"], clause=counted["clause"])),
        }
        for counted in drafts.counts.to_dicts()
    ]


def _changes(changes: pl.DataFrame) -> dict[str, Any]:
    moves = changes.group_by(_MOVE).agg(pl.col("flows").sum())
    relations = changes.select(*EDGE, *_MOVE, "flows", "examples")
    return {
        "changes": moves.sort("flows", *_MOVE, descending=[True, False, False]).to_dicts(),
        "relations": relations.head(_RELATIONS).to_dicts(),
        "other_relations": max(0, relations.height - _RELATIONS),
    }
