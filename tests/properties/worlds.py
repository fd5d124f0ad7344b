"""Random worlds for the laws: tables and packs that a law changes, and the verdicts of each.

A verdict is what one layer says of one flow. Every row of a world is valid and stands once, so that
a change cannot make a row that was rejected count, or leave a repeat behind that contradicts it.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from functools import cache, cached_property
from random import Random

from tests import generate
from tests.exporting import LISTS, Export, Packs, judgement_of
from tests.generate import Row, Tables
from tests.reference import COLUMNS, Verdict, cell, read_list, read_world

VOCABULARY = generate.shipped_vocabulary()
AGREEMENT = generate.shipped_pack("telecom_agreement")
STATUTE = generate.shipped_pack("cn_statute")
ENOUGH = 1000
GRAVITY = {verdict.value: gravity for gravity, verdict in enumerate(Verdict)}
Key = tuple[str, str]  # flow and layer
Verdicts = Mapping[Key, str]


AS_USUAL = Export()


@dataclass(frozen=True, eq=False)
class World:
    """Tables and packs; what is drawn in changing them is drawn from the seed."""

    seed: int
    tables: Tables
    packs: Packs
    how: Export = AS_USUAL

    @cached_property
    def verdicts(self) -> Verdicts:
        """The verdict of every layer on every flow."""
        return {key: verdict for key, (verdict, _) in self._judged.items()}

    @property
    def deciding(self) -> Mapping[Key, frozenset[str]]:
        """The clauses that decided it."""
        return {key: frozenset(clauses) for key, (_, clauses) in self._judged.items()}

    @cached_property
    def _judged(self) -> dict[Key, tuple[str, list[str]]]:
        judged = judgement_of(self.tables, self.packs, self.how)
        rows = judged.verdicts.join(judged.outcomes, on="outcome", validate="m:m")
        told = rows.select("flow_id", "layer", "verdict", "decided_by").iter_rows()
        return {(flow, layer): (verdict, clauses) for flow, layer, verdict, clauses in told}

    @property
    def is_random(self) -> bool:
        """Whether the packs are random ones."""
        return self.packs[0] is not AGREEMENT

    def draw(self, what: str) -> Random:
        """A source of chance of this world's own."""
        return Random(f"{self.seed} {what}")

    def under(self, packs: Packs) -> "World":
        """The same tables under other packs."""
        return replace(self, packs=packs)

    def with_rows(self, **rows: list[Row]) -> "World":
        """The same world with other rows in these tables."""
        return replace(self, tables={**self.tables, **rows})

    def with_cells(self, table: str, change: Callable[[Row], Row]) -> "World":
        """The same world with other cells in the rows of a table."""
        return self.with_rows(**{table: [row | change(row) for row in self.tables[table]]})

    def asks(self, word: str) -> bool:
        """Whether a clause of the packs has this condition."""
        return any(word in clause["when"] for pack in self.packs for clause in pack["clause"])


@cache
def worlds() -> tuple[World, ...]:
    """Two under the agreement, three under a random pack of each layer, one under the statute."""
    agreements = [world(seed, 2000, [AGREEMENT]) for seed in (1, 2)]
    drawn = [world(seed, 600, random_packs(seed)) for seed in (3, 4, 5)]
    return (*agreements, *drawn, world(6, 1500, [STATUTE]))


def world(seed: int, size: int, packs: Packs) -> World:
    """Tables of about this many flows, directed at one of the packs."""
    rng = Random(seed)
    tables = generate.tables(rng, size, rng.choice(packs), VOCABULARY)
    lost = read_world(tables, packs, VOCABULARY).rejected
    valid = {
        table: once(table, rows, {own_id for named, _, own_id, _ in lost if named == table})
        for table, rows in tables.items()
    }
    return World(seed, valid, packs)


def once(table: str, rows: Iterable[Row], lost: Container[str]) -> list[Row]:
    """The rows with tidy cells, each id once, but those that were lost."""
    own_id, *_ = columns = COLUMNS[table].split()
    kept = [row for row in rows if (cell(row, own_id) or "") not in lost]
    tidy = [{column: tidied(column, cell(row, column)) for column in columns} for row in kept]
    return list({row[own_id]: row for row in tidy}.values())


def tidied(column: str, text: str | None) -> str | None:
    """A cell whose list, if it is one, has no blanks and nothing twice."""
    members = read_list(text, UTC) if column in LISTS and text else None
    return ";".join(members) if members else text


def random_packs(seed: int) -> Packs:
    """A pack of each layer, which between them ask what customers allow, refuse and have signed."""
    rng = Random(f"packs {seed}")
    wanted = {"consented", "agreement_in_force", "prohibited_by_customer", "evidence"}
    while True:
        packs = [generate.pack(rng, VOCABULARY, layer) for layer in ("contract", "statute")]
        if wanted <= {word for p in packs for clause in p["clause"] for word in clause["when"]}:
            return packs


def moves(before: Verdicts, after: Verdicts) -> Iterator[tuple[Key, str, str]]:
    """The verdicts that differ, of flows that stand in both worlds."""
    for key in before.keys() & after.keys():
        if before[key] != after[key]:
            yield key, before[key], after[key]


def assert_never(
    forbidden: Callable[[str, str], bool], pairs: Iterable[tuple[World, World]]
) -> None:
    """No verdict moves in a forbidden way, and enough of them move for that to mean something."""
    found = [move for before, after in pairs for move in moves(before.verdicts, after.verdicts)]
    assert [move for move in found if forbidden(*move[1:])] == []
    assert len(found) >= ENOUGH, Counter(move[1:] for move in found)


def improves(before: str, after: str) -> bool:
    """Whether a verdict becomes less grave."""
    return GRAVITY[after] < GRAVITY[before]


def worsens(before: str, after: str) -> bool:
    """Whether a verdict becomes graver."""
    return GRAVITY[after] > GRAVITY[before]
