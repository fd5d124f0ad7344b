"""Persons supplied abroad: the engine counts as the plain reading of section 8 does."""

from collections import Counter
from random import Random
from typing import Any

from audit.evaluation.exports import Exports
from audit.running import audit
from tests import generate, reference
from tests.exporting import Export, exported
from tests.generate import Tables
from tests.reference_exports import exported as by_reference

VOCABULARY = generate.shipped_vocabulary()
STATUTE = generate.shipped_pack("cn_statute")
SEEDS, SIZE = range(12), 200


def rule_of(rng: Random) -> dict[str, Any]:
    """Flow words drawn at random, mostly those of the statute."""
    categories, purposes = sorted(VOCABULARY["categories"]), sorted(VOCABULARY["purposes"])
    flow = {**STATUTE["export"]["flow"]}
    if rng.random() < 0.5:
        flow |= {rng.choice(["data", "data_not"]): rng.sample(categories, 3)}
    if rng.random() < 0.5:
        flow |= {"purpose_not": rng.sample(purposes, 5)}
    if rng.random() < 0.3:
        del flow["sender_role"]
    return {
        **STATUTE["export"],
        "flow": flow,
        "sensitive": rng.sample(categories, 12),
        "exempt_purposes": rng.sample(purposes, 8),
    }


def abroad(rng: Random, tables: Tables) -> Tables:
    """The tables with more parties abroad, or in a country that is not known, and more years."""
    for row in tables["parties"]:
        if rng.random() < 0.7:
            row["country"] = rng.choice(["US", "HK", "JP", "CN", "", "atlantis"])
    for row in tables["flows"]:
        if row["occurred_at"] and rng.random() < 0.2:
            row["occurred_at"] = rng.choice(
                ["2024-12-31T23:59:59+08:00", "2025-01-01T00:00:00+08:00", "2024-12-31T16:30:00Z"]
            )
        if rng.random() < 0.3:
            row["operation"], row["sender"] = "share", rng.choice(tables["parties"])["party_id"]
    return tables


def told(exports: Exports) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The two tables by their keys."""
    years = {row[:1]: row[1:] for row in exports.years.iter_rows()}
    return years | {row[:2]: row[2:] for row in exports.countries.iter_rows()}


def test_the_engine_counts_who_was_supplied_abroad_as_the_reference_does() -> None:
    met: Counter[str] = Counter()
    for seed in SEEDS:
        rng = Random(f"exports {seed}")
        rule = rule_of(rng)
        tables = abroad(rng, generate.tables(rng, SIZE, STATUTE, VOCABULARY, losses=seed % 3 == 0))
        pack = {**STATUTE, "export": rule}
        with exported(tables, [pack], Export(parts=1 + seed % 3)) as (_, request):
            (found,) = audit(request).judgement.exports
        world = reference.read_world(tables, [pack], VOCABULARY)
        wanted = by_reference(world, rule)
        assert told(found) == wanted
        for key, row in wanted.items():
            met["years"] += len(key) == 1
            met["unknown country"] += key[-1] is None
            met["certain"] += row[2]
            met["possible"] += row[3] - row[2]
            met["sensitive"] += row[4]
            met["whole base"] += row[-1]
    assert min(met.values()) >= 10, met
    assert len(met) == 6
