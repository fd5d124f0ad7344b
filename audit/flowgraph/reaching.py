"""Which edges data can have travelled on: onward from its sources, and back from where it ends.

The same data is told as in tracing, by its category (equal, broader or narrower) and its times. An
edge stands for flows between `first_seen` and `last_seen`, any of which may be the one that counts,
so no way that is possible is missed. Nothing here lists paths: parties and categories are labelled.
"""

from collections.abc import Collection
from itertools import count

import polars as pl

from audit.flowgraph.tracing import related_categories
from audit.vocabulary import Vocabulary


def reached(edges: pl.DataFrame, sources: Collection[str], vocabulary: Vocabulary) -> pl.DataFrame:
    """The edges that data from the sources can have taken, with `arrival` and `hop`.

    arrival: since when the sender can hold such data; null for a source, which always did.
    hop: the fewest edges from a source to the end of this one, itself included.
    """
    related = _related(edges, vocabulary)
    numbered = edges.with_row_index("edge")
    from_source = pl.col("sender").is_in(list(sources))
    first = numbered.filter(from_source).with_columns(arrival=pl.lit(None, _instant(edges)), hop=1)
    onward = numbered.filter(~from_source)
    taken = first.select("edge", "arrival", "hop")
    known = fresh = _holders(first)
    for hop in count(2):
        usable = _usable(onward, fresh, related).with_columns(hop=hop)
        taken = _best(pl.concat([taken, usable.select("edge", "arrival", "hop")]))
        fresh = _news(_holders(usable), known)
        if fresh.is_empty():
            break
        known = pl.concat([known, fresh]).group_by("party", "held").agg(pl.col("since").min())
    return numbered.join(taken, on="edge", how="inner", validate="1:1").sort("edge").drop("edge")


def _related(edges: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """Each category with each that may be the same data: data_category and held."""
    return related_categories(edges["data_category"].unique(), vocabulary).rename(
        {"received": "held"}
    )


def _instant(edges: pl.DataFrame) -> pl.DataType:
    return edges.schema["first_seen"]


def _holders(taken: pl.DataFrame) -> pl.DataFrame:
    """Who holds what since when, after these edges: party, held, since."""
    return taken.group_by(party="recipient", held="data_category").agg(
        since=pl.max_horizontal("arrival", "first_seen").min()
    )


def _usable(onward: pl.DataFrame, holders: pl.DataFrame, related: pl.DataFrame) -> pl.DataFrame:
    """The edges whose sender held such data in time, with its earliest `arrival`."""
    arrivals = (
        onward.join(related, on="data_category", how="inner")
        .join(holders.rename({"party": "sender"}), on=["sender", "held"], how="inner")
        .filter(pl.col("since") <= pl.col("last_seen"))
        .group_by("edge")
        .agg(arrival=pl.col("since").min())
    )
    return onward.join(arrivals, on="edge", how="inner", validate="1:1")


def _best(taken: pl.DataFrame) -> pl.DataFrame:
    """Per edge its earliest arrival and its fewest hops; a null arrival is a source's."""
    return taken.group_by("edge").agg(pl.col("arrival").min(), pl.col("hop").min())


def _news(holders: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The holders nobody knew of, or not so early."""
    before = known.rename({"since": "before"})
    return (
        holders.join(before, on=["party", "held"], how="left", validate="1:1")
        .filter(pl.col("before").is_null() | (pl.col("since") < pl.col("before")))
        .drop("before")
    )


def leading(edges: pl.DataFrame, ends: pl.Expr, vocabulary: Vocabulary) -> pl.DataFrame:
    """The edges from which data can go on to an end, with `until`.

    `ends` says of an edge whether it is an end itself. until: the latest time at which the sender
    may come to hold the data so that it still gets there.
    """
    related = _related(edges, vocabulary)
    numbered = edges.with_row_index("edge").with_columns(ends=ends)
    until = numbered.select("edge", until=pl.when("ends").then("last_seen"))
    while True:
        later = _until(numbered.join(until, on="edge", validate="1:1"), related)
        if later.equals(until):
            break
        until = later
    led = numbered.join(until.drop_nulls(), on="edge", how="inner", validate="1:1")
    return led.sort("edge").drop("edge", "ends")


def _until(edges: pl.DataFrame, related: pl.DataFrame) -> pl.DataFrame:
    """One step back: an edge leads where one does that goes on from its recipient in time."""
    onward = edges.group_by(recipient="sender", held="data_category").agg(
        then=pl.col("until").max()
    )
    after = (
        edges.join(related, on="data_category", how="inner")
        .join(onward.drop_nulls(), on=["recipient", "held"], how="inner")
        .filter(pl.col("then") >= pl.col("first_seen"))
        .group_by("edge")
        .agg(pl.col("then").max())
    )
    return (
        edges.join(after, on="edge", how="left", validate="1:1")
        .select(
            "edge",
            until=pl.max_horizontal(
                "until",
                pl.min_horizontal(
                    pl.col("then"), pl.when(pl.col("then").is_not_null()).then("last_seen")
                ),
            ),
        )
        .sort("edge")
    )
