"""How two versions of a pack judge differently: from which verdict to which, for which flows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from audit.analysing.answering import Undecided
from audit.analysing.formulas import All, Question, Rules, Ruling
from audit.analysing.widening import Witness, widened
from audit.clauses.clause import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.analysing.answering import Answering
    from audit.clauses.clause import Pack

SHOWN = 6  # classes of flows for each pair of verdicts


@dataclass(frozen=True)
class Change:
    """Classes of flows that one version judges so and the other otherwise.

    `more`: there are others; None: it could not be found out whether there are.
    """

    before: Verdict
    after: Verdict
    witnesses: tuple[Witness, ...]
    more: bool | None


@dataclass(frozen=True)
class Edits:
    """The clauses that were added, taken out, or are no longer what they were."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    edited: tuple[str, ...]


def edits(old: Pack, new: Pack) -> Edits:
    """What was done to the clauses that judge, wording apart."""
    before, after = ({clause.id: clause for clause in pack.judging} for pack in (old, new))
    asked = {
        clause: {
            (each[clause].effect, frozenset(each[clause].when), each[clause].exception_to)
            for each in (before, after)
        }
        for clause in before.keys() & after.keys()
    }
    return Edits(
        added=tuple(clause for clause in after if clause not in before),
        removed=tuple(clause for clause in before if clause not in after),
        edited=tuple(clause for clause in after if len(asked.get(clause, ())) > 1),
    )


def changes(answering: Answering) -> Iterator[Change]:
    """The changes between the first and the second pack of a space, the gravest turns first."""
    pairs = permutations(sorted(Verdict, key=lambda verdict: -verdict.gravity), 2)
    for before, after in sorted(pairs, key=lambda pair: pair[1].gravity - pair[0].gravity):
        change = _change(answering, before, after)
        if change.witnesses or change.more is None:
            yield change


def _change(answering: Answering, before: Verdict, after: Verdict) -> Change:
    formula = All((Rules(Ruling(0), frozenset({before})), Rules(Ruling(1), frozenset({after}))))
    found: list[Witness] = []
    try:
        while True:
            beside = tuple(witness.box for witness in found)
            world = answering.find(Question(formula, answering.space.whole, beside))
            if world is None or len(found) == SHOWN:
                return Change(before, after, tuple(found), world is not None)
            found.append(widened(answering, formula, world))
    except Undecided:
        return Change(before, after, tuple(found), None)
