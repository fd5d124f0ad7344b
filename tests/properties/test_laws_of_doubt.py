"""Resolving an unknown never turns a compliant verdict into a violation or back (section 6).

Each test takes something away that is known in a world, a cell, a code, a row, a declaration: to
resolve the doubt is to give it back. What was decided in doubt stays decided; excepted may become
permitted, and an indeterminate verdict anything.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from random import Random

import pytest

from tests.exporting import LISTS, Export
from tests.generate import Row
from tests.properties.worlds import ENOUGH, VOCABULARY, World, moves, worlds
from tests.reference import CUSTOMER

SOME = 30  # moves of each kind of doubt alone
Doubt = Callable[[World], World]
MAY_BECOME = {
    "permitted": {"permitted"},
    "excepted": {"excepted", "permitted"},
    "indeterminate": {"permitted", "excepted", "indeterminate", "violation"},
    "violation": {"violation"},
}


def sometimes(
    world: World, table: str, share: float, change: Callable[[Random, Row], Row]
) -> World:
    """The world with other cells in a share of the rows of a table."""
    rng = world.draw(f"{table} {change.__qualname__}")
    return world.with_cells(table, lambda row: change(rng, row) if rng.random() < share else {})


def emptied(table: str, *columns: str) -> Doubt:
    """Cells of these columns are null, which section 3 calls unknown."""
    return lambda world: sometimes(world, table, 0.7, lambda rng, _: {rng.choice(columns): None})


def unnamed_evidence(world: World) -> World:
    """A few rows of evidence name no subject, of kinds for which that is no proof in itself."""
    declared = [kind for pack in world.packs for kind in pack.get("evidence_kind", ())]
    kinds = [*VOCABULARY["evidence_kinds"].values(), *declared]
    optional = {kind["code"] for kind in kinds if kind.get("subject_optional")}

    def change(_: Random, row: Row) -> Row:
        return {} if row["kind"] in optional else {"subject_id": None}

    return sometimes(world, "evidence", 0.1, change)


def unmapped(table: str, *columns: str) -> Doubt:
    """Codes are written in words of somebody's own; a list loses one of its codes in this way."""

    def change(rng: Random, row: Row) -> Row:
        column = rng.choice(columns)
        text = row[column]
        if text is None:
            return {}
        members = text.split(";") if column in LISTS else [text]
        members[rng.randrange(len(members))] = f"unmapped {rng.random()}"
        return {column: ";".join(members)}

    return lambda world: sometimes(world, table, 0.5, change)


def broader(world: World) -> World:
    """The purposes and categories of flows are given as an ancestor of theirs."""

    def change(rng: Random, row: Row) -> Row:
        column, listing = rng.choice([("purpose", "purposes"), ("data_categories", "categories")])
        tree = VOCABULARY[listing]
        codes = (row[column] or "").split(";")
        return {column: ";".join(dict.fromkeys(tree.get(code) or code for code in codes))}

    return sometimes(world, "flows", 0.8, change)


def unregistered(world: World) -> World:
    """Some parties are not in the register."""
    rng = world.draw("unregistered")
    parties = [
        row for row in world.tables["parties"] if row["party_id"] == CUSTOMER or rng.random() < 0.6
    ]
    return world.with_rows(parties=parties)


def not_declared(world: World) -> World:
    """No register is declared complete; the world itself has them all complete."""
    return replace(world, how=Export(complete=frozenset()))


def all_complete(world: World) -> World:
    """Every register is declared complete."""
    declared = [entry["code"] for pack in world.packs for entry in pack.get("evidence_kind", ())]
    kinds = {f"evidence.{kind}" for kind in [*VOCABULARY["evidence_kinds"], *declared]}
    return replace(world, how=Export(complete=frozenset({"consents", *kinds})))


DOUBTS: dict[str, Doubt] = {
    "null scope": emptied("parties", "purposes", "data_categories"),
    "null term": emptied("parties", "agreement_from"),
    "null country": emptied("parties", "country"),
    "null amount or issuer": emptied("evidence", "amount", "issued_by"),
    "null subject of evidence": unnamed_evidence,
    "null channel": emptied("flows", "channel"),
    "broader code": broader,
    "unmapped code": unmapped("flows", "purpose", "data_categories", "operation", "channel"),
    "unmapped role or scope": unmapped("parties", "role", "purposes", "data_categories", "country"),
    "unmapped consent": unmapped("consents", "purposes", "data_categories"),
    "unmapped evidence": unmapped("evidence", "kind"),
    "unregistered party": unregistered,
}


def turned(
    in_doubt: World, known: World, flows: Iterable[str] | None = None
) -> Counter[tuple[str, str]]:
    """How verdicts move when the doubt is resolved; fails where a decided one is turned."""
    asked = None if flows is None else set(flows)
    found = [
        (key, before, after)
        for key, before, after in moves(in_doubt.verdicts, known.verdicts)
        if asked is None or key[0] in asked
    ]
    assert [move for move in found if move[2] not in MAY_BECOME[move[1]]] == []
    return Counter(move[1:] for move in found)


@pytest.mark.parametrize("name", DOUBTS)
def test_resolving_an_unknown_turns_no_decided_verdict(name: str) -> None:
    _, agreed, _, drawn, *_ = worlds()
    doubt = DOUBTS[name]
    moved = turned(doubt(agreed), agreed) + turned(doubt(drawn), drawn)
    assert moved.total() >= SOME


OF_THE_STATUTE = {
    "null legal role": emptied("parties", "legal_role"),
    "null licence": emptied("parties", "licence"),
    "null country": DOUBTS["null country"],
    "unregistered party": unregistered,
}


@pytest.mark.parametrize("name", OF_THE_STATUTE)
def test_resolving_what_the_statute_asks_turns_no_decided_verdict(name: str) -> None:
    *_, statutory = worlds()
    moved = turned(OF_THE_STATUTE[name](statutory), statutory)
    assert moved.total() >= (1 if name == "null licence" else SOME)  # one clause asks for one


def test_resolving_everything_unknown_turns_no_decided_verdict() -> None:
    moved: Counter[tuple[str, str]] = Counter()
    for world in worlds():
        moved += turned(reduce(lambda known, doubt: doubt(known), DOUBTS.values(), world), world)
    assert moved.total() >= ENOUGH


def test_declaring_registers_complete_turns_no_decided_verdict() -> None:
    pairs = [(not_declared(world), all_complete(world)) for world in worlds()]
    assert sum(turned(*pair).total() for pair in pairs) >= SOME


def test_registering_the_cited_evidence_turns_no_decided_verdict() -> None:
    moved = 0
    for world in worlds():
        rng = world.draw("lost evidence")
        kept = [row for row in world.tables["evidence"] if rng.random() < 0.3]
        held = {row["evidence_id"] for row in kept}
        citing = [
            flow["flow_id"] or ""
            for flow in world.tables["flows"]
            if flow["evidence_id"] and flow["evidence_id"] not in held
        ]
        moved += turned(world.with_rows(evidence=kept), world, citing).total()
    assert moved >= SOME
