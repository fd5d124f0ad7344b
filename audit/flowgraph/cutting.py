"""The smallest cut: which relations to suspend so that no way from the carrier ends in a violation.

A relation is all sharing of one sender with one recipient; where they are the same, the party's own
use of the data. What the carrier does itself is no sharing and stands outside. A relation is
violating where one of its units is. The cut is sought in the violating subgraph: the relations on
which data can have travelled, by category and time, from a carrier to a violating one. In it a way
may mix data (what came as one category goes on as another), so the cut is safe: it never leaves a
way open, and may close one that carried nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from audit.clauses.clause import Layer, Verdict
from audit.flowgraph.reaching import leading, reached
from audit.flowgraph.relations import RELATION, Network, told_by
from audit.vocabulary import ROLE_CARRIER, ROLE_SUBJECT, Vocabulary

if TYPE_CHECKING:
    import networkx as nx

# One text is a party, two are a violating relation; so no name can be taken for the two ends.
Node = tuple[str, ...]

_SOURCE: Node = ("carriers", "all", "of them")
_SINK: Node = ("violations", "all", "of them")
_LAWFUL = (Verdict.PERMITTED, Verdict.EXCEPTED)


class Fate(StrEnum):
    """What becomes of a violating relation under a cut."""

    SUSPENDED = "suspended"  # it is in the cut
    UNFED = "unfed"  # no carrier's data reaches it any more
    UNREACHED = "unreached"  # none ever did: its data has another source, which no cut stops
    OWN = "own"  # a carrier's own use, or its contact with the customer: no sharing to suspend


@dataclass(frozen=True)
class Cut:
    """What to suspend, and what becomes of the violations; both sorted by sender and recipient.

    suspended: sender, recipient, flows, subjects, whole_base (all of which stop), the flows of each
        verdict in the layer asked, and `ends`: how many violating relations lie on ways over it.
    violating: sender, recipient, violation (flows), fate.
    """

    suspended: pl.DataFrame
    violating: pl.DataFrame


def smallest_cut(network: Network, vocabulary: Vocabulary, layer: Layer | None = None) -> Cut:
    """The fewest relations, and of such cuts the one that stops the fewest lawful flows.

    Of several as good it is the one nearest to the violations, which is one only. `layer` is whose
    violations are meant; none: any layer's.
    """
    edges = network.edges.with_columns(violates=_violates(layer), own=_own(network))
    ways = _violating_ways(network, edges.filter(~pl.col("own")), vocabulary)
    counts = _counts(network.relations, layer)
    graph = _graph(ways, counts, network.acting_as(ROLE_CARRIER))
    chosen = _cut(graph)
    told = _fates(edges.filter("violates"), ways.filter("violates"), chosen)
    violations = counts.select(*RELATION, Verdict.VIOLATION.value)
    return Cut(
        suspended=_ends(graph, chosen)
        .join(counts, on=RELATION, how="left", validate="1:1")
        .select(*counts.columns, "ends")
        .sort(RELATION),
        violating=told.join(violations, on=RELATION, how="left", validate="1:1")
        .select(*violations.columns, "fate")
        .sort(RELATION),
    )


def _fates(violating: pl.DataFrame, ended: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """What becomes of each violating relation, of those on which ways end, with this cut."""
    marks = {"chosen": chosen, "ended": ended.select(RELATION).unique()}
    told = violating.group_by(RELATION).agg(pl.col("own").any())
    for mark, marked in marks.items():
        ticked = marked.with_columns(pl.lit(True).alias(mark))
        told = told.join(ticked, on=RELATION, how="left", validate="1:1")
    return told.select(
        *RELATION,
        fate=pl.when("own")
        .then(pl.lit(Fate.OWN.value))
        .when("chosen")
        .then(pl.lit(Fate.SUSPENDED.value))
        .when("ended")
        .then(pl.lit(Fate.UNFED.value))
        .otherwise(pl.lit(Fate.UNREACHED.value)),
    )


def _own(network: Network) -> pl.Expr:
    """Whether a carrier uses the data itself or contacts the customer."""
    carriers, customers = network.acting_as(ROLE_CARRIER), network.acting_as(ROLE_SUBJECT)
    return pl.col("sender").is_in(carriers) & pl.col("recipient").is_in(carriers | customers)


def _violates(layer: Layer | None) -> pl.Expr:
    asked = [layer] if layer else list(Layer)
    return pl.any_horizontal(pl.col(f"{each}_violation").fill_null(0) > 0 for each in asked)


def _violating_ways(network: Network, edges: pl.DataFrame, vocabulary: Vocabulary) -> pl.DataFrame:
    """The edges on a way from a carrier to a violating edge; a customer passes nothing on."""
    carriers, customers = network.acting_as(ROLE_CARRIER), network.acting_as(ROLE_SUBJECT)
    shared = edges.filter(~pl.col("sender").is_in(customers))
    fed = reached(shared, carriers, vocabulary)
    home = pl.col("recipient").is_in(carriers) & ~pl.col("violates")
    led = leading(fed.filter(~home), pl.col("violates"), vocabulary)
    return led.filter(pl.col("arrival").is_null() | (pl.col("arrival") <= pl.col("until")))


def _counts(relations: pl.DataFrame, layer: Layer | None) -> pl.DataFrame:
    """The flows of each relation by their verdict in the layer asked."""
    verdicts = [pl.col(told_by(layer, each)).fill_null(0).alias(each) for each in Verdict]
    return relations.select(*RELATION, "flows", "subjects", "whole_base", *verdicts)


def _graph(
    ways: pl.DataFrame, counts: pl.DataFrame, carriers: Collection[str]
) -> "nx.DiGraph[Node]":
    """The violating subgraph, from a source before the carriers to a sink behind the violations.

    A violating relation has a node of its own, for its violation happens on it and not at its
    recipient: sender, then the relation's node, then the sink as well as the recipient. Only
    sender's edge has a capacity, so that a cut consists of relations. The capacity makes one more
    relation dearer than all lawful flows together.
    """
    # Half a second, for which whoever cuts nothing need not wait.
    import networkx as nx  # noqa: PLC0415

    graph: nx.DiGraph[Node] = nx.DiGraph()
    graph.add_nodes_from([_SOURCE, _SINK])
    graph.add_edges_from((_SOURCE, (carrier,)) for carrier in sorted(carriers))
    found = ways.group_by(RELATION).agg(pl.col("violates").any()).sort(RELATION)
    priced = found.join(counts, on=RELATION, how="left", validate="1:1")
    dearest = 1 + sum(priced[verdict].sum() for verdict in _LAWFUL)
    for sender, recipient, violates, *lawful in priced.select(
        *RELATION, "violates", *_LAWFUL
    ).iter_rows():
        relation = (sender, recipient)
        if violates:
            graph.add_edges_from([(relation, _SINK), (relation, (recipient,))])
        head = relation if violates else (recipient,)
        graph.add_edge((sender,), head, capacity=dearest + sum(lawful), relation=relation)
    return graph


def _cut(graph: "nx.DiGraph[Node]") -> pl.DataFrame:
    """The relations that lead out of the side of the source.

    The other side is everything from which the sink can still be reached, which is the same
    whatever flow was found to be the greatest: the answer does not hang on any order.
    """
    import networkx as nx  # noqa: PLC0415

    _, (_, behind) = nx.minimum_cut(graph, _SOURCE, _SINK)
    arcs: Iterable[tuple[Node, Node, Node | None]] = graph.edges.data("relation")
    chosen = sorted(
        relation
        for tail, head, relation in arcs
        if relation and tail not in behind and head in behind
    )
    return pl.DataFrame(chosen, schema=dict.fromkeys(RELATION, pl.String), orient="row")


def _ends(graph: "nx.DiGraph[Node]", chosen: pl.DataFrame) -> pl.DataFrame:
    """How many violating relations lie on ways over each relation, itself included."""
    import networkx as nx  # noqa: PLC0415

    violating = set(graph.predecessors(_SINK))
    ends = []
    for sender, recipient in chosen.iter_rows():
        head = (sender, recipient) if (sender, recipient) in graph else (recipient,)
        ends.append(len(violating & (nx.descendants(graph, head) | {head})))
    return chosen.with_columns(pl.Series("ends", ends, pl.Int64))
