"""The engine and the reference interpreter agree on every field that they give.

Random tables and packs go the whole way: files, sources, checks, facts, verdicts. `make fuzz` asks
the same of more seeds (FUZZ_SEEDS=100:200) and of larger tables (FUZZ_FLOWS=1000).
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import reduce
from operator import or_
from random import Random
from typing import Any

import pytest

from audit.keeping.registers import Asked
from audit.outcome import FLOWS, Audit
from audit.records.checking import Registers
from audit.running import audit
from tests import generate, reference
from tests.engine import Said, by_reference, said_of
from tests.exporting import Export, Form, Packs, exported
from tests.generate import Tables
from tests.properties.crowded import Crowd

VOCABULARY = generate.shipped_vocabulary()
AGREEMENT = generate.shipped_pack("telecom_agreement")
STATUTE = generate.shipped_pack("cn_statute")
FIRST, LAST = map(int, os.environ.get("FUZZ_SEEDS", "0:12").split(":"))
SIZE = int(os.environ.get("FUZZ_FLOWS", "250"))
LAYERS = ("contract", "statute")
ZONES = ("+08:00", "Asia/Kolkata", "-03:30")
COMPLETE = (
    frozenset({"consents"}),
    frozenset({"consents", *(f"evidence.{kind}" for kind in VOCABULARY["evidence_kinds"])}),
    frozenset({"evidence.arrears", "evidence.statute"}),
)


@dataclass(frozen=True)
class Trial:
    """Tables and packs, and how they are handed over; `tidy` where the shares are to be kept."""

    name: str
    tables: Tables
    packs: Packs
    how: Export
    tidy: bool

    @property
    def settings(self) -> dict[str, Any]:
        """What the reference is told of the registers and of the zone."""
        return {"complete": self.how.complete, "timezone": self.how.timezone}


def trial(seed: int, packs: Packs, rng: Random) -> Trial:
    """Tables directed at one of the packs; every third lacks rows, or is of another zone."""
    tidy, turn = seed % 3 < 2, seed // 3
    how = Export(
        form=list(Form)[turn % 3],
        parts=1 + seed % 2,
        timezone=ZONES[0] if tidy else ZONES[turn % 3],
        complete=COMPLETE[0] if tidy else COMPLETE[turn % 3],
    )
    losses = not tidy and turn % 2 == 0
    tables = generate.tables(rng, SIZE, rng.choice(packs), VOCABULARY, losses=losses)
    return Trial(f"seed {seed} of {len(packs)} pack(s)", tables, packs, how, tidy)


def trials_of_the_agreement() -> Iterator[Trial]:
    """The project's pack on random tables."""
    for seed in range(FIRST, LAST):
        yield trial(seed, [AGREEMENT], Random(seed))


def trials_of_both_layers() -> Iterator[Trial]:
    """The project's packs together on tables directed at the statute."""
    for seed in range(FIRST, LAST):
        rng = Random(f"statute {seed}")
        aimed = trial(seed, [STATUTE], rng)
        yield replace(aimed, name=f"both {seed}", packs=[AGREEMENT, STATUTE])


