"""The record of processing: what flows show was done, beside what the registers declare.

The Personal Information Protection Law asks for such records in its articles 54 to 56, Network Data
Security Regulation 12 for those of supply and entrustment; the columns follow GDPR 30 as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from audit.clauses.clause import Verdict
from audit.evaluation.judgement import CODES, GRAVITY, count_subjects
from audit.flowgraph.building import memberships
from audit.reports.ropa_contradictions import contradictions
from audit.vocabulary import CUSTOMER, HOME_COUNTRY, ROLE_CARRIER, Listing, load_vocabulary

if TYPE_CHECKING:
    from audit.outcome import Audit

PROCESSORS = ("dpv:DataProcessor", "dpv:DataSubProcessor")
# Fewer are never told as a number: where there are so few, a count says who.
FEWEST = 5
_BANDS = (100, 1_000, 10_000, 100_000, 1_000_000)
_GRANTS = (Verdict.PERMITTED.value, Verdict.EXCEPTED.value)
_SENSITIVE = ("yes", "heightened")
_ACTIVITY = ("holder", "purpose")


@dataclass(frozen=True)
class Record:
    """What was done, by whom, for whom, and where the registers say otherwise.

    activities: a row per holder and purpose, the carrier's first. entrusted: a row per party that
    acts for others. transfers: a row per recipient abroad, or of no known country, sender and
    purpose. contradictions: a row per party and kind. parties: as the register has them, those
    seen among them. Codes and ids throughout; people are bands.
    """

    activities: pl.DataFrame
    entrusted: pl.DataFrame
    transfers: pl.DataFrame
    contradictions: pl.DataFrame
    parties: pl.DataFrame


def record_of(audit: Audit) -> Record:
    """The record of what this run saw."""
    parties = _parties(audit)
    done = _done(audit, parties)
    activities = _described(done, _ACTIVITY, audit).join(
        _recipients(done), on=_ACTIVITY, how="left", validate="1:1"
    )
    return Record(
        activities=activities.join(
            parties.select("role", holder="party_id", acts_for_others="processor"),
            on="holder",
            how="left",
            validate="m:1",
        ).sort(pl.col("role") != ROLE_CARRIER, *_ACTIVITY, nulls_last=True),
        entrusted=_entrusted(done, parties, audit),
        transfers=_transfers(done, parties, audit),
        contradictions=contradictions(audit, parties),
        parties=parties.sort("party_id"),
    )


def _parties(audit: Audit) -> pl.DataFrame:
    """Every party registered or seen: its register's columns, and whether it acts for others."""
    declared = audit.parties.drop("name", "role", "country", "legal_role")
    every = audit.graph.nodes.join(declared, on="party_id", how="left", validate="1:1")
    words = load_vocabulary().entries
    acts = {
        listing: [code for code, entry in words[listing].items() if entry.dpv in PROCESSORS]
        for listing in (Listing.legal_roles, Listing.roles)
    }
    standing = pl.col("legal_role").is_in(acts[Listing.legal_roles])
    by_role = pl.col("role").is_in(acts[Listing.roles])
    processor = standing.fill_null(by_role).fill_null(value=False)
    return every.with_columns(processor.alias("processor"))


def _done(audit: Audit, parties: pl.DataFrame) -> pl.DataFrame:
    """Every tally with each of its categories, and who holds the activity that it is part of.

    What comes from the customer, or from a person who acts for them, is the activity of whoever
    receives it; all else is the sender's.
    """
    roles = load_vocabulary().roles_of_people("yes")
    people = parties.filter(pl.col("role").is_in(roles))["party_id"].to_list()
    from_people = pl.col("sender").is_in([CUSTOMER, *people])
    holder = pl.when(from_people).then("recipient").otherwise("sender")
    return memberships(audit.judgement).with_columns(holder=holder)


def _described(done: pl.DataFrame, key: tuple[str, ...], audit: Audit) -> pl.DataFrame:
    """What the rows of each key have in common, as codes; sorted by nothing."""
    keys = done.select(key).unique().sort(key, nulls_last=True).with_row_index("group")
    grouped = done.join(keys, on=key, how="left", validate="m:1", nulls_equal=True)
    words = load_vocabulary().entries[Listing.categories]
    sensitive = [code for code, entry in words.items() if entry.sensitive in _SENSITIVE]
    category = pl.col("data_category").drop_nulls().unique().sort()
    told = grouped.group_by("group").agg(
        operations=pl.col("operation").drop_nulls().unique().sort(),
        categories=category,
        sensitive=category.filter(category.is_in(sensitive)),
        first_seen=pl.col("first_seen").min(),
        last_seen=pl.col("last_seen").max(),
    )
    pairs = grouped.select("group", "outcome").unique()
    judged = pairs.join(_verdicts(audit), on="outcome", how="inner")
    worst = judged.group_by("group").agg(pl.col("gravity").max())
    people = count_subjects(grouped.select("group", "tally"), audit.judgement)
    table = keys.join(told, on="group", how="left", validate="1:1")
    for more in (worst, _grounds(pairs, audit), people):
        table = table.join(more, on="group", how="left", validate="1:1")
    words_of = {gravity: verdict for verdict, gravity in GRAVITY.items()}
    return table.with_columns(
        verdict=pl.col("gravity").replace_strict(words_of, return_dtype=pl.String),
        grounds=pl.col("grounds").fill_null([]),
        people=band(pl.col("subjects")),
    ).drop("group", "gravity", "subjects")


