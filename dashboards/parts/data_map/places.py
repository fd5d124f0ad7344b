"""Where the parties of the data map stand: the same places for the same parties, always."""

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

WIDTH, HEIGHT = 940, 1000  # of the map's own plane, which is drawn as large as there is room
_MARGIN_X, _MARGIN_Y = 200, 50  # names stand outside the outermost ring
RADII = (WIDTH / 2 - _MARGIN_X, HEIGHT / 2 - _MARGIN_Y)  # of the outermost ring
_INNERMOST = 0.45  # how far out the first ring around the carrier is; the others follow evenly
_SEVERAL = 0.12  # where several carriers stand around the middle
_TURNS = 48  # how many ways a ring is turned to find the one that shortens its lines most
_FAINT = 0.2  # a pull from all around is none
_FEW, _APART = 24, 0.8  # places of a ring of few; the cosine from where one stands behind another
_GAP = 0.6  # places left free between two roles of a ring

HOLLOW = "hollow"  # the shape of those of whom the register says too little

Place = tuple[float, float]


@dataclass(frozen=True)
class Stand:
    """How a role stands on the map: its ring, its place among the roles of the ring, its shape."""

    ring: int
    order: int
    symbol: str


@cache
def stands() -> Mapping[str, Stand]:
    """The stand of every role that has one."""
    told = tomllib.loads((files(__package__) / "rings.toml").read_text(encoding="utf-8"))
    return {
        row["code"]: Stand(row["ring"], order, row["symbol"])
        for order, row in enumerate(told["role"])
    }


def stand(role: str | None) -> Stand:
    """The stand of this role; of none and of a strange one the last of the outermost ring."""
    known = stands()
    last = Stand(max(each.ring for each in known.values()), len(known), HOLLOW)
    return known.get(role or "", last)


def places(
    roles: Mapping[str, str | None], pairs: Iterable[tuple[str, str]]
) -> Mapping[str, Place]:
    """The place of every party, by the roles of all and who shares with whom.

    Carriers stand in the middle. A ring is filled role by role; within a role, and by turning the
    ring as a whole, parties come to stand near those further in that they share with.
    """
    rings, friends = _rings(roles), _friends(pairs)
    angles: dict[str, float] = {}
    found: dict[str, Place] = {}
    for number, ring in enumerate(rings):
        inner = number == 0 and _is_middle(ring, roles)
        share = 0.0 if len(ring) == 1 and inner else _share(number, rings, roles)
        wanted = {party: _pull(friends.get(party, set()), angles) for party in ring}
        placed = _turned(_ordered(ring, roles, wanted), wanted, sorted(angles.values()))
        found |= {party: _at(angle, share) for party, angle in placed.items()}
        if not inner:
            angles |= placed
    return found


def _rings(roles: Mapping[str, str | None]) -> list[list[str]]:
    """The parties of each ring that is not empty, from the inside."""
    numbers = sorted({stand(role).ring for role in roles.values()})
    return [sorted(party for party in roles if stand(roles[party]).ring == n) for n in numbers]


def _is_middle(ring: Sequence[str], roles: Mapping[str, str | None]) -> bool:
    return all(stand(roles[party]).ring == 0 for party in ring)


def _share(number: int, rings: Sequence[Sequence[str]], roles: Mapping[str, str | None]) -> float:
    """How far out a ring is, from 0 to 1; several carriers stand on a small ring of their own."""
    if not _is_middle(rings[0], roles):
        return (number + 1) / len(rings)
    if not number:
        return _SEVERAL
    further = len(rings) - 1 - number  # rings outside of this one
    return 1 - (1 - _INNERMOST) * further / max(1, len(rings) - 2)


def _friends(pairs: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    """Whom each party shares with, either way."""
    friends: dict[str, set[str]] = {}
    for one, other in pairs:
        if one != other:
            friends.setdefault(one, set()).add(other)
            friends.setdefault(other, set()).add(one)
    return friends


def _pull(friends: Iterable[str], angles: Mapping[str, float]) -> float | None:
    """The direction in which those stand that it shares with; None where they are all around."""
    drawn = sorted(angles[friend] for friend in friends if friend in angles)
    if not drawn:
        return None
    down, across = sum(map(math.sin, drawn)), sum(map(math.cos, drawn))
    if math.hypot(down, across) < _FAINT * len(drawn):
        return None
    return math.atan2(down, across)


def _ordered(
    ring: Sequence[str], roles: Mapping[str, str | None], wanted: Mapping[str, float | None]
) -> list[str | None]:
    """The ring from its beginning: role by role, None for the gap between two of them."""
    groups: dict[tuple[int, str], list[str]] = {}
    for party in ring:
        groups.setdefault((stand(roles[party]).order, roles[party] or ""), []).append(party)
    line: list[str | None] = []
    for key in sorted(groups):
        line += [*sorted(groups[key], key=lambda party: (_turn(wanted[party]), party)), None]
    return line


def _turn(angle: float | None) -> float:
    """How far round from the top a direction is; one that is not known comes last."""
    return math.tau if angle is None else (angle + math.pi / 2) % math.tau


def _turned(
    line: Sequence[str | None], wanted: Mapping[str, float | None], inner: Sequence[float]
) -> dict[str, float]:
    """The angles of a ring, turned so that its parties stand as near as can be to their pulls.

    On a ring of few they also keep out of the way of those further in.
    """
    widths = [_GAP if party is None else 1.0 for party in line]
    step = math.tau / sum(widths)
    offsets = [sum(widths[:place]) * step for place in range(len(line))]

    def angles(turn: int) -> dict[str, float]:
        start = -math.pi / 2 + turn * math.tau / _TURNS
        return {
            party: start + offset
            for party, offset in zip(line, offsets, strict=True)
            if party is not None
        }

    def strain(turn: int) -> float:
        pulls = ((angle, wanted[party]) for party, angle in angles(turn).items())
        far = sum(1 - math.cos(angle - pull) for angle, pull in pulls if pull is not None)
        return far + (_behind(angles(turn).values(), inner) if len(line) <= _FEW else 0)

    return angles(min(range(_TURNS), key=lambda turn: (round(strain(turn), 9), turn)))


def _behind(angles: Iterable[float], inner: Sequence[float]) -> float:
    """How much these directions are hidden behind others."""
    return sum(max(0.0, math.cos(one - other) - _APART) for one in angles for other in inner)


def _at(angle: float, share: float) -> Place:
    """The place at this angle, so far out on an ellipse that fills the plane."""
    return (
        round(WIDTH / 2 + RADII[0] * share * math.cos(angle), 1),
        round(HEIGHT / 2 + RADII[1] * share * math.sin(angle), 1),
    )
