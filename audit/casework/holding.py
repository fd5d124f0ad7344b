"""Who got a person's data under which consent, and who holds it after the consent ended.

The rows may be of several people: `subject` says of whom each one is.
"""

from datetime import datetime

import polars as pl

from audit.clauses.clause import Verdict
from audit.facts.base import is_base
from audit.vocabulary import OPERATION_CONTACT, OPERATION_DELETE, ROLE_SUBJECT

_WHOSE = "subject"
_PARTY = ("party", "name", "role")
_CONSENT = (
    *("consent_id", "document", "version", "recipient", "purposes", "data_categories"),
    *("kind", "effect", "given_at", "withdrawn_at", "expires_at"),
)
_HELD = (_WHOSE, *_PARTY, "occurred_at", "data_categories")
_UNDER = (*_HELD, "consent_id", "ended_at", "how")
_ENDS = ("withdrawn_at", "expires_at")


def stated(consents: pl.DataFrame, flows: pl.DataFrame, now: datetime | None) -> pl.DataFrame:
    """The consents with their state at `now` (null: given) and how many flows rested on them.

    Of withdrawal and expiry the earlier one ends a consent; an instant is past when it has come.
    """
    rested = dict(flows["consents"].explode().drop_nulls().value_counts().iter_rows())
    state = (
        pl.when(pl.col("given_at") > now)
        .then(pl.lit("coming"))
        .when(_ended() <= now)
        .then(_how())
        .otherwise(pl.lit("given"))
    )
    counted = pl.col("consent_id").replace_strict(rested, default=0, return_dtype=pl.Int64)
    told = consents.select(_WHOSE, *_CONSENT).with_columns(pl.col("effect").fill_null("allow"))
    return told.with_columns(state.alias("state"), counted.alias("carried"))


def _ended() -> pl.Expr:
    """When the consent ended or will; null: open."""
    return pl.min_horizontal(_ENDS)


def _how() -> pl.Expr:
    """Which of the two ended it."""
    withdrawn = (pl.col("withdrawn_at") <= pl.col("expires_at")) | pl.col("expires_at").is_null()
    return pl.when(withdrawn).then(pl.lit("withdrawn")).otherwise(pl.lit("expired"))


def history(consents: pl.DataFrame) -> pl.DataFrame:
    """What became of the consents, in the order of time: at, event, consent_id, subject."""
    events = {"given_at": "given", "withdrawn_at": "withdrawn", "expires_at": "expired"}
    told = [
        consents.select(
            pl.col(column).alias("at"), pl.lit(event).alias("event"), "consent_id", _WHOSE
        )
        for column, event in events.items()
    ]
    return pl.concat(told).drop_nulls("at").sort("at", "consent_id", "event")


def received(flows: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    """The flows by which a party got data, each with this party, its name and its role.

    That is the recipient; who contacts the person uses what it has, so then it is the sender.
    """
    known = parties.select("name", "role", party="party_id")
    roles = known.select("role", recipient="party")
    reached = pl.col("role") == ROLE_SUBJECT
    contact = pl.col("operation") == OPERATION_CONTACT
    party = pl.when(~reached.fill_null(False)).then("recipient").when(contact).then("sender")
    return (
        flows.filter(pl.col("operation") != OPERATION_DELETE)
        .join(roles, on="recipient", how="left", validate="m:1", maintain_order="left")
        .with_columns(party=party)
        .drop("role")
        .drop_nulls("party")
        .join(known, on="party", how="left", validate="m:1", maintain_order="left")
    )


def by_party(flows: pl.DataFrame) -> pl.DataFrame:
    """Who got the data, the most flows first."""
    verdicts = [
        (pl.col("overall") == verdict.value).sum().cast(pl.Int64).alias(verdict.value)
        for verdict in reversed(Verdict)
    ]
    return (
        flows.group_by(_WHOSE, *_PARTY)
        .agg(
            *verdicts,
            flows=pl.len().cast(pl.Int64),
            categories=pl.col("data_categories").explode().unique().sort(),
            purposes=pl.col("purpose").unique().sort(),
            first_received=pl.col("occurred_at").min(),
            last_received=pl.col("occurred_at").max(),
        )
        .sort("flows", "party", descending=[True, False])
    )


def holders(flows: pl.DataFrame, consents: pl.DataFrame, every: pl.DataFrame) -> pl.DataFrame:
    """Who got data under a consent, or the base agreement, that has ended, and did not delete it.

    `flows` are those by which parties got data, `every` has the deletions too: a flow of a party
    that deletes, later than what it got last.
    """
    under = (
        pl.concat([_rested(flows, _ends_of(consents)), _agreed(flows, _ends_of(consents))])
        .filter(pl.col("occurred_at") < pl.col("ended_at"))
        .group_by(_WHOSE, *_PARTY, "consent_id", "ended_at", "how")
        .agg(
            categories=pl.col("data_categories").explode().unique().sort(),
            last_received=pl.col("occurred_at").max(),
            flows=pl.len().cast(pl.Int64),
        )
    )
    key = (_WHOSE, "party", "consent_id")
    told = under.join(_after(under, flows), on=key, how="left", validate="1:1")
    return _undeleted(told.with_columns(pl.col("flows_after").fill_null(0)), every).sort(
        "ended_at", "party", "consent_id", _WHOSE
    )


def _ends_of(consents: pl.DataFrame) -> pl.DataFrame:
    """The consents that have ended: subject, consent_id, base, ended_at, how."""
    ended = consents.filter(pl.col("state").is_in(["withdrawn", "expired"]))
    return ended.select(_WHOSE, "consent_id", base=is_base(), ended_at=_ended(), how="state")


def _rested(flows: pl.DataFrame, ended: pl.DataFrame) -> pl.DataFrame:
    """The flows that rested on a consent that has ended."""
    rows = flows.select(*_HELD, consent_id="consents")
    told = rows.explode("consent_id").drop_nulls("consent_id")
    return told.join(ended.drop("base"), on=(_WHOSE, "consent_id"), validate="m:1").select(_UNDER)


def _agreed(flows: pl.DataFrame, ended: pl.DataFrame) -> pl.DataFrame:
    """Every flow, under the base agreement where that has ended: what it let in was all."""
    base = ended.filter("base").drop("base")
    return flows.select(_HELD).join(base, on=_WHOSE).select(_UNDER)


def _after(under: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """How often each of them got data again when the consent had ended, and when last."""
    later = under.select(_WHOSE, "party", "consent_id", "ended_at").join(
        flows.select(_WHOSE, "party", "occurred_at"), on=(_WHOSE, "party")
    )
    return (
        later.filter(pl.col("occurred_at") >= pl.col("ended_at"))
        .group_by(_WHOSE, "party", "consent_id")
        .agg(flows_after=pl.len().cast(pl.Int64), last_after=pl.col("occurred_at").max())
    )


def _undeleted(told: pl.DataFrame, every: pl.DataFrame) -> pl.DataFrame:
    deleted = (
        every.filter(pl.col("operation") == OPERATION_DELETE)
        .group_by(_WHOSE, party="sender")
        .agg(deleted_at=pl.col("occurred_at").max())
    )
    marked = told.join(deleted, on=(_WHOSE, "party"), how="left", validate="m:1")
    last = pl.max_horizontal("last_received", "last_after")
    gone = (pl.col("deleted_at") >= last).fill_null(False)
    return marked.filter(~gone).drop("deleted_at", "last_after")
