"""From states to verdicts: chains of attacks, the table of F, P and X, and the nearest miss."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pytest

from audit.clauses.clause import NO_GROUND, Effect, Pack, Verdict
from audit.clauses.compiling import BITS, Program, compile_packs
from audit.evaluation.deciding import NONE, Decided, decide, met, standing
from audit.evaluation.units import States
from audit.vocabulary import Truth, load_vocabulary
from tests.asking import clause, pack_saying

FALSE, UNKNOWN, TRUE = Truth
# Facts that no other fact touches: each stands for one condition that a test sets as it likes.
SWITCHES = ("whole_base", "within_recipient_scope", "recipient_authorised", "sender_keeps_data")
OPERATIONS = list(load_vocabulary().operations)
CATEGORIES = sorted(load_vocabulary().categories)[: BITS + 9]


def on(effect: str, own_id: str, *switches: int, against: tuple[str, ...] = ()) -> dict[str, Any]:
    """A clause that asks these switches."""
    return clause(own_id, effect, {SWITCHES[number]: True for number in switches}, *against)


def program_of(*clauses: dict[str, Any]) -> tuple[Program, Pack]:
    """The program of one pack of these clauses, and the pack."""
    pack = pack_saying(*clauses)
    return compile_packs([pack], load_vocabulary()), pack


def states(program: Program, *units: Mapping[str, Truth]) -> States:
    """The states in which conditions, by their word, have these values; unknown if not named."""
    true = np.zeros((len(units), program.words), dtype=np.uint64)
    false = np.zeros_like(true)
    for row, unit in enumerate(units):
        for bit, line in enumerate(program.conditions):
            side = {TRUE: true, FALSE: false}.get(unit.get(line.word, unit.get("*", UNKNOWN)))
            if side is not None:
                side[row, bit // BITS] |= np.uint64(1 << bit % BITS)
    return States(true, false)


def switched(program: Program, *values: Truth) -> States:
    """One unit in which the switches have these values."""
    return states(program, dict(zip(SWITCHES, values, strict=False)))


def decided(program: Program, unit: States, claimed: int = NONE) -> Decided:
    """What the only pack says."""
    return decide(program.packs[0], unit, np.array([claimed] * len(unit.true), dtype=np.int64))


def names(program: Program, flags: np.ndarray[Any, Any]) -> list[str]:
    """The clauses that are flagged."""
    ids = program.packs[0].ids
    return [ids[i] for i in np.flatnonzero(flags)]


VERDICTS: Mapping[tuple[Truth, ...], Verdict] = {
    (TRUE, TRUE, TRUE): Verdict.VIOLATION,
    (TRUE, FALSE, TRUE): Verdict.VIOLATION,
    (TRUE, FALSE, FALSE): Verdict.VIOLATION,
    (UNKNOWN, TRUE, FALSE): Verdict.INDETERMINATE,
    (UNKNOWN, FALSE, TRUE): Verdict.INDETERMINATE,
    (FALSE, TRUE, FALSE): Verdict.PERMITTED,
    (FALSE, TRUE, UNKNOWN): Verdict.PERMITTED,
    (FALSE, TRUE, TRUE): Verdict.PERMITTED,
    (FALSE, UNKNOWN, TRUE): Verdict.EXCEPTED,
    (FALSE, FALSE, TRUE): Verdict.EXCEPTED,
    (FALSE, FALSE, FALSE): Verdict.VIOLATION,  # no ground
    (FALSE, UNKNOWN, FALSE): Verdict.INDETERMINATE,  # perhaps no ground
    (FALSE, FALSE, UNKNOWN): Verdict.INDETERMINATE,
    (FALSE, UNKNOWN, UNKNOWN): Verdict.INDETERMINATE,
}


@pytest.mark.parametrize("values", VERDICTS)
def test_the_table_of_forbid_permit_and_except(values: tuple[Truth, ...]) -> None:
    program, _ = program_of(on("forbid", "f", 0), on("permit", "p", 1), on("except", "x", 2))
    found = decided(program, switched(program, *values))
    assert list(Verdict)[found.verdict[0]] is VERDICTS[values]


def test_clauses_in_force_of_the_deciding_effect_decide_all_of_them() -> None:
    program, _ = program_of(
        on("forbid", "f1", 0), on("forbid", "f2", 1), on("permit", "p", 2), on("except", "x", 3)
    )
    found = decided(program, switched(program, TRUE, UNKNOWN, TRUE, TRUE))
    assert names(program, found.deciding[0]) == ["f1"]
    assert names(program, found.in_force[0]) == ["f1", "p", "x"]
    assert names(program, found.possible[0]) == ["f2"]
    found = decided(program, switched(program, FALSE, FALSE, TRUE, TRUE))
    assert names(program, found.deciding[0]) == ["p"]
    found = decided(program, switched(program, FALSE, FALSE, FALSE, TRUE))
    assert names(program, found.deciding[0]) == ["x"]
    found = decided(program, switched(program, UNKNOWN, FALSE, TRUE, TRUE))
    assert names(program, found.deciding[0]) == []
    found = decided(program, switched(program, TRUE, FALSE, FALSE, FALSE))
    assert names(program, found.deciding[0]) == ["f1", NO_GROUND]


def test_a_chain_of_attacks_is_followed_to_its_end() -> None:
    chain = [
        on("permit", "a", 0),
        on("forbid", "b", 1, against=("a",)),
        on("except", "c", 2, against=("b",)),
        on("forbid", "d", 3, against=("c",)),
    ]
    for order in (chain, chain[::-1]):
        program, _ = program_of(*order)
        (pack,) = program.packs
        for values in product(Truth, repeat=4):
            a, b, c, d = values
            c_stands = min(c, Truth(TRUE - d))
            b_stands = min(b, Truth(TRUE - c_stands))
            a_stands = min(a, Truth(TRUE - b_stands))
            no_ground = TRUE - max(a_stands, c_stands)
            force = standing(pack, met(pack, switched(program, *values)))
            told = dict(zip(pack.ids, force[0].tolist(), strict=True))
            stands = {"a": a_stands, "b": b_stands, "c": c_stands, "d": d, NO_GROUND: no_ground}
            assert told == stands


def test_a_clause_is_met_where_every_condition_is() -> None:
    program, _ = program_of(on("permit", "p", 0, 1, 2))
    (pack,) = program.packs
    for values in product(Truth, repeat=3):
        found = met(pack, switched(program, *values))
        assert found[0, pack.ids.index("p")] == min(values)
        assert found[0, pack.ids.index(NO_GROUND)] == TRUE


@pytest.mark.parametrize("odd", [FALSE, UNKNOWN, TRUE])
@pytest.mark.parametrize("bit", [0, BITS - 1, BITS, BITS + 5])
def test_conditions_in_every_word_of_a_state_count(bit: int, odd: Truth) -> None:
    clauses = [
        clause(f"c{number:03}", "permit", {"data": [code]})
        for number, code in enumerate(CATEGORIES)
    ]
    program, _ = program_of(*clauses)
    unit = states(program, {"*": FALSE})
    mask = np.uint64(1 << bit % BITS)
    unit.false[0, bit // BITS] &= ~mask
    if odd is TRUE:
        unit.true[0, bit // BITS] |= mask
    elif odd is FALSE:
        unit.false[0, bit // BITS] |= mask
    found = decided(program, unit)
    assert (
        list(Verdict)[found.verdict[0]]
        == {
            FALSE: Verdict.VIOLATION,
            UNKNOWN: Verdict.INDETERMINATE,
            TRUE: Verdict.PERMITTED,
        }[odd]
    )
    concerned = [f"c{bit:03}"] if odd is not FALSE else []
    assert names(program, found.deciding[0] | found.possible[0]) == sorted(
        {*concerned, *([NO_GROUND] if odd is not TRUE else [])}
    )


NEAREST = [
    on("permit", "p2", 0, 1),
    on("except", "p1", 0, 1),
    on("permit", "q", 0, 1, 2),
    on("permit", "r", 3),
    on("forbid", "f", 0),
]


@pytest.mark.parametrize(
    ("values", "nearest"),
    [
        ((TRUE, FALSE, TRUE, FALSE), "q"),  # one false each, two true of q
        ((TRUE, FALSE, UNKNOWN, FALSE), "p1"),  # of equals the smallest id, unknown is neither
        ((FALSE, FALSE, FALSE, FALSE), "r"),  # one false
        ((TRUE, TRUE, TRUE, TRUE), "q"),  # met, but a forbid stands: no false, most true
    ],
)
def test_the_nearest_miss_lacks_least_then_has_most_then_has_the_smallest_id(
    values: tuple[Truth, ...], nearest: str
) -> None:
    program, _ = program_of(*NEAREST)
    found = decided(program, switched(program, *values))
    assert list(Verdict)[found.verdict[0]] is Verdict.VIOLATION
    assert program.packs[0].ids[found.nearest[0]] == nearest


def test_the_clause_that_the_basis_names_is_nearest_if_it_grants() -> None:
    program, _ = program_of(*NEAREST)
    (pack,) = program.packs
    unit = switched(program, TRUE, FALSE, TRUE, FALSE)
    place = {own_id: number for number, own_id in enumerate(pack.ids)}
    for claimed, nearest in (("p2", "p2"), ("r", "r"), ("f", "q"), (NO_GROUND, "q")):
        found = decided(program, unit, place[claimed])
        assert pack.ids[found.nearest[0]] == nearest


def test_only_violations_have_a_nearest_miss_and_only_where_a_clause_grants() -> None:
    program, _ = program_of(on("permit", "p", 0))
    found = decided(program, states(program, {SWITCHES[0]: TRUE}, {}, {SWITCHES[0]: FALSE}))
    assert [name == NONE for name in found.nearest.tolist()] == [True, True, False]
    strict, _ = program_of(on("forbid", "f", 0))
    found = decided(strict, switched(strict, FALSE))
    assert found.nearest.tolist() == [NONE]
    assert strict.packs[0].having(Effect.PERMIT, Effect.EXCEPT) == ()


def test_clauses_of_many_conditions_are_compared_by_all_of_them() -> None:
    wide = {
        "purpose": ["service"],
        "operation": OPERATIONS[:1],
        **dict.fromkeys(SWITCHES, True),
    }
    narrow = {"channel": ["sms"], "recipient_country": ["CN"]}
    program, _ = program_of(clause("a", "permit", narrow), clause("b", "permit", wide))
    # `a` lacks one of two; `b` lacks one of six: as many false, more true.
    unit = states(program, {"*": TRUE, "channel": FALSE, "purpose": FALSE})
    found = decided(program, unit)
    assert program.packs[0].ids[found.nearest[0]] == "b"
