"""Where data goes through a party: its blast radius, and the chains on which data is passed on."""

from dataclasses import dataclass

import polars as pl

from audit.clauses.clause import Layer
from audit.evaluation.judgement import GRAVITY
from audit.flowgraph.building import FlowGraph
from audit.flowgraph.reaching import reached
from audit.flowgraph.relations import RELATION, Network
from audit.flowgraph.tracing import trace, verdict_of, worst
from audit.vocabulary import ROLE_CARRIER, ROLE_SUBJECT, Truth, Vocabulary

_SCOPES = {truth.name.lower(): truth.value for truth in Truth}


@dataclass(frozen=True)
class Spread:
    """Who received what through one party; back to a carrier or a customer is no spreading.

    parties: a row per party reached, nearest first: party_id, hop (1: from the party itself),
        data_categories, verdict (the worst by which it got there), since (the earliest it can
        have), subjects (at least so many: those of the largest edge), subjects_at_most and
        whole_base (whether the whole customer base is among them).
    relations: the relations it took: sender, recipient, hop, verdict.
    """

    parties: pl.DataFrame
    relations: pl.DataFrame


def spread(
    network: Network, party: str, vocabulary: Vocabulary, layer: Layer | None = None
) -> Spread:
    """The blast radius of the party: all that it sent, and where that can have gone on to."""
    home = network.acting_as(ROLE_CARRIER) | network.acting_as(ROLE_SUBJECT)
    outward = network.edges.filter(
        pl.col("sender") != pl.col("recipient"),
        ~pl.col("sender").is_in(home - {party}),
        ~pl.col("recipient").is_in(home | {party}),
    )
    taken = reached(outward, {party}, vocabulary).with_columns(
        gravity=worst([layer] if layer else Layer)
    )
    relations = _relations(taken, network.relations)
    return Spread(
        parties=_parties(taken, relations),
        relations=relations.select(*RELATION, "hop", verdict_of("gravity").alias("verdict")),
    )


def _relations(taken: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """The relations taken, with the most subjects that each can have concerned."""
    return (
        taken.group_by(RELATION)
        .agg(pl.col("hop").min(), pl.col("gravity").max(), units=pl.col("subjects").sum())
        .join(counts.select(*RELATION, "subjects"), on=RELATION, how="left", validate="1:1")
        .with_columns(at_most=pl.min_horizontal("units", "subjects"))
        .sort("hop", *RELATION)
    )


def _parties(taken: pl.DataFrame, relations: pl.DataFrame) -> pl.DataFrame:
    received = taken.group_by(party_id="recipient").agg(
        pl.col("hop").min(),
        pl.col("data_category").unique().sort().alias("data_categories"),
        pl.col("gravity").max(),
        pl.max_horizontal("arrival", "first_seen").min().alias("since"),
        pl.col("subjects").max(),
        pl.col("whole_base").any(),
    )
    most = relations.group_by(party_id="recipient").agg(subjects_at_most=pl.col("at_most").sum())
    return (
        received.join(most, on="party_id", how="left", validate="1:1")
        .with_columns(verdict_of("gravity").alias("verdict"))
        .drop("gravity")
        .sort("hop", "party_id")
    )


def chains(network: Network, vocabulary: Vocabulary) -> pl.DataFrame:
    """The ways on which data was passed on after it left a carrier, gravest first.

    path (parties), verdict (the worst on it), within_scope (true, false, unknown: whether all on
    it are registered for what it was passed on for), purposes, data_categories, first_seen,
    last_seen (of the last hop). All ways of one receipt, and of longer ones a witness each, as
    `trace` finds them; the network's parties need `purposes`, `registered` and `seen` for it.
    """
    graph = FlowGraph(network.parties, network.edges)
    onward = trace(network.edges, graph, network.parties, vocabulary).onward
    return (
        onward.with_columns(
            scope=pl.col("within_scope").replace_strict(_SCOPES, return_dtype=pl.Int8),
            grave=pl.col("verdict").replace_strict(GRAVITY, return_dtype=pl.Int8),
        )
        .group_by("path")
        .agg(
            pl.col("grave").max(),
            pl.col("scope").min(),
            pl.col("purpose").unique().sort().alias("purposes"),
            pl.col("data_category").unique().sort().alias("data_categories"),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
        )
        .sort(
            pl.col("grave"),
            "scope",
            pl.col("path").list.len(),
            pl.col("path").list.join("\0"),
            descending=[True, False, False, False],
        )
        .select(
            "path",
            verdict_of("grave").alias("verdict"),
            _scope_of("scope").alias("within_scope"),
            "purposes",
            "data_categories",
            "first_seen",
            "last_seen",
        )
    )


def _scope_of(scope: str) -> pl.Expr:
    words = {value: word for word, value in _SCOPES.items()}
    return pl.col(scope).replace_strict(words, return_dtype=pl.String)
