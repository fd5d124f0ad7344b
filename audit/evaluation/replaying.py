"""What other packs say of the signatures that a run left: clauses are asked, no register is.

A pack may be asked where each of its conditions is among those that the run looked at: the stored
bits tell its value of every category.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from audit.clauses.clause import SUPPLEMENT
from audit.clauses.compiling import BITS
from audit.evaluation.deciding import GRAVITY, NONE, decide
from audit.evaluation.judgement import CODES
from audit.evaluation.units import States, distinct_rows
from audit.facts.pairs import starts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from audit.clauses.clause import Condition, Pack
    from audit.clauses.compiling import PackProgram, Words
    from audit.evaluation.signing import Signed
    from audit.facts.pairs import Places, Truths

_VERDICTS = list(GRAVITY)


def unheard(conditions: Sequence[Condition], packs: Sequence[Pack]) -> tuple[Condition, ...]:
    """The conditions of these packs that are not among those a run looked at."""
    lines = (line for pack in packs for clause in pack.judging for line in clause.when)
    known = frozenset(conditions)
    return tuple(dict.fromkeys(line for line in lines if line not in known))


def replay(signed: Signed, program: PackProgram) -> pl.DataFrame:
    """What a pack says of every signature, in their order: verdict and decided_by of its layer."""
    first, states, supplement = _units(signed)
    own = replace(program, masks=_masks(program, signed.conditions))
    once = distinct_rows(_seen(own, states, supplement))
    gravity, deciding = _decided(own, states.at(once.shown_by), supplement[once.shown_by])
    verdict, clauses = _of_signatures(first, gravity[once.of_flow], deciding[once.of_flow])
    told = pl.Series(_VERDICTS, dtype=pl.String).gather(verdict)
    return pl.DataFrame({"verdict": told, "decided_by": _named(own, clauses)})


def _units(signed: Signed) -> tuple[Places, States, NDArray[np.bool_]]:
    """The first category of each signature; of every category its state, and whether signed."""
    table = signed.table
    sizes = table["data_categories"].list.len().to_numpy().astype(np.int64)
    words = max(1, -(-len(signed.conditions) // BITS))
    true, false = (
        table[name].explode().to_numpy().reshape(-1, words) for name in ("true", "false")
    )
    supplement = table["supplement"].explode().to_numpy()
    return starts_of(sizes), States(true, false), supplement


def _seen(pack: PackProgram, states: States, supplement: NDArray[np.bool_]) -> Words:
    """All that the pack can see of each category."""
    asked = np.bitwise_or.reduce(pack.masks, axis=0)
    signed = supplement[:, None].astype(np.uint64)
    return np.concatenate([states.true & asked, states.false & asked, signed], axis=1)


def _masks(pack: PackProgram, conditions: Sequence[Condition]) -> Words:
    """The clauses' conditions as bits in the order in which the run had them."""
    place = {line: bit for bit, line in enumerate(conditions)}
    masks = np.zeros((len(pack.clauses), max(1, -(-len(conditions) // BITS))), dtype=np.uint64)
    for row, clause in enumerate(pack.clauses):
        for line in clause.when if clause else ():
            masks[row, place[line] // BITS] |= np.uint64(1 << (place[line] % BITS))
    return masks


def _decided(
    pack: PackProgram, states: States, supplement: NDArray[np.bool_]
) -> tuple[Truths, Words]:
    """Of each unit the gravity, and the clauses that decide as bits: by a supplement from behind.

    Of n clauses bit i is clause i, and bit n + i is the same carried by a supplement.
    """
    decided = decide(pack, states, np.full(len(states.true), NONE, dtype=np.int64))
    consents = np.array([bool(each and each.may_be_supplement) for each in pack.clauses])
    carried = decided.deciding & consents & supplement[:, None]
    both = np.concatenate([decided.deciding & ~carried, carried], axis=1)
    packed = np.packbits(both, axis=1, bitorder="little")
    padded = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8)))
    return decided.verdict, np.ascontiguousarray(padded).view(np.uint64)


def _of_signatures(first: Places, gravity: Truths, deciding: Words) -> tuple[Truths, Words]:
    """The worst verdict of each signature's categories, and what decided those that have it."""
    worst = np.maximum.reduceat(gravity, first)
    sizes = np.diff(np.append(first, len(gravity)))
    speaking = gravity == np.repeat(worst, sizes)
    told = np.where(speaking[:, None], deciding, np.uint64(0))
    return worst, np.bitwise_or.reduceat(told, first, axis=0)


def _named(pack: PackProgram, deciding: Words) -> pl.Series:
    """The clauses by name, sorted; one that a supplement carries for a category is told so."""
    once = distinct_rows(deciding)
    rows = np.unpackbits(once.rows.view(np.uint8), axis=1, bitorder="little").astype(np.bool_)
    size = len(pack.ids)
    lists = []
    for row in rows:
        signed = np.flatnonzero(row[size : 2 * size]).tolist()
        plain = (i for i in np.flatnonzero(row[:size]).tolist() if i not in signed)
        names = [pack.ids[i] for i in plain] + [f"{pack.ids[i]}{SUPPLEMENT}" for i in signed]
        lists.append(sorted(names))
    return pl.Series(lists, dtype=CODES).gather(once.of_flow)
