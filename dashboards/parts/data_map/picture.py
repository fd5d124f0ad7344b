"""What the data map shows: the relations asked for, merged until they can be read."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from audit import Verdict

MOST_EDGES = 300  # more lines than that are unreadable in any tool
MOST_PARTIES = 60  # beyond, parties are merged by their role
BY_ROLE = "role:"  # what the id of a merged node begins with; "role:" alone is no role
_ENDS = ("sender", "recipient")
_COUNTS = ("flows", *Verdict)


@dataclass(frozen=True)
class View:
    """What is asked of the map.

    focus: a party (or a merged node); nothing further than `depth` relations from it is shown, in
    either direction. by_role: merge the parties of a role; None: where there are too many.
    """

    only_violations: bool = False
    by_role: bool | None = None
    focus: str | None = None
    depth: int = 1


@dataclass(frozen=True)
class Picture:
    """What is drawn.

    nodes: node (party_id, or BY_ROLE and the role), role, members (how many parties it stands for),
        flows (in and out), own (the worst verdict of its own use; null without any), sorted.
    edges: sender, recipient, verdict (the worst; null where counts are withheld), flows, subjects
        (null where parties are merged), whole_base, a column per verdict, suppressed; gravest last.
    own: the same columns, a row per node that uses data itself; gravest last.
    merged: whether the nodes are roles. left_out: edges that were too many.
    """

    nodes: pl.DataFrame
    edges: pl.DataFrame
    own: pl.DataFrame
    merged: bool
    left_out: int


def picture(relations: pl.DataFrame, parties: pl.DataFrame, view: View) -> Picture:
    """The picture of these relations: sender, recipient, flows, people, verdicts, suppressed.

    A party's own use (sender and recipient the same) is drawn on its node and not as an edge.
    """
    roles = dict(parties.select("party_id", "role").iter_rows())
    asked = _worst(relations)
    if view.only_violations:
        asked = asked.filter(pl.col("verdict") == Verdict.VIOLATION.value)
    asked = _near(asked, view, roles)
    merged = _many(asked) if view.by_role is None else view.by_role
    if merged:
        asked = _merged(asked, roles)
    ordered = asked.sort(_gravity(), "flows", *_ENDS, nulls_last=False)
    itself = pl.col("sender") == pl.col("recipient")
    edges, own = ordered.filter(~itself), ordered.filter(itself)
    kept = edges.tail(MOST_EDGES)
    nodes = _nodes(pl.concat([kept, own]), roles, merged=merged)
    return Picture(nodes, kept, own, merged, edges.height - kept.height)


def _gravity() -> pl.Expr:
    """How grave the verdict is; what is withheld is drawn below everything."""
    gravities = {verdict.value: verdict.gravity for verdict in Verdict}
    return pl.col("verdict").replace_strict(gravities, return_dtype=pl.Int8)


def _worst(relations: pl.DataFrame) -> pl.DataFrame:
    """The relations with the worst verdict that one of their flows has."""
    worst = pl.coalesce(
        pl.when(pl.col(verdict) > 0).then(pl.lit(verdict.value)) for verdict in reversed(Verdict)
    )
    columns = (*_ENDS, "verdict", *_COUNTS, "subjects", "whole_base", "suppressed")
    return relations.with_columns(verdict=worst).select(columns)


def _near(edges: pl.DataFrame, view: View, roles: Mapping[str, str | None]) -> pl.DataFrame:
    """The edges among those at most `depth` relations from the focus."""
    if view.focus is None:
        return edges
    near = _focussed(view.focus, roles)
    for _ in range(view.depth):
        touching = edges.filter(pl.any_horizontal(pl.col(end).is_in(near) for end in _ENDS))
        near = near | set(touching["sender"]) | set(touching["recipient"])
    within = [pl.col(end).is_in(near) for end in _ENDS]
    return edges.filter(*within)


def _focussed(focus: str, roles: Mapping[str, str | None]) -> set[str]:
    if not focus.startswith(BY_ROLE):
        return {focus}
    return {party for party, role in roles.items() if node_of_role(role) == focus}


def node_of_role(role: str | None) -> str:
    """The id of the node that stands for all parties of this role."""
    return BY_ROLE + (role or "")


def _many(edges: pl.DataFrame) -> bool:
    return pl.concat([edges["sender"], edges["recipient"]]).n_unique() > MOST_PARTIES


def _merged(edges: pl.DataFrame, roles: Mapping[str, str | None]) -> pl.DataFrame:
    """The relations between roles; their subjects may be the same people and are not summed."""
    nodes = {party: node_of_role(role) for party, role in roles.items()}
    summed = (
        edges.with_columns(pl.col(_ENDS).replace_strict(nodes, default=BY_ROLE))
        .group_by(_ENDS)
        .agg(
            pl.col(_COUNTS).sum(),
            pl.col("subjects").max().cast(pl.Int64) * None,
            pl.col("whole_base").any(),
            pl.col("suppressed").any(),
        )
    )
    return _worst(summed)


def _nodes(edges: pl.DataFrame, roles: Mapping[str, str | None], *, merged: bool) -> pl.DataFrame:
    ends = pl.concat(
        edges.select("flows", "verdict", "sender", "recipient", node=end) for end in _ENDS
    )
    own = pl.col("verdict").filter(pl.col("sender") == pl.col("recipient"))
    flows = pl.col("flows").filter(pl.col("sender") != pl.col("recipient"))
    nodes = ends.group_by("node").agg(flows.sum(), own.first().alias("own")).sort("node")
    return _who(nodes, roles, merged=merged)


def _who(nodes: pl.DataFrame, roles: Mapping[str, str | None], *, merged: bool) -> pl.DataFrame:
    if merged:
        role = pl.col("node").str.strip_prefix(BY_ROLE).replace("", None)
        many = pl.Series([node_of_role(each) for each in roles.values()], dtype=pl.String)
        members = dict(many.value_counts().iter_rows())
        count = pl.col("node").replace_strict(members, default=1, return_dtype=pl.Int64)
        return nodes.with_columns(role=role, members=count)
    role = pl.col("node").replace_strict(roles, default=None, return_dtype=pl.String)
    return nodes.with_columns(role=role, members=pl.lit(1, pl.Int64))
