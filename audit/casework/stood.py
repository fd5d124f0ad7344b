"""Which findings stand where: the question of a filter to the decisions on a run."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date

import polars as pl

from audit.casework.preceding import earlier
from audit.casework.roles import Reader, Role
from audit.casework.triaging import log_of_run, states_of
from audit.casework.workspace import KeptRun
from audit.triage.state import State


@dataclass(frozen=True)
class Stand:
    """Where a finding must stand on a day.

    states: in one of these, none of them asks nothing. aside: whether those set aside are meant,
    too.
    """

    on: date
    states: tuple[str, ...] = ()
    aside: bool = True


def stands(run: KeptRun, reader: Reader, asked: Stand) -> pl.Series:
    """Per finding of the run, in its order, whether it stands so. For officers."""
    reader.needs(Role.officer)
    told = states_of(run, log_of_run(run), asked.on)
    meant = [state.value for state in State if _is_meant(state, asked)]
    return told.is_in(pl.Series(meant, dtype=told.dtype).implode())


def _is_meant(state: State, asked: Stand) -> bool:
    return (not asked.states or state in asked.states) and (asked.aside or not state.suppresses)


def rests_on(run: KeptRun) -> Hashable:
    """By what else than the day answers change: the log as it is now, and the runs before."""
    log = log_of_run(run)
    return log.head, bool(log.faults), tuple(each.run_id for each in earlier(run))
