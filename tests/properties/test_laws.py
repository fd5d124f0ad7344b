"""What may change a verdict, and in which direction: the laws of semantics, section 6.

Each is tried on random worlds, under the agreement and under random packs, and shown to move at
least a thousand verdicts: a law about what never happens is worth nothing where nothing happens.
"""

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from tests import generate
from tests.exporting import audited
from tests.generate import ERA, WHOLE_BASE_ERA, Row
from tests.properties.worlds import (
    AGREEMENT,
    ENOUGH,
    GRAVITY,
    STATUTE,
    VOCABULARY,
    World,
    assert_never,
    improves,
    random_packs,
    world,
    worlds,
    worsens,
)
from tests.reference import COLUMNS

FOREVER: Row = {"given_at": "2020-01-01", "withdrawn_at": None, "expires_at": None}
ROOTS = {
    listing: ";".join(code for code, parent in VOCABULARY[listing].items() if parent is None)
    for listing in ("purposes", "categories")
}


def is_base(row: Row) -> bool:
    """Whether a row of consents proves the agreement."""
    named = (row["recipient"], row["purposes"], row["data_categories"])
    return row["kind"] == "agreement" and row["effect"] != "forbid" and named == (None, None, None)


def some_instant(rng: Random) -> str:
    """An instant of the era in which flows of single customers occur."""
    return (ERA + (WHOLE_BASE_ERA - ERA) * rng.random()).isoformat()


# ------------------------------------------------------------------ what customers say


def with_allow_rows_ended_earlier(world: World) -> World:
    """An end is added to most allow rows; the earlier of its two ends a row.

    Base rows are left alone where a random clause may permit what is left to be settled.
    """
    rng = world.draw("ended earlier")
    settles = world.is_random and world.asks("agreement_settling")

    def change(row: Row) -> Row:
        spared = row["effect"] == "forbid" or (settles and is_base(row)) or rng.random() < 0.1
        column = "expires_at" if row["withdrawn_at"] else "withdrawn_at"
        end = rng.choice([row["given_at"], "2022-02-01", "2022-12-31", some_instant(rng)])
        return {} if spared or row[column] else {column: end}

    return world.with_cells("consents", change)


def test_ending_an_allow_row_earlier_never_improves_a_verdict() -> None:
    allowing = [said_again(world, "allow") for world in worlds()]
    assert_never(improves, [(w, with_allow_rows_ended_earlier(w)) for w in allowing])


def said_again(world: World, effect: str) -> World:
    """For every flow its customer allows, or forbids, what covers it, or nearly so."""
    rng = world.draw(f"said {effect}")
    roles = {row["party_id"]: row["role"] for row in world.tables["parties"]}
    subjects = [row["subject_id"] for row in world.tables["flows"] if row["subject_id"] != "*"]
    rows = list(world.tables["consents"])
    for number, flow in enumerate(world.tables["flows"]):
        calls = flow["operation"] == "contact" and flow["recipient"] == "CUSTOMER"
        holder = flow["sender" if calls else "recipient"]
        whole_base = flow["subject_id"] == "*"
        row = {
            "consent_id": f"new {number}",
            "subject_id": rng.choice(subjects) if whole_base else flow["subject_id"],
            "document": "form",
            "recipient": rng.choice([None, holder, roles.get(holder or ""), flow["sender"]]),
            "purposes": rng.choice([flow["purpose"], ROOTS["purposes"], "service;unmapped"]),
            "data_categories": rng.choice([flow["data_categories"], ROOTS["categories"], "usage"]),
            "kind": rng.choice(["agreement", "separate", "written"]),
            "given_at": "2022-01-01",
            "expires_at": None if whole_base else rng.choice([None, None, "2024-06-30"]),
            "effect": effect,
        }
        rows.append(dict.fromkeys(COLUMNS["consents"].split()) | row)
    return world.with_rows(consents=rows)


def test_adding_an_allow_row_that_is_no_base_row_never_worsens_a_verdict() -> None:
    assert_never(worsens, [(w, said_again(w, "allow")) for w in worlds()])


def test_adding_a_forbid_row_never_improves_a_verdict() -> None:
    assert_never(improves, [(w, said_again(w, "forbid")) for w in worlds()])


# ------------------------------------------------------------------ what packs say


def with_forbid_clauses(world: World) -> World:
    """Each pack forbids a few things more, some of them against a clause that grants."""
    rng = world.draw("forbidden")
    packs = [{**pack, "clause": [*pack["clause"], *forbids(rng, pack)]} for pack in world.packs]
    return world.under(packs)


