"""From one world to the widest box of worlds of which the same holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.analysing.formulas import bodies_in

if TYPE_CHECKING:
    from audit.analysing.answering import Answering
    from audit.analysing.formulas import Formula
    from audit.analysing.space import Box, Space, World


# Who and what is told first, then under which proofs: in this order facts are let go.
_FIRST = (
    "recipient_role",
    "sender_role",
    "operation",
    "purpose",
    "data",
    "channel",
    "recipient_country",
    "recipient_legal_role",
    "sender_legal_role",
    "basis",
)


@dataclass(frozen=True)
class Witness:
    """A world that shows an answer, and the widest box around it of which the same holds."""

    world: World
    box: Box


def widened(answering: Answering, formula: Formula, world: World) -> Witness:
    """The world with as many values of each fact as the formula lets it have.

    Fact by fact: what a fact may be is settled before the next one is widened, so no world of the
    box belies the formula, and no fact can be widened further. What the formula does not read may
    be whatever it can be.
    """
    space = answering.space
    asked = space.read_by(bit for bits in bodies_in(formula, space) for bit in bits)
    box: Box = tuple(
        frozenset({place}) if variable in asked else space.whole[variable]
        for variable, place in enumerate(world)
    )
    for variable in (each for each in _in_order(space) if each in asked):
        may = answering.holding(formula, box, variable)
        box = (*box[:variable], may | box[variable], *box[variable + 1 :])
    return Witness(world, box)


def _in_order(space: Space) -> list[int]:
    rank = {name: place for place, name in enumerate(_FIRST)}
    names = [variable.name for variable in space.variables]
    return sorted(range(len(names)), key=lambda place: (rank.get(names[place], len(rank)), place))
