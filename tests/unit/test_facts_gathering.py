"""The facts of a flow as a whole: its claim, the whole base, who keeps the data, whose consent."""

from typing import Any

import pytest

from audit.clauses.compiling import compile_packs
from audit.facts.compiling import compile_registers
from audit.vocabulary import Truth, load_vocabulary
from tests.asking import ALLOW, CARRIER, World, clause, flow_frame, pack_saying

FALSE, UNKNOWN, TRUE = Truth
CALL = {"sender": "PTR", "recipient": "CUSTOMER", "operation": "contact"}


@pytest.mark.parametrize(("subject", "truth"), [("*", TRUE), ("S1", FALSE), ("S*", FALSE)])
def test_the_whole_base_is_a_star(subject: str, truth: Truth) -> None:
    assert World().ask("whole_base", subject_id=subject) == [truth]


@pytest.mark.parametrize(
    ("basis", "truth"),
    [("c", TRUE), ("consent", FALSE), (None, FALSE), ("my clause", FALSE), ("", FALSE)],
)
def test_a_claim_names_a_clause_of_a_pack_or_consent(basis: str | None, truth: Truth) -> None:
    assert World().ask("claimed", basis=basis) == [truth]


@pytest.mark.parametrize(
    ("cells", "truth"),
    [
        ({"sender": "PTR", "recipient": "PTR", "operation": "use"}, TRUE),
        ({"sender": "NOBODY", "recipient": "NOBODY", "operation": "use"}, TRUE),
        ({"sender": "NOBODY", "recipient": "NOBODY TOO", "operation": "use"}, FALSE),
        ({"sender": "CAR", "recipient": "PTR", "operation": "use"}, FALSE),
        ({"sender": "CAR", "recipient": "CUSTOMER", "operation": "use"}, FALSE),
        (CALL, TRUE),
        ({**CALL, "recipient": "PTR"}, FALSE),  # who contacts itself reaches no customer
        ({**CALL, "recipient": "NOBODY"}, UNKNOWN),
        ({**CALL, "operation": "my operation"}, UNKNOWN),
        ({**CALL, "sender": "CUSTOMER", "operation": "my operation"}, TRUE),  # either way
        ({"sender": "CAR", "recipient": "PTR", "operation": "my operation"}, FALSE),
    ],
)
def test_who_keeps_the_data(cells: dict[str, Any], truth: Truth) -> None:
    assert World().ask("sender_keeps_data", **cells) == [truth]


@pytest.mark.parametrize("channel", ["sms", None, "my channel"])
def test_a_channel_is_listed_or_not_or_not_known(channel: str | None) -> None:
    told = {"sms": TRUE, None: UNKNOWN, "my channel": UNKNOWN}[channel]
    assert World().ask("channel", "sms", "mms", channel=channel) == [told]
    other = {"sms": FALSE, None: UNKNOWN, "my channel": UNKNOWN}[channel]
    assert World().ask("channel", "hall", channel=channel) == [other]
    assert World().ask("channel_such_as", "hall", channel=channel) == [UNKNOWN]


CONSENT = {
    **clause("consent", "permit", {"consented": True}),
    "supplement": {"cite": "s"},
}


@pytest.mark.parametrize(
    ("row", "cells", "decided"),
    [
        (ALLOW, {}, "consent"),
        ({**ALLOW, "kind": "agreement"}, {}, "consent (supplement)"),
        (ALLOW, {"recipient": "CAR"}, "consent (supplement)"),
        (ALLOW, {"recipient": "CUSTOMER"}, "consent (supplement)"),
        (ALLOW, CALL, "consent"),  # the caller holds the data
        (ALLOW, {**CALL, "sender": "CAR"}, "consent (supplement)"),
    ],
)
def test_a_consent_is_a_supplement_if_signed_or_between_the_two_who_signed(
    row: dict[str, Any], cells: dict[str, Any], decided: str
) -> None:
    told = World(consents=[row]).judged([pack_saying(CONSENT)], cells)
    assert told.outcomes["decided_by"].to_list() == [[decided]]
    assert told.verdicts["consents"].to_list() == [["C1"]]


def test_the_consents_that_carry_it_are_listed_for_the_categories_of_the_verdict() -> None:
    usage = {**ALLOW, "consent_id": "C2", "data_categories": ("usage",)}
    base = {**ALLOW, "consent_id": "C0", "data_categories": ("contact", "usage")}
    world = World(consents=[usage, ALLOW, base])
    told = world.judged(
        [pack_saying(CONSENT)],
        {"data_categories": ("contact.phone", "usage")},
        {"data_categories": ("contact.phone",)},
        {"data_categories": ("contact.phone", "billing")},  # a violation for billing's sake
    )
    assert told.verdicts["consents"].to_list() == [["C0", "C1", "C2"], ["C0", "C1"], []]


def test_only_a_clause_that_a_supplement_may_carry_lists_its_consents() -> None:
    plain = pack_saying(clause("other", "permit", {"consented": True}))
    told = World(consents=[ALLOW]).judged([plain], {})
    assert told.outcomes["decided_by"].to_list() == [["other"]]
    assert told.verdicts["consents"].to_list() == [[]]


def test_registers_may_all_be_empty() -> None:
    world = World(parties=[])
    told = world.judged([pack_saying(CONSENT)], {}, {"evidence_id": "E1", "subject_id": "*"})
    assert told.outcomes["verdict"].to_list() == ["violation"]


def test_facts_have_an_entry_for_every_flow() -> None:
    pack = pack_saying(CONSENT)
    program = compile_packs([pack], load_vocabulary())
    registers = World(parties=[CARRIER]).registers()
    compiled = compile_registers(registers, program, load_vocabulary(), frozenset())
    facts = compiled.facts(flow_frame({}, {}, {}))
    assert len(facts.flows) == 3
    assert {len(truths) for truths in facts.truths.values()} == {3}
    assert {len(truths) for truths in (facts.consented, facts.prohibited)} == {3}
