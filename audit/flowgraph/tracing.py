"""What single edges do not show: onward transfer, data without a source, unregistered parties.

Nothing here changes a verdict. Whom a party has its data from is told from the categories (equal,
or one above the other) and the times: a receipt counts where it was first seen no later than the
onward flow was last seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from audit.clauses.clause import Layer
from audit.evaluation.judgement import GRAVITY
from audit.flowgraph.building import FlowGraph
from audit.flowgraph.scopes import judge_scopes
from audit.vocabulary import ROLE_CARRIER, ROLE_SUBJECT, Vocabulary, lineage

MOST_HOPS = 8  # of the receipts before the onward edge; a longer chain is not followed

_EDGE_FACTS = ("flows", "subjects", "records", "first_seen", "last_seen", "whole_base")
_VERDICTS = tuple(GRAVITY)


@dataclass(frozen=True)
class Traces:
    """The checks beyond single edges, one table each.

    onward: a row per onward edge and path from a carrier: path (parties), operation, purpose,
        data_category, received_for (purposes of the receipts before), verdict (the worst on the
        path, over the layers), verdict_before (the worst but for the onward edge), scope (the
        narrowest registered purposes on the path, null where one is not registered), within_scope
        (true, false, unknown), and the edge's counts. Every path of one receipt is there; of
        longer ones the shortest, where there is none of one.
    unreceived: the edges on which a party passes on what it had not received: first_received null
        where it never did.
    unregistered: the parties in flows that the register lacks.
    unseen: the parties registered that no flow names.
    """

    onward: pl.DataFrame
    unreceived: pl.DataFrame
    unregistered: pl.DataFrame
    unseen: pl.DataFrame


def trace(
    edges: pl.DataFrame, graph: FlowGraph, parties: pl.DataFrame, vocabulary: Vocabulary
) -> Traces:
    """The checks on the full table of edges; the graph's nodes tell who is registered and seen."""
    hops = _roles(edges.with_columns(gravity=worst()), graph.nodes)
    related = related_categories(edges["data_category"].unique(), vocabulary)
    paths = _paths(hops, related)
    return Traces(
        onward=judge_scopes(paths, parties, vocabulary),
        unreceived=_unreceived(hops, related),
        unregistered=_absent(graph.nodes, "seen", "registered"),
        unseen=_absent(graph.nodes, "registered", "seen"),
    )


def worst(layers: Iterable[Layer] = Layer) -> pl.Expr:
    """The gravity of the gravest verdict that any of the layers gave to any unit of the edge."""
    gravities = [
        pl.when(pl.col(f"{layer}_{verdict}") > 0).then(gravity).otherwise(0)
        for layer in layers
        for verdict, gravity in GRAVITY.items()
    ]
    return pl.max_horizontal(gravities).cast(pl.Int8)