def trials_of_random_packs() -> Iterator[Trial]:
    """One random pack, or one of each layer, on random tables; so many that each word is met."""
    for seed in range(FIRST, LAST + (LAST - FIRST) // 2):
        rng = Random(f"packs {seed}")
        layers = rng.sample(LAYERS, 1 + seed % 2)
        packs = [with_drafts(rng, generate.pack(rng, VOCABULARY, layer)) for layer in layers]
        yield trial(seed, packs, rng)


def with_drafts(rng: Random, pack: Mapping[str, Any]) -> Mapping[str, Any]:
    """The pack with a clause in ten a draft, which decides nothing."""
    clauses = [clause | {"draft": rng.random() < 0.1} for clause in pack["clause"]]
    return {**pack, "clause": clauses}


def with_proof(rng: Random, pack: Mapping[str, Any]) -> Mapping[str, Any]:
    """The pack with a clause that any evidence meets, so that much is inferred from it."""
    any_kind = {"evidence": sorted(VOCABULARY["evidence_kinds"])}
    proof = generate.random_clause(rng, "r-proof", "permit", any_kind)
    return {**pack, "clause": [*pack["clause"], proof]}


def trials_of_crowds() -> Iterator[Trial]:
    """Few customers and parties among many rows, under the project's pack or a random one."""
    for seed in range(FIRST, LAST):
        rng = Random(f"crowd {seed}")
        packs = [AGREEMENT] if seed % 3 else [with_proof(rng, generate.pack(rng, VOCABULARY))]
        claims = ["consent", *(clause["id"] for clause in packs[0]["clause"])]
        tables = Crowd(rng, claims).tables(SIZE, rng.choice([15, 60]))
        yield Trial(f"crowd {seed}", tables, packs, Export(complete=COMPLETE[seed % 3]), tidy=False)


def compare(one: Trial) -> dict[str, Said]:
    """What both say of every flow; fails where they differ in anything."""
    wanted = reference.judge(one.tables, one.packs, VOCABULARY, **one.settings)
    with exported(one.tables, one.packs, one.how) as (_, request), registers_read() as registers:
        found = audit(request)
    assert [asdict(each.taints) for each in registers] == [asdict(wanted.taints)], one.name
    lost = {(table, row) for table, row, _, _ in wanted.rejected}
    assert one.how.rejected(found, one.tables) == lost, one.name
    said = said_of(found)
    expected = {flow: by_reference(verdict) for flow, verdict in wanted.verdicts.items()}
    assert said.keys() == expected.keys(), one.name
    unlike = [flow for flow in expected if said[flow] != expected[flow]]
    assert not unlike, explain(one, said[unlike[0]], expected[unlike[0]], unlike)
    assert accounts(found) == len(one.tables[FLOWS]), one.name
    return said


@contextmanager
def registers_read() -> Iterator[list[Registers]]:
    """The registers that audits read meanwhile, as they have them."""
    told: list[Registers] = []
    read = Asked.read

    def kept(asked: Asked) -> Registers:
        told.append(read(asked))
        return told[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Asked, "read", kept)
        yield told


def explain(one: Trial, said: Said, expected: Said, unlike: Sequence[str]) -> str:
    """The first flow on which they differ, and in which fields."""
    rows = [row for row in one.tables[FLOWS] if (row["flow_id"] or "").strip() == unlike[0]]
    fields = dict(differences(asdict(said), asdict(expected)))
    return f"{one.name}: {len(unlike)} flows differ, first {rows}: (engine, reference) {fields}"


def differences(said: Any, expected: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """The paths at which two nested values differ, and what stands there."""
    if isinstance(said, dict) and isinstance(expected, dict):
        for key in {**said, **expected}:
            yield from differences(said.get(key), expected.get(key), f"{path}/{key}")
    elif said != expected:
        yield path, (said, expected)


def accounts(found: Audit) -> int:
    """Rows judged in each layer and rejected, as counted by the run itself."""
    (judged,) = {sum(counts.values()) for counts in found.counts.values()}
    return judged + found.rejected.filter(table=FLOWS).height


def layers_of(flows: Iterable[Said], layer: str) -> list[Any]:
    """What one layer says of each flow."""
    return [flow.layers[layer] for flow in flows]


def rare(counts: Mapping[str, int], names: Iterable[str], least: float) -> set[str]:
    """The names that are counted less often."""
    return {name for name in names if counts.get(name, 0) < least}


VERDICTS = tuple(verdict.value for verdict in reference.Verdict)


def test_they_agree_under_the_agreement_and_every_clause_and_verdict_is_met() -> None:
    said = [
        layer
        for one in trials_of_the_agreement()
        for layer in layers_of(compare(one).values(), "contract")
        if one.tidy
    ]
    deciding = Counter(clause for layer in said for clause in layer.decided_by)
    clauses = {clause["id"] for clause in AGREEMENT["clause"]} | {reference.NO_GROUND}
    assert not rare(deciding, clauses | {"consent (supplement)"}, 0.02 * len(said))
    assert not rare(Counter(layer.verdict for layer in said), VERDICTS, 0.05 * len(said))


def test_they_agree_under_both_layers_and_every_clause_of_the_statute_is_met() -> None:
    flows = [flow for one in trials_of_both_layers() for flow in compare(one).values()]
    statute = layers_of(flows, "statute")
    met = Counter(clause for layer in statute for clause in (*layer.decided_by, *layer.possible))
    clauses = {clause["id"] for clause in STATUTE["clause"] if not clause.get("draft")}
    assert not rare(met, clauses | {reference.NO_GROUND}, 10)
    compliant = Counter(layer.verdict for layer in statute)
    assert not rare(compliant, set(VERDICTS) - {"excepted"}, 0.05 * len(statute))
    assert sum(flow.conflict for flow in flows) > 0.02 * len(flows)


def test_they_agree_under_random_packs_and_every_word_and_verdict_is_met() -> None:
    verdicts: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for one in trials_of_random_packs():
        flows = compare(one).values()
        for pack in one.packs:
            asked = {clause["id"]: set(clause["when"]) for clause in pack["clause"]}
            for layer in layers_of(flows, pack["pack"]["layer"]):
                verdicts[layer.verdict] += 1
                deciding = [asked.get(clause.split()[0], set()) for clause in layer.decided_by]
                words.update(reduce(or_, deciding, set()))
    assert not rare(verdicts, VERDICTS, 0.05 * verdicts.total())
    every = {word for effect in ("permit", "forbid") for word in generate.words_for(effect)}
    every -= {"contested"}  # always unknown, so that it decides nothing
    assert not rare(words, every, 10)


def test_they_agree_where_everything_meets() -> None:
    told: Counter[str] = Counter()
    for one in trials_of_crowds():
        for flow in compare(one).values():
            told["inferred"] += flow.inferred is not None
            told["consents"] += bool(flow.consents)
            for layer in flow.layers.values():
                told.update([layer.verdict, *(f"nearest {name}" for name in layer.nearest)])
    assert not rare(told, [*VERDICTS, "inferred", "consents"], 20)