def forbids(rng: Random, pack: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Three clauses that forbid."""
    grants = [clause["id"] for clause in pack["clause"] if clause["effect"] != "forbid"]
    clauses = []
    for number in range(3):
        words = rng.sample(["operation", "purpose", "data", "recipient_role_not", "channel"], 1)
        when = {word: generate.argument(rng, word, VOCABULARY, ()) for word in words}
        clause = generate.random_clause(rng, f"new-{number}", "forbid", when)
        clauses.append({**clause, "exception_to": rng.sample(grants, min(number, len(grants)))})
    return clauses


def test_adding_a_forbid_clause_never_improves_a_verdict() -> None:
    assert_never(improves, [(w, with_forbid_clauses(w)) for w in worlds()])


# ------------------------------------------------------------------ the flow itself


def with_more_categories(world: World) -> World:
    """Every flow carries a few categories more."""
    rng = world.draw("more categories")
    every = sorted(VOCABULARY["categories"])

    def change(flow: Row) -> Row:
        more = rng.sample(every, rng.randint(1, 3))
        return {"data_categories": ";".join([flow["data_categories"] or "", *more])}

    return world.with_cells("flows", change)


def split_by_category(world: World) -> World:
    """Every flow becomes one for each of its categories, under its id, a stroke and a number."""
    flows = [
        flow | {"flow_id": f"{flow['flow_id']}/{number}", "data_categories": category}
        for flow in world.tables["flows"]
        for number, category in enumerate((flow["data_categories"] or "").split(";"))
    ]
    return world.with_rows(flows=flows)


def test_splitting_a_flow_by_category_gives_the_same_worst_verdict() -> None:
    lighter = 0
    for whole in map(with_more_categories, worlds()):
        parts = split_by_category(whole).verdicts
        worst: dict[tuple[str, str], str] = {}
        for (part, layer), verdict in parts.items():
            key = (part.partition("/")[0], layer)
            worst[key] = max(verdict, worst.get(key, verdict), key=GRAVITY.__getitem__)
        assert worst == whole.verdicts
        lighter += sum(worst[part.partition("/")[0], on] != v for (part, on), v in parts.items())
    assert lighter >= ENOUGH


def test_a_basis_that_names_no_clause_claims_as_little_as_none() -> None:
    flows = 0
    for one in worlds():
        scribbled = one.with_cells("flows", lambda flow: {"basis": f"as {flow['sender']} said"})
        silent = one.with_cells("flows", lambda _: {"basis": None})
        assert scribbled.verdicts == silent.verdicts
        flows += len(silent.verdicts)
    assert flows >= ENOUGH


# ------------------------------------------------------------------ the agreement that has ended


@pytest.mark.parametrize("pack", [AGREEMENT, STATUTE], ids=["agreement", "statute"])
def test_what_settling_permits_is_permitted_while_the_agreement_is_in_force(
    pack: Mapping[str, Any],
) -> None:
    settling = [clause for clause in pack["clause"] if "agreement_settling" in clause["when"]]
    aimed = {**pack, "clause": settling}
    assert settling
    found = 0
    for seed in (6, 7, 8):
        ended = world(seed, 1500, [aimed]).under([pack])
        in_force = ended.with_cells("consents", lambda row: FOREVER if is_base(row) else {})
        settled = {
            (flow, layer)
            for (flow, layer), clauses in ended.deciding.items()
            if clauses & {clause["id"] for clause in settling}
        }
        permitted = {key for key in settled if ended.verdicts[key] == "permitted"}
        assert {key for key in permitted if in_force.verdicts[key] != "permitted"} == set()
        found += len(permitted)
    assert found >= ENOUGH


# ------------------------------------------------------------------ every row


def test_rows_in_are_permitted_excepted_violation_indeterminate_or_rejected() -> None:
    totals: Counter[str] = Counter()
    for seed in range(4):
        packs = random_packs(seed) if seed % 2 else [AGREEMENT]
        tables = generate.tables(Random(seed), 500, packs[0], VOCABULARY, losses=True)
        tables["flows"] += tables["flows"][:25]  # rows of a repeated id are rejected, all of them
        found = audited(tables, packs)
        rejected = found.rejected.filter(table="flows").height
        for counts in found.counts.values():
            assert sum(counts.values()) + rejected == len(tables["flows"])
            totals.update({verdict.value: count for verdict, count in counts.items()})
        totals["rejected"] += rejected
    assert totals.total() >= ENOUGH
    assert set(+totals) == {*GRAVITY, "rejected"}
