"""A world is written as tables of which the engine, and the audit itself, find just that world."""

from pathlib import Path
from random import Random

import pytest

from audit.analysing.analysis import _space, lint
from audit.analysing.answering import By
from audit.analysing.confirming import confirmed, expected, heard, write_tables
from audit.analysing.drafting import unwritable
from audit.analysing.space import Space, World
from audit.analysing.tables import Tables
from audit.clauses.conditions import WORDS
from audit.clauses.reading import known_packs, load_pack, pack_of
from audit.running import Request, audit
from tests import generate
from tests.engine import said_of
from tests.exporting import pack_files


def worlds(space: Space, rng: Random, most: int) -> list[World]:
    """Worlds that differ in what they do to some clause."""
    tables = Tables(space)
    assert tables.keep(tuple(dict.fromkeys(space.bodies[0])))
    (reached,) = tables.kept.values()
    ways = rng.sample(range(len(reached.values)), min(most, len(reached.values)))
    return [tables._world(reached, way) for way in ways]


@pytest.mark.parametrize("seed", range(6))
def test_the_engine_finds_every_world_of_a_random_pack(seed: int) -> None:
    rng = Random(seed)
    document = generate.pack(rng, generate.shipped_vocabulary())
    (name,) = pack_files([document])
    space = _space((pack_of(document, name),), None)
    chosen = worlds(space, rng, 150)
    assert all(confirmed(space, chosen, [name]))


def test_the_audit_of_saved_tables_says_what_was_expected(tmp_path: Path) -> None:
    space = _space((load_pack("telecom_agreement"),), None)
    chosen = worlds(space, Random(1), 200)
    source = write_tables(tmp_path, space, chosen)
    found = audit(Request(source))
    assert found.rejected.is_empty()
    said = said_of(found)
    for number, world in enumerate(chosen):
        layer = said[f"W{number:04}"].layers["contract"]
        assert layer.verdict == expected(space, world, 0).verdict


@pytest.mark.parametrize("name", known_packs())
def test_the_packs_that_come_with_the_tool_are_sound_and_every_flow_confirmed(name: str) -> None:
    found = lint(name, By.tables)
    assert found.witnesses
    assert found.is_clean


def test_a_wrong_world_is_denied(tmp_path: Path) -> None:
    space = _space((load_pack("telecom_agreement"),), None)
    one, other = worlds(space, Random(2), 2)
    source = write_tables(tmp_path, space, [one])
    assert heard(source, "telecom_agreement")["W0000"] == expected(space, one, 0)
    assert heard(source, "telecom_agreement")["W0000"] != expected(space, other, 0)


def test_every_word_of_the_language_can_be_written_down() -> None:
    documents = (generate.pack(Random(seed), generate.shipped_vocabulary()) for seed in range(120))
    met: set[str] = set()
    for document in documents:
        met |= {word for clause in document["clause"] for word in clause["when"]}
        assert unwritable(_space((pack_of(document, "random"),), None)) == ()
    assert met == set(WORDS), "a word that random packs do not use is not tried here"
