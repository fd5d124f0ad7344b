"""The register of parties: roles, registered scope, authorisation and necessary data of a party."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import polars as pl

from audit.facts.coverage import coverage, listings
from audit.facts.pairs import EVER, FOREVER
from audit.vocabulary import CUSTOMER, ROLE_SUBJECT, Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from audit.facts.numbering import Numbering
    from audit.facts.pairs import Places, Truths

_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True)
class Parties:
    """Every named party under a number.

    Arrays end with one entry for a name that nobody knows, so that the number -1 finds it; it and
    the names that no register row describes are unknown.
    """

    numbers: Mapping[str, int]
    registered: NDArray[np.bool_]
    role: Places  # place in the role domain, 0 unknown
    country: Places
    legal_role: Places
    licensed: Truths  # true or unknown: that none is written down proves nothing
    scope: Places  # row of `covered_purposes`
    necessary: Places  # row of `covered_categories`
    authorised_from: Places  # microseconds; EVER where it is not known
    authorised_until: Places
    dated: NDArray[np.bool_]  # agreement_from is known
    covered_purposes: Truths
    covered_categories: Truths

    def number(self, names: Sequence[str | None]) -> Places:
        """The number of each name; -1 for one that no register names."""
        return np.array([self.numbers.get(name or "", -1) for name in names], dtype=np.int64)

    def within_scope(self, holder: Places, purpose: Places) -> Truths:
        """within_recipient_scope (semantics, section 3)."""
        return self.covered_purposes[self.scope[holder], purpose]

    def authorised(self, holder: Places, at: Places) -> Truths:
        """recipient_authorised: outside is false; without a start only the end can tell."""
        outside = (at >= self.authorised_until[holder]) | (at < self.authorised_from[holder])
        told = np.where(self.dated, np.int8(Truth.TRUE), np.int8(Truth.UNKNOWN))[holder]
        told[outside] = Truth.FALSE
        return told


def compile_parties(
    register: pl.DataFrame, names: Iterable[str], tainted: frozenset[str], numbering: Numbering
) -> Parties:
    """The register with the party CUSTOMER in it, and `names` that other registers mention.

    A tainted party is treated as unregistered.
    """
    described = _with_customer(register).filter(~pl.col("party_id").is_in(sorted(tainted)))
    ids = described["party_id"].to_list()
    numbers = {name: i for i, name in enumerate(dict.fromkeys([*ids, *sorted(names)]))}
    size, rest = len(ids), len(numbers) + 1 - len(ids)
    scopes, scope_lists = listings(described["purposes"])
    needs, need_lists = listings(described["data_categories"])
    start, end = described["agreement_from"], described["agreement_until"]
    vocabulary, domains = numbering.vocabulary, numbering.domains
    return Parties(
        numbers=numbers,
        registered=np.arange(size + rest) < size,
        role=_pad(numbering.coded(described["role"], "recipient_role"), rest, 0),
        country=_pad(numbering.coded(described["country"], "recipient_country"), rest, 0),
        legal_role=_pad(numbering.coded(described["legal_role"], "recipient_legal_role"), rest, 0),
        licensed=_pad(_told(described["licence"]), rest, Truth.UNKNOWN),
        scope=_pad(scopes, rest, len(scope_lists)),
        necessary=_pad(needs, rest, len(need_lists)),
        authorised_from=_pad(_instants(start, EVER), rest, EVER),
        authorised_until=_pad(_instants(end, FOREVER), rest, FOREVER),
        dated=_pad(start.is_not_null().to_numpy(), rest, fill=False),
        covered_purposes=coverage(
            vocabulary.purposes, domains["purpose"], [*scope_lists, None], Truth.UNKNOWN
        ),
        covered_categories=coverage(
            vocabulary.categories, domains["data"], [*need_lists, None], Truth.UNKNOWN
        ),
    )


def _with_customer(register: pl.DataFrame) -> pl.DataFrame:
    """CUSTOMER stands for the subject of a flow whether or not the register lists it."""
    if CUSTOMER in register["party_id"]:
        return register
    customer = pl.DataFrame({"party_id": [CUSTOMER], "role": [ROLE_SUBJECT]})
    return pl.concat([register, customer], how="diagonal")


def _told(column: pl.Series) -> Truths:
    """True where something is written; nothing written proves nothing."""
    return np.where(column.is_not_null(), Truth.TRUE, Truth.UNKNOWN).astype(np.int8)


def _instants(column: pl.Series, null: int) -> Places:
    return column.cast(pl.Int64).fill_null(null).to_numpy()


def _pad(values: NDArray[_T], size: int, fill: int) -> NDArray[_T]:
    return np.concatenate([values, np.full(size, fill, dtype=values.dtype)])
