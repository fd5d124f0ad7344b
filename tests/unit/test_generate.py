"""The random tables and packs are rich enough for a comparison to mean something."""

from collections import Counter
from graphlib import TopologicalSorter
from random import Random
from typing import Any

import pytest

from audit.clauses.reading import pack_of
from tests import generate
from tests.reference import NO_GROUND, Verdict, judge

VOCABULARY = generate.shipped_vocabulary()
PACK = generate.shipped_pack("telecom_agreement")


def test_every_clause_decides_two_flows_in_a_hundred_and_every_verdict_five() -> None:
    tables = generate.tables(Random(1), 2000, PACK, VOCABULARY)
    said = [flow.layers["contract"] for flow in judge(tables, [PACK], VOCABULARY).verdicts.values()]
    deciding = Counter(name for layer in said for name in layer.decided_by)
    names = {clause["id"] for clause in PACK["clause"]} | {NO_GROUND, "consent (supplement)"}
    assert {name for name in names if deciding[name] < 0.02 * len(said)} == set()
    verdicts = Counter(layer.verdict for layer in said)
    assert {verdict for verdict in Verdict if verdicts[verdict] < 0.05 * len(said)} == set()


def test_a_seed_draws_the_same_tables_and_packs_again() -> None:
    for losses in (False, True):
        first, again = (
            generate.tables(Random(3), 60, PACK, VOCABULARY, losses=losses) for _ in range(2)
        )
        assert first == again
    assert generate.pack(Random(3), VOCABULARY) == generate.pack(Random(3), VOCABULARY)


def depth(pack: dict[str, Any]) -> int:
    """The length of the longest chain of attacks."""
    attacks = {clause["id"]: clause["exception_to"] for clause in pack["clause"]}
    chain: dict[str, int] = {}
    for clause_id in TopologicalSorter(attacks).static_order():
        chain[clause_id] = 1 + max((chain[target] for target in attacks[clause_id]), default=0)
    return max(chain.values())


def test_random_packs_are_sound_and_use_the_whole_language() -> None:
    packs = [generate.pack(Random(seed), VOCABULARY) for seed in range(150)]
    for number, pack in enumerate(packs):
        assert len(pack_of(pack, f"random {number}").clauses) in range(5, 16)
    clauses = [clause for pack in packs for clause in pack["clause"]]
    words = {word for effect in ("permit", "forbid") for word in generate.words_for(effect)}
    assert {word for clause in clauses for word in clause["when"]} == words
    assert {pack["pack"]["layer"] for pack in packs} == {"contract", "statute"}
    assert sum(depth(pack) > 4 for pack in packs) > 50


@pytest.mark.parametrize("seed", range(4))
def test_random_packs_and_tables_with_losses_can_be_judged(seed: int) -> None:
    rng = Random(seed)
    packs = [generate.pack(rng, VOCABULARY, layer) for layer in ("contract", "statute")]
    tables = generate.tables(rng, 100, packs[seed % 2], VOCABULARY, losses=True)
    found = judge(tables, packs, VOCABULARY)
    lost = [row for row in found.rejected if row[0] == "flows"]
    assert len(found.verdicts) + len(lost) == len(tables["flows"]) == 100
    assert found.taints.consent_subjects