def _roles(edges: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """The edges with the roles of both ends, null for an unregistered party."""
    roles = nodes.select("party_id", "role")
    sender = roles.rename({"party_id": "sender", "role": "sender_role"})
    recipient = roles.rename({"party_id": "recipient", "role": "recipient_role"})
    return edges.join(sender, on="sender", how="left", validate="m:1").join(
        recipient, on="recipient", how="left", validate="m:1"
    )


def related_categories(found: pl.Series, vocabulary: Vocabulary) -> pl.DataFrame:
    """Which categories may be the same data: equal, or one above the other."""
    tree = vocabulary.categories
    lines = {code: lineage(tree, code) if code in tree else (code,) for code in found.sort()}
    pairs = [
        (one, other)
        for one, up in lines.items()
        for other, down in lines.items()
        if other in up or one in down
    ]
    schema = {"received": pl.String, "data_category": pl.String}
    return pl.DataFrame(pairs, schema=schema, orient="row")


def _is(side: str, *roles: str) -> pl.Expr:
    """Whether that end has one of these roles; an unknown role is none of them."""
    return pl.col(f"{side}_role").is_in(roles).fill_null(False)


def _outward(hops: pl.DataFrame) -> pl.DataFrame:
    """The edges that lead to somebody else than their sender, the carrier and the subject."""
    return hops.filter(
        pl.col("sender") != pl.col("recipient"),
        ~_is("recipient", ROLE_CARRIER, ROLE_SUBJECT),
    )


def _paths(hops: pl.DataFrame, related: pl.DataFrame) -> pl.DataFrame:
    """Every onward edge with the paths on which its sender can have received the data."""
    outward = _outward(hops)
    first = _first_labels(outward.filter(_is("sender", ROLE_CARRIER)))
    onward = outward.filter(~_is("sender", ROLE_CARRIER, ROLE_SUBJECT)).with_row_index("edge")
    direct = _reached(onward, first, related)
    rest = onward.join(direct.select("edge").unique(), on="edge", how="anti")
    further = _reached(rest, _further_labels(first, onward, related), related)
    path = pl.col("path").list
    nearest = (path.len() - path.n_unique(), path.len(), path.join("\0"))  # no circle, if need not
    shortest = further.sort("edge", *nearest).unique("edge", keep="first", maintain_order=True)
    return pl.concat([direct, shortest]).drop("edge")


def _first_labels(receipts: pl.DataFrame) -> pl.DataFrame:
    """What each party received straight from a carrier: a label says who holds what since when.

    party, received (category), arrival, gravity (worst so far), received_for, path.
    """
    return (
        receipts.group_by("sender", "recipient", "data_category")
        .agg(
            pl.col("first_seen").min().alias("arrival"),
            pl.col("gravity").max(),
            pl.col("purpose").unique().sort().alias("received_for"),
        )
        .select(
            pl.col("recipient").alias("party"),
            pl.col("data_category").alias("received"),
            "arrival",
            "gravity",
            "received_for",
            pl.concat_list("sender", "recipient").alias("path"),
        )
    )


def _further_labels(
    first: pl.DataFrame, onward: pl.DataFrame, related: pl.DataFrame
) -> pl.DataFrame:
    """What parties hold at second hand and further: breadth first, one witness per new label.

    A label is new where nobody told yet that the party holds the category, or so early.
    """
    earliest = first.group_by("party", "received").agg(pl.col("arrival").min().alias("known"))
    fresh, found = first, [first.clear()]
    for _ in range(MOST_HOPS - 1):
        fresh = _news(_extended(fresh, onward, related), earliest)
        if fresh.is_empty():
            break
        found.append(fresh)
        known = fresh.select("party", "received", known="arrival")
        earliest = (
            pl.concat([earliest, known]).group_by("party", "received").agg(pl.col("known").min())
        )
    return pl.concat(found)


def _extended(labels: pl.DataFrame, onward: pl.DataFrame, related: pl.DataFrame) -> pl.DataFrame:
    """The labels one hop further; the edges of one hop are one.

    A party may come again, for it may get back what it did not hold before: a broader category.
    """
    return (
        _feasible(onward, labels, related)
        .group_by(
            pl.col("recipient").alias("party"),
            pl.col("data_category").alias("received"),
            pl.concat_list("path", "recipient").alias("path"),
        )
        .agg(
            pl.max_horizontal("arrival", "first_seen").min().alias("arrival"),
            pl.max_horizontal("gravity", "gravity_before").max().alias("gravity"),
            pl.concat_list("received_for", "purpose").explode().unique().sort(),
        )
        .select("party", "received", "arrival", "gravity", "received_for", "path")
    )


def _news(labels: pl.DataFrame, earliest: pl.DataFrame) -> pl.DataFrame:
    """Of the labels for one party and category the earliest, where that is earlier than known."""
    return (
        labels.join(earliest, on=["party", "received"], how="left", validate="m:1")
        .filter(pl.col("known").is_null() | (pl.col("arrival") < pl.col("known")))
        .drop("known")
        .sort("party", "received", "arrival", pl.col("path").list.join("\0"))
        .unique(["party", "received"], keep="first", maintain_order=True)
    )


def _feasible(onward: pl.DataFrame, labels: pl.DataFrame, related: pl.DataFrame) -> pl.DataFrame:
    """Each onward edge with each label of its sender that was there in time."""
    held = labels.rename({"party": "sender", "gravity": "gravity_before"})
    return (
        onward.join(related, on="data_category", how="inner")
        .join(held, on=["sender", "received"], how="inner")
        .filter(pl.col("last_seen") >= pl.col("arrival"))
    )


def _reached(onward: pl.DataFrame, labels: pl.DataFrame, related: pl.DataFrame) -> pl.DataFrame:
    """A row per onward edge and path to its sender; the receipts of related categories are one."""
    columns = ("operation", "purpose", "data_category", *_EDGE_FACTS)
    return (
        _feasible(onward, labels, related)
        .group_by("edge", "path")
        .agg(
            pl.max_horizontal("gravity", "gravity_before").max().alias("gravity"),
            pl.col("gravity_before").max(),
            pl.col("received_for").explode().unique().sort(),
            pl.col("recipient", *columns).first(),
        )
        .select(
            "edge",
            pl.concat_list("path", "recipient").alias("path"),
            *columns[:3],
            "received_for",
            verdict_of("gravity").alias("verdict"),
            verdict_of("gravity_before").alias("verdict_before"),
            *_EDGE_FACTS,
        )
    )


def verdict_of(gravity: str) -> pl.Expr:
    """The verdict of this column of gravities."""
    words = dict(enumerate(_VERDICTS))
    return pl.col(gravity).replace_strict(words, return_dtype=pl.String)


def _unreceived(hops: pl.DataFrame, related: pl.DataFrame) -> pl.DataFrame:
    """Edges of a party, not back to the carrier, that begin before it received such data."""
    others = hops.filter(pl.col("sender") != pl.col("recipient"))
    receipts = (
        others.join(
            related.rename({"data_category": "of", "received": "data_category"}),
            on="data_category",
            how="inner",
        )
        .group_by(pl.col("recipient").alias("sender"), pl.col("of").alias("data_category"))
        .agg(pl.col("first_seen").min().alias("first_received"))
    )
    late = pl.col("first_received").is_null() | (pl.col("first_received") > pl.col("first_seen"))
    return (
        others.filter(~_is("sender", ROLE_CARRIER, ROLE_SUBJECT), ~_is("recipient", ROLE_CARRIER))
        .join(receipts, on=["sender", "data_category"], how="left", validate="m:1")
        .filter(late)
        .select(
            "sender",
            "recipient",
            "operation",
            "purpose",
            "data_category",
            *_EDGE_FACTS,
            "first_received",
        )
        .sort("sender", "recipient", "operation", "purpose", "data_category")
    )


def _absent(nodes: pl.DataFrame, here: str, lacking: str) -> pl.DataFrame:
    return nodes.filter(pl.col(here), ~pl.col(lacking)).select("party_id", "name", "role")
