"""The table holds all that worlds can do to clauses and nothing else, and stays small."""

from itertools import product
from pathlib import Path
from random import Random

import pytest

from audit.analysing.analysis import _space
from audit.analysing.confirming import expected
from audit.analysing.space import Space, World
from audit.analysing.tables import LIMIT, Tables, TooLarge
from audit.clauses.reading import pack_of
from tests import generate
from tests.analysing import clause, kept, pack
from tests.large_packs import large_pack

MOST = 30_000


def possible(space: Space) -> list[World]:
    """Every world there can be, one by one."""
    sizes = (range(len(variable.classes)) for variable in space.variables)
    return [
        world
        for world in product(*sizes)
        if all(tie.allowed[tuple(world[each] for each in tie.variables)] for tie in space.ties)
    ]


def done_to_clauses(space: Space, tables: Tables) -> set[tuple[int, ...]]:
    bodies = tuple(dict.fromkeys(space.bodies[0]))
    assert tables.keep(bodies)
    reached = tables.kept[bodies, space.whole]
    places = [bodies.index(bits) for bits in space.bodies[0]]
    return {tuple(row) for row in reached.values[:, places].tolist()}


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_all_worlds_do_one_by_one(seed: int) -> None:
    rng, vocabulary = Random(seed), generate.shipped_vocabulary()
    while True:
        document = generate.pack(rng, vocabulary)
        few = [{**entry, "exception_to": []} for entry in document["clause"][:4]]
        space = _space((pack_of({**document, "clause": few}, "random"),), None)
        size = 1
        for variable in space.variables:
            size *= len(variable.classes)
        if size <= MOST:
            break
    one_by_one = {tuple(expected(space, world, 0).met.values()) for world in possible(space)}
    assert done_to_clauses(space, Tables(space)) == one_by_one


def test_every_row_is_what_its_world_does() -> None:
    document = generate.pack(Random(3), generate.shipped_vocabulary())
    space = _space((pack_of(document, "random"),), None)
    tables = Tables(space)
    assert done_to_clauses(space, tables)
    ((bodies, _), reached) = next(iter(tables.kept.items()))
    for way in range(min(100, len(reached.values))):
        met = list(expected(space, tables._world(reached, way), 0).met.values())
        assert met == [reached.of(bits)[way] for bits in space.bodies[0]]
    assert len({row.tobytes() for row in reached.values}) == len(reached.values)
    assert len(bodies) == reached.values.shape[1]


def test_four_hundred_clauses_are_not_too_many() -> None:
    document = large_pack(Random(1), 400, generate.shipped_vocabulary())
    space = _space((pack_of(document, "large"),), None)
    assert len(done_to_clauses(space, Tables(space))) < LIMIT // 100


def test_a_table_past_its_limit_is_not_made(tmp_path: Path) -> None:
    from audit.analysing.formulas import YES, Question, applies
    from audit.clauses.reading import load_pack

    read = load_pack(kept(tmp_path, pack(clause("a", "permit", {"operation": ["use"]}))))
    space = _space((read,), None)
    tables = Tables(space, limit=0)
    assert not tables.keep(space.bodies[0])
    with pytest.raises(TooLarge):
        tables.find(Question(applies(space, 0, 0, YES), space.whole))