def _verdicts(audit: Audit) -> pl.DataFrame:
    """How grave the graver verdict of each outcome is."""
    gravity = pl.col("verdict").replace_strict(GRAVITY, return_dtype=pl.Int8)
    return audit.judgement.outcomes.group_by("outcome").agg(gravity=gravity.max())


def _grounds(pairs: pl.DataFrame, audit: Audit) -> pl.DataFrame:
    """The clauses that allowed or excepted something of each group, as `layer/clause`."""
    granted = audit.judgement.units.filter(pl.col("verdict").is_in(_GRANTS))
    told = granted.select("outcome", "layer", "decided_by").unique()
    clauses = pairs.join(told, on="outcome", how="inner").explode("decided_by").drop_nulls()
    named = pl.concat_str("layer", pl.lit("/"), "decided_by")
    return clauses.group_by("group").agg(grounds=named.unique().sort())


def band(count: pl.Expr) -> pl.Expr:
    """How many people, roughly: below five it is never told how many."""
    told = pl.lit(f"≥{_BANDS[-1]:,}")
    for low, high in reversed([*pairwise((FEWEST, *_BANDS))]):
        told = pl.when(count < high).then(pl.lit(f"{low:,}–{high - 1:,}")).otherwise(told)
    few = pl.when(count < FEWEST).then(pl.lit(f"<{FEWEST}")).otherwise(told)
    return pl.when(count.fill_null(0) == 0).then(pl.lit("0")).otherwise(few)


def _recipients(done: pl.DataFrame) -> pl.DataFrame:
    """To whom an activity's data went; the holder itself is none."""
    others = pl.col("recipient").filter(pl.col("recipient") != pl.col("holder"))
    return done.group_by(_ACTIVITY).agg(recipients=others.unique().sort())


def _entrusted(done: pl.DataFrame, parties: pl.DataFrame, audit: Audit) -> pl.DataFrame:
    """What each party that acts for others received, from whom, and to whom it passed data on."""
    acting = parties.filter("processor")["party_id"]
    received = done.filter(pl.col("recipient").is_in(acting.implode()))
    told = _described(received.with_columns(processor=pl.col("recipient")), ("processor",), audit)
    for_whom = received.group_by(processor="recipient").agg(
        clients=pl.col("sender").filter(pl.col("sender") != pl.col("recipient")).unique().sort(),
        purposes=pl.col("purpose").drop_nulls().unique().sort(),
    )
    passed = done.filter(pl.col("sender").is_in(acting.implode()), pl.col("recipient") != CUSTOMER)
    onward = passed.group_by(processor="sender").agg(
        passed_to=pl.col("recipient")
        .filter(pl.col("recipient") != pl.col("sender"))
        .unique()
        .sort()
    )
    terms = parties.select(
        "country",
        "agreement_from",
        "agreement_until",
        processor="party_id",
        declared_purposes="purposes",
        declared_categories="data_categories",
    )
    table = told.join(for_whom, on="processor", how="left", validate="1:1")
    table = table.join(onward, on="processor", how="left", validate="1:1")
    return (
        table.join(terms, on="processor", how="left", validate="1:1")
        .with_columns(pl.col("passed_to").fill_null(pl.lit([], CODES)))
        .sort("processor")
    )


def _transfers(done: pl.DataFrame, parties: pl.DataFrame, audit: Audit) -> pl.DataFrame:
    """What left the country, or may have, for the recipient's country is not known."""
    countries = parties.select(recipient="party_id", country="country")
    everywhere = done.join(countries, on="recipient", how="left", validate="m:1")
    abroad = everywhere.filter(
        pl.col("country").ne_missing(HOME_COUNTRY), pl.col("recipient") != pl.col("sender")
    )
    key = ("sender", "recipient", "country", "purpose")
    return _described(abroad, key, audit).sort(key, nulls_last=True)
