"""Flows that no clause can tell apart are judged once."""

from collections.abc import Mapping

import numpy as np
import pytest

from audit.evaluation import units
from audit.evaluation.units import distinct_rows, signatures, units_of
from audit.vocabulary import Truth
from tests.asking import ALLOW, FORBID, World, clause, flow_frame, pack_saying

PACK = pack_saying(
    clause("a", "permit", {"operation": ["share"], "consented": True}),
    clause("b", "permit", {"claimed": True, "necessary_data": True}),
    clause("z", "forbid", {"prohibited_by_customer": True}),
)
MANY = tuple(f"category {number:02}" for number in range(30))  # more than a word has room for


def test_distinct_rows_are_shown_by_one_of_each() -> None:
    rows = np.array([[1, 2], [3, 4], [1, 2], [3, 5]], dtype=np.uint64)
    found = distinct_rows(rows)
    assert (rows[found.shown_by][found.of_flow] == rows).all()
    assert len(found.shown_by) == 3


def test_rows_that_share_a_hash_are_still_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.array([[1, 2], [3, 4], [1, 2]], dtype=np.uint64)
    monkeypatch.setattr(units, "_mixed", lambda rows: np.zeros(len(rows), dtype=np.uint64))
    found = distinct_rows(rows)
    assert (rows[found.shown_by][found.of_flow] == rows).all()
    assert len(found.shown_by) == 2


def signature_numbers(world: World, *flows: Mapping[str, object]) -> list[int]:
    """The signature of each flow."""
    compiled = world.compiled(PACK)
    facts = compiled.facts(flow_frame(*flows))
    found = signatures(compiled.program, facts)
    return [int(number) for number in found.of_flow]


def test_what_no_clause_asks_makes_no_difference() -> None:
    plain, *others = signature_numbers(
        World(),
        {},
        {"occurred_at": "2024-01-01"},
        {"purpose": "marketing"},
        {"channel": "sms"},
        {"subject_id": "S2"},
        {"records": 99},
        {"sender": "NOBODY"},
    )
    assert set(others) == {plain}


@pytest.mark.parametrize(
    "cells",
    [
        {"operation": "use"},
        {"basis": "b"},
        {"basis": "a"},  # the nearest miss depends on any claim that names a clause
        {"data_categories": ("usage",)},
        {"data_categories": ("contact.phone", "usage")},
        {"subject_id": "S2"},  # who refused
        {"subject_id": "S3"},  # who allowed
        {"recipient": "CUSTOMER"},  # who holds the data himself
        {"subject_id": "*"},
    ],
)
def test_what_a_clause_asks_tells_flows_apart(cells: dict[str, object]) -> None:
    consents = [{**FORBID, "subject_id": "S2"}, {**ALLOW, "subject_id": "S3"}]
    plain, other = signature_numbers(World(consents=consents), {}, cells)
    assert plain != other


def test_contracts_that_agree_on_a_set_look_alike() -> None:
    parties = [
        {"party_id": name, "name": name, "role": "authorized_partner", "data_categories": needs}
        for name, needs in {
            "A": ("contact",),
            "B": ("contact.phone", "usage"),
            "C": ("usage",),
        }.items()
    ]
    first, second, third = signature_numbers(
        World(parties=parties), *[{"sender": "X", "recipient": name} for name in "ABC"]
    )
    assert first == second != third


def test_each_category_has_a_state_of_its_own_however_many_there_are() -> None:
    rows = [{**ALLOW, "data_categories": (code,)} for code in MANY[::3]]
    consents = [{**row, "consent_id": f"C{number}"} for number, row in enumerate(rows)]
    refusals = [
        {**FORBID, "consent_id": f"N{number}", "data_categories": (code,)}
        for number, code in enumerate(MANY[::4])
    ]
    world = World(consents=[*consents, *refusals])
    # None of these categories is mapped: whatever names one, of everything, may mean another.
    assert world.ask("consented", data_categories=MANY) == [Truth.UNKNOWN] * len(MANY)
    mapped = ("billing", "contact.phone", "usage", "credit", "device", "location", "account")
    wide = (*mapped, *MANY)
    named = [{**ALLOW, "data_categories": (mapped[0], mapped[5])}]
    found = World(consents=named).ask("consented", data_categories=wide)
    expected = {mapped[0]: Truth.TRUE, mapped[5]: Truth.TRUE}
    order = sorted(wide)
    assert found == [
        expected.get(code, Truth.FALSE if code in mapped else Truth.UNKNOWN) for code in order
    ]


def test_units_are_the_categories_of_each_signature() -> None:
    compiled = World().compiled(PACK)
    facts = compiled.facts(flow_frame({"data_categories": ("usage", "billing")}, {}))
    found = units_of(compiled.program, facts, np.array([1, 0]))
    assert found.signature.tolist() == [0, 1, 1]
    assert found.position.tolist() == [0, 0, 1]
    assert len(found.states.true) == len(found.supplement) == 3
