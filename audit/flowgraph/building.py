"""The graph of a run: parties are nodes, edges carry what was counted of the flows between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from audit.clauses.clause import Layer
from audit.evaluation.folding import listed_by, named_by
from audit.evaluation.judgement import GRAVITY, Judgement, count_subjects
from audit.facts.keys import ABSENT
from audit.flowgraph.members import Members
from audit.problems import Problem
from audit.vocabulary import CUSTOMER, ROLE_SUBJECT

if TYPE_CHECKING:
    import networkx as nx

    from audit.facts.pairs import Places

EDGE = ("sender", "recipient", "operation", "purpose", "data_category")
# From fine to coarse: networkx holds about this many edges in comfort (0.8 KB and 3.5 us each).
COARSER = (EDGE, EDGE[:4], EDGE[:3], EDGE[:2])
MOST_EDGES = 100_000

_TOTALS = ("flows", "subjects", "records", "first_seen", "last_seen", "whole_base")
_NODE = ("party_id", "name", "role", "legal_role", "country")


@dataclass(frozen=True)
class FlowGraph:
    """The graph as two tables, and what had to be left out of them to keep it drawable.

    nodes: party_id, name, role, legal_role, country, registered, seen; sorted by party_id.
    edges: as `count_edges` gives them; coarser where there were more than MOST_EDGES.
    """

    nodes: pl.DataFrame
    edges: pl.DataFrame
    notices: tuple[Problem, ...] = ()


def memberships(judgement: Judgement) -> pl.DataFrame:
    """Each tally with each data category of its flows: the tally's columns and data_category."""
    members = Members.of(judgement)
    category = judgement.spread.categories.gather(members.category)
    return judgement.tallies[members.tally].with_columns(data_category=category)


def count_edges(judgement: Judgement, key: Sequence[str] = EDGE) -> pl.DataFrame:
    """A row per edge, sorted by its key.

    flows, subjects and records are exact; whole_base says that the whole customer base is among
    them beside the subjects; records are those of the whole flow, which cannot be told apart by
    category. A verdict's count is in units (one category of one flow); a layer that
    was not judged is null.
    """
    members = Members.of(judgement)
    group, edges = members.grouped(key)
    told = (_verdicts(members, group, layer, edges.height) for layer in Layer)
    alone = EDGE[-1] in key  # then a tally has each of its units in an edge of its own
    totals = _totals(members, group) if alone else _totals(*members.once(group))
    return pl.concat([edges, totals, *told], how="horizontal")


def _totals(members: Members, group: "Places") -> pl.DataFrame:
    """Per group, in their order; no tally is twice in a group."""
    keyed = members.told("flows", "records", "first_seen", "last_seen").with_columns(
        group=group, tally=members.tally
    )
    subjects = count_subjects(keyed.select("group", "tally"), members.judgement)
    return (
        keyed.group_by("group")
        .agg(
            pl.col("flows", "records").sum(),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
        )
        .join(subjects, on="group", how="left", validate="1:1")
        .sort("group")
        .select(_TOTALS)
    )


def _verdicts(members: Members, group: "Places", layer: Layer, edges: int) -> pl.DataFrame:
    """Per edge the units of each verdict in this layer, and every clause that decided one."""
    spread = members.judgement.spread
    saying = spread.of_layer(layer)[members.unit]
    own = np.flatnonzero(saying != ABSENT)
    group, saying = group[own], saying[own]
    gravity = spread.said["verdict"].replace_strict(GRAVITY, return_dtype=pl.Int8).to_numpy()
    flows = members.judgement.tallies["flows"].to_numpy()[members.tally[own]]
    size = len(GRAVITY)
    counts = np.bincount(group * size + gravity[saying], flows, edges * size).astype(np.int64)
    judged = pl.Series(np.bincount(group, minlength=edges) > 0)
    clauses = listed_by(*named_by(spread, "decided_by", group, saying), edges)
    told = {
        **{
            f"{layer}_{verdict}": column
            for verdict, column in zip(GRAVITY, counts.reshape(-1, size).T, strict=True)
        },
        f"{layer}_decided_by": clauses,
    }
    return pl.DataFrame(told).select(pl.when(judged).then(pl.all()))


def build(
    judgement: Judgement, edges: pl.DataFrame, parties: pl.DataFrame, most: int = MOST_EDGES
) -> FlowGraph:
    """The graph of these edges, coarser where there are more than `most` of them, and says so."""
    nodes = _nodes(edges, parties)
    if edges.height <= most:
        return FlowGraph(nodes, edges)
    key, coarse = _coarse_edges(judgement, most)
    facts: dict[str, str | int] = {
        "edges": edges.height,
        "kept": coarse.height,
        "key": ", ".join(key),
    }
    return FlowGraph(nodes, coarse, (Problem("graph-coarser", facts),))


def _coarse_edges(judgement: Judgement, most: int) -> tuple[Sequence[str], pl.DataFrame]:
    """The finest key of those left that gives few enough edges; at last sender and recipient."""
    tallies = judgement.tallies
    fine = (key for key in COARSER[1:-1] if tallies.select(key).n_unique() <= most)
    key = next(fine, COARSER[-1])
    return key, count_edges(judgement, key)


def _nodes(edges: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    """Every party registered or seen; CUSTOMER needs no registering."""
    sides = pl.concat([edges["sender"], edges["recipient"].rename("sender")])
    seen = sides.unique().to_frame("party_id").with_columns(seen=pl.lit(True))
    registered = parties.select(_NODE).with_columns(registered=pl.lit(True))
    customer = pl.col("party_id") == CUSTOMER
    return (
        registered.join(seen, on="party_id", how="full", coalesce=True, validate="1:1")
        .with_columns(
            pl.col("registered").fill_null(False) | customer,
            pl.col("seen").fill_null(False),
            pl.when(customer).then(pl.lit(ROLE_SUBJECT)).otherwise("role").alias("role"),
        )
        .sort("party_id")
    )


def as_multidigraph(graph: FlowGraph) -> "nx.MultiDiGraph[str]":
    """The graph for networkx: every attribute is a text, a number or a truth; nulls are left out.

    Lists are joined with `;`, instants are ISO 8601 in UTC, `weight` is the number of flows.
    """
    # Half a second, for which a run that draws no graph need not wait.
    import networkx as nx  # noqa: PLC0415

    built: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    built.add_nodes_from((row.pop("party_id"), _plain(row)) for row in graph.nodes.to_dicts())
    built.add_edges_from(
        (row.pop("sender"), row.pop("recipient"), _plain(row | {"weight": row["flows"]}))
        for row in graph.edges.to_dicts()
    )
    return built


def _plain(row: dict[str, Any]) -> dict[str, str | int | bool]:
    return {name: plain(value) for name, value in row.items() if value is not None}


def plain(value: object) -> str | int | bool:
    """A cell as a scalar that GraphML can carry."""
    match value:
        case bool() | int() | str():
            return value
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case list():
            return ";".join(map(str, value))
    raise TypeError(f"no scalar for a {type(value).__name__}")
