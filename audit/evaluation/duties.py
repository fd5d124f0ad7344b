"""What became of each duty as of an instant: its states, and the table of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from audit.evaluation.acting import absences, acts, asked, first, last, since
from audit.evaluation.days import Terms, at_once, days_after, hours_after
from audit.evaluation.judgement import INSTANT
from audit.evaluation.raising import events
from audit.vocabulary import Truth

if TYPE_CHECKING:
    from audit.clauses.duty import Due, Duty
    from audit.evaluation.raising import Scene
    from audit.facts.pairs import Places


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


@dataclass(frozen=True)
class Told:
    """The rows of a duty, columns as DUTIES, and the years whose holidays the table lacks."""

    rows: pl.DataFrame
    lacking: frozenset[int] = frozenset()


def told(scene: Scene, duty: Duty, layer: str) -> Told:
    """What became of one duty, event by event of the scene's share."""
    raised = events(scene, duty).with_row_index("row")
    if raised.is_empty():
        return Told(DUTIES.to_frame())
    terms = _terms(duty.due, raised["at"].to_numpy())
    dated = raised.with_columns(
        sure=pl.Series(terms.sure),
        due=pl.Series(terms.due),
        late=pl.Series(terms.late),
        lacking=pl.Series(terms.lacking),
    )
    found = _done_before(scene, duty, dated) if duty.due.before else _done_after(scene, duty, dated)
    arisen = pl.col("at") <= scene.as_of
    rows = found.select(
        layer=pl.lit(layer),
        duty=pl.lit(duty.id),
        event=pl.lit(duty.arises.event.value),
        event_id="event_id",
        subject="subject",
        party="party",
        arisen_at=_instant("at"),
        due=_instant("due"),
        state=_state(scene),
        done_by=pl.when(arisen).then("name"),
        done_at=pl.when(arisen).then(_instant("done")),
        flows="flows",
    )
    asked_for = dated.filter(arisen & (pl.col("lacking") > 0))
    return Told(rows, frozenset(asked_for["lacking"].unique()))


def _terms(due: Due, at: Places) -> Terms:
    if due.days is not None:
        return days_after(at, due.days)
    return at_once(at) if due.hours is None else hours_after(at, due.hours)


def _done_after(scene: Scene, duty: Duty, dated: pl.DataFrame) -> pl.DataFrame:
    """The first true act from each event on, whether it is `in_time`, and whether one may be."""
    true, doubtful = _by_value(acts(scene, duty, dated))
    joined = _joined(
        dated,
        first(asked(dated, true), true),
        first(asked(dated, doubtful), doubtful).select("row", maybe="done"),
    )
    unsure = (pl.col("sure") <= scene.as_of) & (pl.col("late") > scene.as_of)
    earliest = pl.min_horizontal("done", "maybe")
    open_ = (earliest < pl.col("late")).fill_null(False) | unsure
    return joined.with_columns(
        in_time=(pl.col("done") < pl.col("sure")).fill_null(False),
        open=open_ | absences(scene, duty),
    )


def _done_before(scene: Scene, duty: Duty, dated: pl.DataFrame) -> pl.DataFrame:
    """The last true act before each event, else the first one after, and whether one may be.

    Acts count from the instants that `since` gives: an act is the better the later it is.
    """
    began = dated.join(since(scene, duty, dated), on="row", validate="1:1")
    true, doubtful = _by_value(acts(scene, duty, dated))
    from_then = pl.max_horizontal("at", "true_from")
    late = began.with_columns(at=from_then).drop_nulls("true_from")
    joined = _joined(
        began,
        last(asked(began, true), true).rename({"done": "before", "name": "before_name"}),
        last(asked(began, doubtful), doubtful).select("row", maybe="done"),
        first(asked(late, true), true),
    )
    in_time = (pl.col("before") >= pl.col("true_from")).fill_null(False)
    latest = pl.max_horizontal("before", "maybe")
    open_ = (latest >= pl.col("may_from")).fill_null(False)
    return joined.with_columns(
        in_time=in_time,
        open=open_ | absences(scene, duty),
        name=pl.when(in_time).then("before_name").otherwise("name"),
        done=pl.when(in_time).then("before").otherwise("done"),
    )


def _by_value(found: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The acts that are true, and those that may be."""
    true = pl.col("value") == Truth.TRUE
    return found.filter(true), found.filter(~true)


def _joined(dated: pl.DataFrame, *parts: pl.DataFrame) -> pl.DataFrame:
    for part in parts:
        dated = dated.join(part, on="row", how="left", validate="1:1")
    return dated


def _state(scene: Scene) -> pl.Expr:
    """The first state that fits, in the order of the semantics."""
    states = (
        (pl.col("at") > scene.as_of, DutyState.NOT_DUE),
        (pl.col("in_time"), DutyState.FULFILLED),
        (pl.col("value") == Truth.UNKNOWN, DutyState.UNDETERMINED),
        (pl.col("sure") > scene.as_of, DutyState.PENDING),
        (pl.col("open"), DutyState.FULFILMENT_UNKNOWN),
    )
    return pl.coalesce(
        *(pl.when(fits).then(pl.lit(state.value)) for fits, state in states),
        pl.lit(DutyState.BREACHED.value),
    )


def _instant(column: str) -> pl.Expr:
    return pl.col(column).cast(INSTANT)
