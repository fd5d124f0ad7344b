"""Where what was seen and what the registers declare do not agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.evaluation.judgement import CODES
from audit.vocabulary import (
    ROLE_CARRIER,
    ROLE_SUBJECT,
    Listing,
    Truth,
    covers,
    load_vocabulary,
)

if TYPE_CHECKING:
    from datetime import datetime

    from audit.outcome import Audit

CONTRADICTIONS = pl.Schema(
    {"party": pl.String(), "kind": pl.String(), "listing": pl.String(), "codes": CODES}
)


class Contradiction(StrEnum):
    """How a party's row and its flows disagree."""

    UNREGISTERED = "unregistered"
    REJECTED = "rejected"
    UNSEEN = "unseen"
    OUTSIDE = "outside"
    UNCLEAR = "unclear"
    UNUSED = "unused"
    UNDECLARED = "undeclared"
    BEFORE = "before"
    AFTER = "after"
    STANDING = "standing"
    NO_STANDING = "no-standing"
    NO_COUNTRY = "no-country"


_Row = tuple[str, str, str | None, list[str]]
_SCOPES = (
    (Listing.purposes, "purposes", "purpose"),
    (Listing.categories, "data_categories", "data_category"),
)


def contradictions(audit: Audit, parties: pl.DataFrame) -> pl.DataFrame:
    """A row per party, kind and list of codes; sorted by party."""
    seen = _seen(audit)
    rejected = set(audit.rejected_parties["party_id"])
    rows = [row for party in parties.to_dicts() for row in _of(party, seen, rejected)]
    return pl.DataFrame(rows, CONTRADICTIONS, orient="row").sort("party", "kind", "listing")


def _seen(audit: Audit) -> dict[str, dict[str, Any]]:
    """Per party that received something of another: for what, which data, and when."""
    received = audit.edges.filter(pl.col("sender") != pl.col("recipient"))
    told = received.group_by("recipient").agg(
        purpose=pl.col("purpose").str.split(";").explode().drop_nulls().unique().sort(),
        data_category=pl.col("data_category").drop_nulls().unique().sort(),
        first_seen=pl.col("first_seen").min(),
        last_seen=pl.col("last_seen").max(),
    )
    return {row["recipient"]: row for row in told.to_dicts()}


def _of(party: dict[str, Any], seen: dict[str, dict[str, Any]], rejected: set[str]) -> list[_Row]:
    """What is to be said of one party; the carrier and its customer have no contract with it."""
    name = party["party_id"]
    if not party["registered"]:
        kind = Contradiction.REJECTED if name in rejected else Contradiction.UNREGISTERED
        return [(name, kind.value, None, [])]
    if not party["seen"]:
        return [(name, Contradiction.UNSEEN.value, None, [])]
    got = seen.get(name)
    if party["role"] in {ROLE_CARRIER, ROLE_SUBJECT} or got is None:
        return []
    said = [*_plain(party, got), *_scopes(party, got)]
    return [(name, kind.value, listing, codes) for kind, listing, codes in said]


_Said = tuple[Contradiction, str | None, list[str]]


def _plain(party: dict[str, Any], got: dict[str, Any]) -> Iterator[_Said]:
    """Its contract's dates, its standing and its country."""
    asked: tuple[tuple[Contradiction, Callable[[], bool]], ...] = (
        (Contradiction.BEFORE, lambda: _before(got["first_seen"], party["agreement_from"])),
        (Contradiction.AFTER, lambda: _ended(party["agreement_until"], got["last_seen"])),
        (Contradiction.STANDING, lambda: _stands_otherwise(party)),
        (Contradiction.NO_STANDING, lambda: _stands_anyhow(party)),
        (Contradiction.NO_COUNTRY, lambda: party["country"] is None),
    )
    yield from ((kind, None, []) for kind, holds in asked if holds())


def _before(seen: datetime, start: datetime | None) -> bool:
    return start is not None and seen < start


def _ended(end: datetime | None, seen: datetime) -> bool:
    """Whether something came when the contract, which its end is no part of, was over."""
    return end is not None and seen >= end


def _stands_anyhow(party: dict[str, Any]) -> bool:
    """Whether neither its legal role nor its role says for whom it acts."""
    role = load_vocabulary().entries[Listing.roles].get(party["role"] or "")
    return party["legal_role"] is None and (role is None or role.dpv == _ANYBODY)


def _stands_otherwise(party: dict[str, Any]) -> bool:
    """Whether its role says that it acts for others and its legal role says otherwise, or back."""
    entries = load_vocabulary().entries
    role, standing = (
        entries[listing].get(party[column] or "")
        for listing, column in ((Listing.roles, "role"), (Listing.legal_roles, "legal_role"))
    )
    if role is None or standing is None or role.dpv is None or standing.dpv is None:
        return False
    return _acts_for_others(role.dpv) != _acts_for_others(standing.dpv) and role.dpv != _ANYBODY


_ANYBODY = "dpv:Recipient"  # a role in which a party may stand either way


def _acts_for_others(dpv: str) -> bool:
    return dpv.endswith("Processor")


def _scopes(party: dict[str, Any], got: dict[str, Any]) -> Iterator[_Said]:
    """What it got beyond what is declared, and what is declared and never came."""
    vocabulary = load_vocabulary()
    trees = {Listing.purposes: vocabulary.purposes, Listing.categories: vocabulary.categories}
    for listing, declared, received in _SCOPES:
        scope = party[declared]
        if not scope:
            if party["processor"]:
                yield Contradiction.UNDECLARED, listing.value, []
            continue
        tree = trees[listing]
        told = {code: covers(tree, code, scope) for code in got[received]}
        unused = [code for code in scope if not _met(tree, code, got[received])]
        for kind, codes in (
            (Contradiction.OUTSIDE, [code for code, holds in told.items() if holds is Truth.FALSE]),
            (
                Contradiction.UNCLEAR,
                [code for code, holds in told.items() if holds is Truth.UNKNOWN],
            ),
            (Contradiction.UNUSED, unused),
        ):
            if codes:
                yield kind, listing.value, sorted(codes)


def _met(tree: Any, declared: str, received: Iterable[str]) -> bool:  # noqa: ANN401 (as covers has it)
    """Whether something of what was declared was received, or may have been."""
    return any(covers(tree, code, [declared]) is not Truth.FALSE for code in received)
