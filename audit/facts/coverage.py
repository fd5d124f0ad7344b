"""Tables of what a list of codes covers: one row per distinct list, one column per code."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.facts.distinct import distinct
from audit.vocabulary import Truth, lineage, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Truths = NDArray[np.int8]


def listings(column: pl.Series) -> tuple[NDArray[np.int64], list[tuple[str, ...] | None]]:
    """A list column as codes and the distinct lists they stand for (null stays None)."""
    # Nobody can write two lists that share a hash whose seed is drawn anew each time.
    shown_by, codes = distinct(column.hash(seed=secrets.randbits(63)).to_numpy())
    lists = column.gather(shown_by).to_list()
    return codes, [None if listed is None else tuple(listed) for listed in lists]


def coverage(
    tree: Mapping[str, str | None],
    domain: Sequence[str | None],
    lists: Sequence[tuple[str, ...] | None],
    null: Truth,
) -> Truths:
    """[lists, domain] truths: whether each list covers each code; a null list gives `null`.

    The first code of the domain is None, a null or unmapped code: unknown to every list.
    """
    members = sorted({member for listed in lists if listed for member in listed})
    place = {member: i for i, member in enumerate(members)}
    codes, lines = ([_line(tree, code) for code in listed] for listed in (domain, members))
    single = np.array(
        [[within(code, member) for code in codes] for member in lines], dtype=np.int8
    ).reshape(len(members), len(domain))
    table = np.full((len(lists), len(domain)), null, dtype=np.int8)
    for row, listed in enumerate(lists):
        if listed:
            table[row] = single[[place[member] for member in listed]].max(axis=0)
    return table


def _line(tree: Mapping[str, str | None], code: str | None) -> tuple[str, ...]:
    return () if code is None or code not in tree else lineage(tree, code)
