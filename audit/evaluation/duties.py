"""What became of each duty as of an instant: its states, and the table of them."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from audit.evaluation.judgement import INSTANT


class DutyState(StrEnum):
    """What became of a duty as of an instant (semantics, section 7), the gravest last."""

    FULFILLED = "fulfilled"
    NOT_DUE = "not_due"  # what raises it lies after the instant
    PENDING = "pending"
    FULFILMENT_UNKNOWN = "fulfilment_unknown"
    UNDETERMINED = "undetermined"  # whether it arose is unknown
    BREACHED = "breached"


# Sorted by all columns in this order. `subject` is raw, null where the duty is owed to nobody by
# name; `party` is null where none is meant; `event_id` is a flow_id, evidence_id, consent_id or
# party_id, as `event` says; `done_by` is "flow:ID" or "evidence:ID", late acts too; `flows` is 1,
# and for a duty per relation the flows of that relation.
DUTIES = pl.Schema(
    {
        "layer": pl.String(),
        "duty": pl.String(),
        "event": pl.String(),
        "event_id": pl.String(),
        "subject": pl.String(),
        "party": pl.String(),
        "arisen_at": INSTANT,
        "due": INSTANT,
        "state": pl.String(),
        "done_by": pl.String(),
        "done_at": INSTANT,
        "flows": pl.Int64(),
    }
)
