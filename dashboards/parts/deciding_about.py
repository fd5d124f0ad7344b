"""What a decision is about: the finding that is chosen, its cause, its edge, or many findings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import streamlit as st

from audit import Desk, Filter, Kind, Listing, Target, Turn
from dashboards.parts import codes, text, wordings

MOST = 1000  # findings that one decision names
_GRAPH = "graph"  # the layer of what a check of the graph found, in a target
_EDGE = ("sender", "recipient", "operation", "purpose")


class Scope(StrEnum):
    """What a decision is about, seen from the finding that is chosen."""

    FINDING = "finding"
    CAUSE = "cause"
    EDGE = "edge"
    PAGE = "page"
    FILTER = "filter"


@dataclass(frozen=True)
class Around:
    """What stands around the chosen finding: the page of the table, and the filter with its size.

    page, every: the ids of their findings, asked for when they are needed.
    """

    page: Callable[[], tuple[str, ...]]
    every: Callable[[], tuple[str, ...]]
    total: int


def targets_of(
    desk: Desk, finding: Mapping[str, Any], around: Around, key: str
) -> tuple[Target, ...]:
    """What the scope that is chosen names; the numbers are said where it is chosen."""
    fingerprint = finding["fingerprint"]
    page = around.page()
    labels = _labels(desk, finding, len(page), around.total)
    scope = st.radio(
        text.say("decide-scope"),
        list(labels),
        format_func=labels.__getitem__,
        key=f"{key}-scope",
    )
    if around.total > MOST:
        st.caption(text.say("decide-too-many", findings=f"{around.total:,}", most=f"{MOST:,}"))
    match scope:
        case Scope.CAUSE:
            st.caption(text.say("decide-lasting"))
            return (Target(Kind.CAUSE, _cause(finding)),)
        case Scope.EDGE:
            st.caption(text.say("decide-lasting"))
            return (Target(Kind.EDGE, tuple(finding[name] for name in _EDGE)),)
        case Scope.PAGE:
            return _named(page)
        case Scope.FILTER:
            return _named(around.every())
    return _named((fingerprint,))


def _named(fingerprints: tuple[str, ...]) -> tuple[Target, ...]:
    return tuple(Target(Kind.FINDING, (each,)) for each in fingerprints)


def _cause(finding: Mapping[str, Any]) -> tuple[str, ...]:
    return (finding["layer"] or _GRAPH, finding["clause"], finding["cause_code"])


def _labels(desk: Desk, finding: Mapping[str, Any], page: int, total: int) -> dict[Scope, str]:
    """The scopes that there are for this finding, each with how many findings it is about now."""
    alike = Filter(
        layers=(finding["layer"] or wordings.NONE,),
        clauses=(finding["clause"],),
        causes=(finding["cause_code"],),
    )
    same = f"{desk.page(alike, Turn(size=1)).total:,}"
    told = {
        Scope.FINDING: text.say("decide-scope-finding"),
        Scope.CAUSE: text.say("decide-scope-cause", findings=same),
    }
    if _is_on_one_edge(finding):
        told[Scope.EDGE] = text.say("decide-scope-edge", **_edge(finding))
    if page > 1:
        told[Scope.PAGE] = text.say("decide-scope-page", findings=page)
    if page < total <= MOST:
        told[Scope.FILTER] = text.say("decide-scope-filter", findings=total)
    return told


def _is_on_one_edge(finding: Mapping[str, Any]) -> bool:
    """What several purposes share, or has none, is on no single edge."""
    told = [finding[name] for name in _EDGE]
    return all(told) and not any(";" in code for code in told[2:])


def _edge(finding: Mapping[str, Any]) -> dict[str, str]:
    words = {"operation": Listing.operations, "purpose": Listing.purposes}
    ends = {end: finding[end] for end in ("sender", "recipient")}
    return ends | {name: codes.word(listing, finding[name]) for name, listing in words.items()}
