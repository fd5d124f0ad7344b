"""Packs become tables of truth and masks of bits."""

from typing import Any

import numpy as np
import pytest

from audit.clauses.clause import NO_GROUND, Effect, Layer
from audit.clauses.compiling import BITS, Program, Table, compile_packs
from audit.clauses.conditions import fact_of
from audit.clauses.reading import load_pack
from audit.vocabulary import load_vocabulary
from tests.asking import clause, pack_saying, vocabulary_of

PERMIT = clause("a", "permit", {"operation": ["use"], "consented": True}, "z")
EXCEPT = clause("b", "except", {"operation": ["use"], "purpose": ["service"]})
FORBID = clause("z", "forbid", {"operation": ["use"]})
# More conditions than a word has bits: each of these clauses asks for data of its own.
CATEGORIES = sorted(load_vocabulary().categories)[: BITS + 9]
WIDE = [
    clause(f"c{number:03}", "permit", {"data": [code], "operation": ["use"]})
    for number, code in enumerate(CATEGORIES)
]


def compiled(*clauses: dict[str, Any], **rest: Any) -> Program:  # noqa: ANN401
    """The program of one pack of these clauses."""
    pack = pack_saying(*clauses, **rest)
    return compile_packs([pack], vocabulary_of([pack]))


def has(table: Table, side: str, row: int, bit: int) -> bool:
    """Whether a table's row has the bit of a condition."""
    words = getattr(table, side)[row]
    return bool(int(words[bit // BITS]) >> (bit % BITS) & 1)


def test_a_condition_that_clauses_share_is_one_bit() -> None:
    program = compiled(PERMIT, EXCEPT, FORBID)
    assert [line.word for line in program.conditions] == ["operation", "consented", "purpose"]
    (pack,) = program.packs
    masks = {clause_id: int(pack.masks[i][0]) for i, clause_id in enumerate(pack.ids)}
    assert masks == {"a": 0b011, "b": 0b101, NO_GROUND: 0, "z": 0b001}


def test_a_table_tells_what_each_code_makes_true_and_false() -> None:
    program = compiled(PERMIT, EXCEPT, FORBID)
    table, domain = program.tables["operation"], program.domains["operation"]
    for row, code in enumerate(domain):
        assert has(table, "true", row, 0) == (code == "use")
        assert has(table, "false", row, 0) == (code not in {"use", None})


def test_a_fact_that_is_a_truth_has_three_rows() -> None:
    table = compiled(PERMIT, FORBID).tables["consented"]
    sides = [(has(table, "true", row, 1), has(table, "false", row, 1)) for row in range(3)]
    assert sides == [(False, True), (False, False), (True, False)]  # false, unknown, true


def test_no_fact_makes_a_condition_both_true_and_false() -> None:
    pack = load_pack("telecom_agreement")
    program = compile_packs([pack], load_vocabulary())
    assert set(program.tables) == {fact_of(line) for line in program.conditions}
    for table in program.tables.values():
        assert not (table.true & table.false).any()


def test_attackers_come_before_what_they_attack_and_every_grant_attacks_no_ground() -> None:
    (pack,) = compiled(PERMIT, EXCEPT, FORBID).packs
    place = {clause_id: i for i, clause_id in enumerate(pack.ids)}
    assert {pack.ids[i] for i in pack.attackers[place[NO_GROUND]]} == {"a", "b"}
    assert [pack.ids[i] for i in pack.attackers[place["z"]]] == ["a"]
    turns = {clause: pack.order.index(clause) for clause in range(len(pack.ids))}
    for clause_place, attackers in enumerate(pack.attackers):
        assert all(turns[attacker] < turns[clause_place] for attacker in attackers)


def test_clauses_are_in_order_of_their_ids_whatever_order_they_stand_in() -> None:
    (first,), (second,) = compiled(FORBID, EXCEPT, PERMIT).packs, compiled(PERMIT, FORBID).packs
    assert first.ids == ("a", "b", NO_GROUND, "z")
    assert second.ids == ("a", NO_GROUND, "z")
    assert [first.ids[i] for i in first.having(Effect.PERMIT, Effect.EXCEPT)] == ["a", "b"]
    assert [first.ids[i] for i in first.having(Effect.FORBID)] == [NO_GROUND, "z"]


def test_more_conditions_than_a_word_has_bits_take_more_words() -> None:
    program = compiled(*WIDE)
    assert program.words == 2
    assert len(program.conditions) == len(CATEGORIES) + 1
    (pack,) = program.packs
    for bit, line in enumerate(program.conditions):
        holding = [
            clause_id
            for i, clause_id in enumerate(pack.ids)
            if int(pack.masks[i][bit // BITS]) >> (bit % BITS) & 1
        ]
        asking = [each.id for each in pack.pack.clauses if line in each.when]
        assert holding == asking
    last = len(program.conditions) - 1
    row = program.domains["data"].index(CATEGORIES[-1])
    assert has(program.tables["data"], "true", row, last)


def test_a_draft_leaves_no_trace_but_its_id_among_the_claims() -> None:
    draft = clause("d", "forbid", {"channel": ["sms"]}, "a") | {"draft": True}
    program = compiled(PERMIT, FORBID, draft)
    (pack,) = program.packs
    assert "d" not in pack.ids
    assert "channel" not in program.tables
    assert all(not pack.attackers[i] for i in pack.having(Effect.PERMIT))
    assert "d" in program.domains["basis"]


def test_packs_of_two_layers_share_bits_and_claims() -> None:
    contract = pack_saying(PERMIT, FORBID)
    statute = pack_saying(clause("s", "permit", {"operation": ["use"]}), layer="statute")
    program = compile_packs([contract, statute], load_vocabulary())
    assert [pack.layer for pack in program.packs] == [Layer.CONTRACT, Layer.STATUTE]
    assert {"a", "z", "s", "consent"} <= set(program.domains["basis"])
    assert int(program.packs[1].masks[list(program.packs[1].ids).index("s")][0]) == 0b01


def test_the_kinds_of_evidence_that_clauses_ask_for_are_known() -> None:
    declared = [{"code": "guarantee", "amount": True}]
    program = compiled(
        clause("a", "permit", {"evidence": ["arrears", "guarantee"]}),
        clause("b", "permit", {"evidence": "arrears"}),
        evidence_kind=declared,
    )
    assert program.asked_evidence == (("arrears", "guarantee"), ("arrears",))
    assert program.evidence_asked == ("arrears", "guarantee")
    assert program.evidence_kinds["guarantee"].amount
    assert program.row_facts == ("evidence arrears|guarantee", "evidence arrears")


@pytest.mark.parametrize("count", [1, BITS, BITS + 1])
def test_masks_have_as_many_words_as_it_takes(count: int) -> None:
    clauses = [
        clause(f"c{number:03}", "permit", {"data": [code]})
        for number, code in enumerate(CATEGORIES[:count])
    ]
    program = compiled(*clauses)
    assert program.words == (1 if count <= BITS else 2)
    assert int(np.bitwise_count(program.packs[0].masks).sum()) == count
