"""What the agreement and the statutes say of one flow, judged under both packs at once.

The table shows each pattern in which the statutes are stricter, and beside it what mends it.
"""

import tomllib
from functools import cache
from typing import Any

import pytest

from tests import reference
from tests.cases import by_engine, by_reference
from tests.cases.casefile import AGREEMENT, FLOW_ID, HERE, STATUTE, Case, read
from tests.engine import Said
from tests.engine import by_reference as in_the_same_words

LAYERS = {"agreement": AGREEMENT.layer, "statute": STATUTE.layer}
COMPLIANT = {"permitted", "excepted"}
PACKS = [by_reference.pack(AGREEMENT), by_reference.pack(STATUTE)]


@cache
def pairs() -> tuple[tuple[Case, dict[str, str]], ...]:
    """Every flow of the table, with the verdict that each layer is to give."""
    document = tomllib.loads((HERE / "_conflicts.toml").read_text(encoding="utf-8"))
    plain, *entries = [taken(part) for part in (document["plain"]["expect"], *document["case"])]
    found = [(case, plain) for case in read({**document, "case": []}, "both")]
    for number, entry in enumerate(document["case"]):
        _, *cases = read({**document, "case": [entry]}, "both")
        found += [(case, entries[number]) for case in cases]
    return tuple(found)


def taken(entry: dict[str, Any]) -> dict[str, str]:
    """The two verdicts of an entry, which leaves it what a case file knows."""
    said = {LAYERS[name]: entry.pop(name) for name in LAYERS}
    entry["verdict"] = said[STATUTE.layer]
    return said


def said_by_the_reference(case: Case) -> reference.FlowVerdict:
    """What the reference says of it under both packs."""
    outcome = reference.judge(
        case.tables, PACKS, by_reference.VOCABULARY, complete=case.complete, timezone=case.timezone
    )
    return outcome.verdicts[FLOW_ID]


@cache
def said_by_the_engine() -> dict[Case, Said]:
    """What the engine says of all of them under both packs, in one run."""
    return by_engine.together([case for case, _ in pairs()], PACKS)


@pytest.mark.parametrize(("case", "expected"), pairs(), ids=lambda pair: getattr(pair, "name", ""))
def test_each_layer_says_what_it_says_and_their_conflict_is_told(
    case: Case, expected: dict[str, str]
) -> None:
    said = in_the_same_words(said_by_the_reference(case))
    assert {layer: one.verdict for layer, one in said.layers.items()} == expected
    verdicts = set(expected.values())
    assert said.conflict == ("violation" in verdicts and bool(verdicts & COMPLIANT))
    assert said_by_the_engine()[case] == said


def test_the_table_has_every_pair_in_which_the_statutes_are_stricter() -> None:
    met = {(expected["contract"], expected["statute"]) for _, expected in pairs()}
    stricter = {(ours, theirs) for ours in COMPLIANT for theirs in ("violation", "indeterminate")}
    assert stricter <= met
