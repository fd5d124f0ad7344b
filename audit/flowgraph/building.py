"""The graph of a run: parties are nodes, edges carry what was counted of the flows between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.clauses.clause import Layer, Verdict
from audit.evaluation.judgement import Judgement, count_subjects
from audit.problems import Problem
from audit.vocabulary import CUSTOMER, ROLE_SUBJECT

if TYPE_CHECKING:
    import networkx as nx

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
    categories = judgement.units.select("outcome", "data_category").unique()
    return judgement.tallies.join(categories, on="outcome", how="inner")


def count_edges(judgement: Judgement, key: Sequence[str] = EDGE) -> pl.DataFrame:
    """A row per edge, sorted by its key.

    flows, subjects and records are exact; whole_base says that the whole customer base is among
    them beside the subjects; records are those of the whole flow, which cannot be told apart by
    category. A verdict's count is in units (one category of one flow); a layer that
    was not judged is null.
    """
    members = memberships(judgement)
    edges = members.select(key).unique().sort(key).with_row_index("group")
    keyed = members.join(edges, on=list(key), how="left", validate="m:1")
    counted = edges.join(_totals(keyed, judgement), on="group", how="left", validate="1:1")
    for layer in Layer:
        told = _verdicts(keyed, judgement.units, layer)
        counted = counted.join(told, on="group", how="left", validate="1:1")
    return counted.sort("group").drop("group")


def _totals(keyed: pl.DataFrame, judgement: Judgement) -> pl.DataFrame:
    once = keyed.unique(["group", "tally"])
    subjects = count_subjects(once.select("group", "tally"), judgement)
    return (
        once.group_by("group")
        .agg(
            pl.col("flows", "records").sum(),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
        )
        .join(subjects, on="group", how="left", validate="1:1")
        .select("group", *_TOTALS)
    )


def _verdicts(keyed: pl.DataFrame, units: pl.DataFrame, layer: Layer) -> pl.DataFrame:
    """Per edge the units of each verdict in this layer, and every clause that decided one."""
    flows = pl.col("flows")
    counts = [
        flows.filter(pl.col("verdict") == verdict.value).sum().alias(f"{layer}_{verdict}")
        for verdict in Verdict
    ]
    clauses = pl.col("decided_by").explode().drop_nulls().unique().sort()
    judged = units.filter(pl.col("layer") == layer.value).select(
        "outcome", "data_category", "verdict", "decided_by"
    )
    return (
        keyed.join(judged, on=["outcome", "data_category"], how="inner", validate="m:1")
        .group_by("group")
        .agg(*counts, clauses.alias(f"{layer}_decided_by"))
    )


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
