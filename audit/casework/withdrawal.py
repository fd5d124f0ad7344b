"""The tail of withdrawals: who still holds data of who withdrew, and which notices are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from audit.casework import holding
from audit.casework.gathered import (
    WHOSE,
    consents_of_people,
    flows_of_people,
    owed_to,
)
from audit.casework.naming import named
from audit.casework.partybook import last_flow
from audit.casework.withholding import without_names
from audit.clauses.duty import DutyEvent
from audit.evaluation.duties import DutyState

if TYPE_CHECKING:
    from audit.casework.gathered import Source

_KEY = (WHOSE, "consent_id", "party")
_GRAVITY = {state.value: place for place, state in enumerate(reversed(DutyState))}
_NO_NOTICE = len(_GRAVITY)


def withdrawn_tail(source: Source, *, reveal: bool = False) -> pl.DataFrame:
    """A row per person, withdrawn consent and party, the gravest first.

    subject (the pseudonym; where people are to be revealed the id, and parties who are people have
    their names), consent_id, party, name, role, withdrawn_at, categories, last_received, flows,
    flows_after (null where no record says that the party holds data), layer, duty, state, due (null
    where no stop notice to it is open; one row for each that is). Held means: got data under the
    consent, and no later flow says that it deleted them; as of the last flow.
    """
    people = _people(source)
    flows = flows_of_people(source, people[WHOSE])
    consents = consents_of_people(source, people, flows)
    parties = pl.read_parquet(source.run.file("parties.parquet"), glob=False)
    holders = holding.holders(holding.received(flows, parties), consents, flows)
    held = holders.filter(pl.col("how") == "withdrawn").rename({"ended_at": "withdrawn_at"})
    told = held.drop("how").join(_notices(source, people), on=_KEY, how="full", coalesce=True)
    rows = _sorted(_known(told, consents, parties))
    if not reveal:
        return without_names(source, rows)
    ids = dict(people.select(WHOSE, "subject_id").iter_rows())
    return rows.with_columns(pl.col(WHOSE).replace(ids))


def _people(source: Source) -> pl.DataFrame:
    """Who withdrew: subject_id, subject."""
    ids = source.inquiry.withdrew(last_flow(source.run)).sort()
    return pl.DataFrame({"subject_id": ids, WHOSE: named(source.key, ids)[0]})


def _notices(source: Source, people: pl.DataFrame) -> pl.DataFrame:
    """The duties that a withdrawal raised and that nothing fulfilled, be it late."""
    owed = owed_to(source, people[WHOSE])
    schema = {"layer": pl.String(), "duty": pl.String(), "state": pl.String()}
    if owed is None:
        none = dict.fromkeys(_KEY, pl.String()) | schema | {"due": pl.Datetime("us", "UTC")}
        return pl.DataFrame(schema=none)
    withdrawal = pl.col("event") == DutyEvent.WITHDRAWAL.value
    undone = (pl.col("state") != DutyState.FULFILLED.value) & pl.col("done_by").is_null()
    rows = owed.filter(withdrawal & undone)
    return rows.select(WHOSE, "party", *schema, "due", consent_id="event_id")


def _known(told: pl.DataFrame, consents: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    """What is known of consent and party, of rows too that only a notice brought."""
    when = consents.select("consent_id", "withdrawn_at")
    who = parties.select("name", "role", party="party_id")
    return (
        told.drop("withdrawn_at", "name", "role")
        .join(when, on="consent_id", how="left", validate="m:1")
        .join(who, on="party", how="left", validate="m:1")
    )


def _sorted(told: pl.DataFrame) -> pl.DataFrame:
    """Overdue notices first, then what flowed on, then the earliest withdrawal."""
    gravity = pl.col("state").replace_strict(_GRAVITY, default=_NO_NOTICE, return_dtype=pl.Int8)
    breached = pl.col("state") == DutyState.BREACHED.value
    flowing = pl.col("flows_after").fill_null(0)
    order = [breached.fill_null(value=False), flowing, gravity, pl.col("withdrawn_at")]
    ties = [pl.col(name) for name in (*_KEY, "layer", "duty")]
    falling = [True, True, *[False] * (2 + len(ties))]
    rows = told.sort(*order, *ties, descending=falling, nulls_last=True)
    return rows.select(
        *(*_KEY, "name", "role", "withdrawn_at", "categories", "last_received", "flows"),
        *("flows_after", "layer", "duty", "state", "due"),
    )
