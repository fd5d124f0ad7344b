"""How tables and packs are laid out leaves no trace in what an audit says (semantics, section 6).

Row order, file split, form of file, size of batch, order of clauses: each is tried on more than a
thousand flows, rejected rows among them, and everything that an audit finds is compared.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from random import Random
from typing import Any

import polars as pl
import pytest

from audit.clauses.compiling import compile_packs
from audit.clauses.reading import load_packs
from audit.evaluation.judgement import Judgement
from audit.evaluation.judging import judge
from audit.evaluation.signing import Signed
from audit.facts.compiling import compile_registers
from audit.outcome import FLOWS, Audit
from audit.records.checking import check_registers, flow_batches
from audit.sources import columnar, delimited, jsonic
from audit.sources.opening import open_export
from audit.vocabulary import load_vocabulary
from tests import generate
from tests.exporting import Export, Form, audited, exported
from tests.properties.worlds import AGREEMENT, ENOUGH, VOCABULARY, World, random_packs

AS_IT_IS = Export()
STATUTE = generate.shipped_pack("cn_statute")


@cache
def worlds() -> tuple[World, ...]:
    """Rejected rows, repeats and untidy cells among all others; under the agreement and not."""
    drawn = []
    for seed, size, packs in ((1, 400, [AGREEMENT]), (2, 400, [AGREEMENT]), (3, 300, None)):
        chosen = packs or [asking_for_all(pack) for pack in random_packs(seed)]
        tables = generate.tables(Random(seed), size, chosen[0], VOCABULARY, losses=seed > 1)
        drawn.append(World(seed, tables, chosen))
    return tuple(drawn)


def asking_for_all(pack: Mapping[str, Any]) -> dict[str, Any]:
    """The pack with drafts, which are counted apart, and with a count of supply abroad."""
    drafts = {each["id"] for each in pack["clause"][::9]}
    clauses = [each | {"draft": each["id"] in drafts} for each in pack["clause"]]
    return {**pack, "clause": clauses, "export": STATUTE["export"]}


def parts_of(judgement: Judgement) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every table of a judgement, and of what it tells of drafts, signatures and supply abroad."""
    yield "verdicts", judgement.verdicts
    yield "units", judgement.units
    for field in fields(judgement):
        value = getattr(judgement, field.name)
        if field.name in ("flows", "spread", "met", "signed", "drafts", "exports"):
            continue
        yield field.name, value
    yield "tally_subjects", judgement.tally_subjects
    if judgement.drafts:
        yield "counts of drafts", judgement.drafts.counts
        yield "changes of drafts", judgement.drafts.changes
    for exports in judgement.exports:
        yield f"years of {exports.layer}", exports.years
        yield f"countries of {exports.layer}", exports.countries
    assert judgement.signed
    yield "signatures", signatures_of(judgement.signed)


def signatures_of(signed: Signed) -> pl.DataFrame:
    """What the signature of each flow says; bits are numbered in the order of the clauses."""
    said = [
        repr(
            [
                row["basis"],
                row["supplement"],
                *(
                    (
                        category,
                        named(signed, row["true"], place),
                        named(signed, row["false"], place),
                    )
                    for place, category in enumerate(row["data_categories"])
                ),
            ]
        )
        for row in signed.table.iter_rows(named=True)
    ]
    return pl.DataFrame({"said": pl.Series(said).gather(signed.of_flow)})


def named(signed: Signed, words: Sequence[int], place: int) -> list[str]:
    """The conditions whose bits are set in the words of this category."""
    size = -(-len(signed.conditions) // 64)
    own = words[place * size : (place + 1) * size]
    lines = enumerate(signed.conditions)
    return sorted(repr(line) for bit, line in lines if own[bit // 64] >> bit % 64 & 1)


def tables_of(found: Audit) -> Iterator[tuple[str, pl.DataFrame]]:
    """Everything that was found, but where the rejected rows stand."""
    yield from parts_of(found.judgement)
    rejected = found.rejected.drop("file", "position")
    yield "rejected", rejected.sort(rejected.columns, nulls_last=True)
    yield "edges", found.edges
    yield "findings", found.findings
    yield "table", found.verdicts


@cache
def plainly(world: World) -> dict[str, pl.DataFrame]:
    """What is found of the world as it is."""
    return dict(tables_of(audited(world.tables, world.packs, AS_IT_IS)))


def assert_no_trace(change: Callable[[World], World]) -> None:
    """The audit says the same of each world and of the world changed."""
    flows = 0
    for world in worlds():
        other = change(world)
        found = tables_of(audited(other.tables, other.packs, other.how))
        unlike = [name for name, table in found if not table.equals(plainly(world)[name])]
        assert unlike == []
        flows += len(world.tables[FLOWS])
    assert flows >= ENOUGH


def test_the_order_of_rows() -> None:
    def shuffled(world: World) -> World:
        rng = world.draw("shuffled")
        rows = {table: rng.sample(rows, len(rows)) for table, rows in world.tables.items()}
        return replace(world, tables=rows)

    assert_no_trace(shuffled)


def test_how_tables_are_split_into_files() -> None:
    assert_no_trace(lambda world: replace(world, how=Export(parts=3)))


def test_the_order_of_clauses() -> None:
    def shuffled(world: World) -> World:
        rng = world.draw("clauses")
        orders = [rng.sample(pack["clause"], len(pack["clause"])) for pack in world.packs]
        packs = [
            {**pack, "clause": clauses} for pack, clauses in zip(world.packs, orders, strict=True)
        ]
        return world.under(packs)

    assert_no_trace(shuffled)


@pytest.mark.parametrize("form", Form)
def test_the_form_of_files_and_how_many_rows_are_read_at_a_time(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "BATCH_ROWS", 40)
    monkeypatch.setattr(delimited, "_BLOCK_BYTES", 1 << 13)
    monkeypatch.setattr(columnar, "BATCH_ROWS", 40)
    monkeypatch.setattr(jsonic, "_BATCH", 40)
    assert_no_trace(lambda world: replace(world, how=Export(form)))


@pytest.mark.parametrize("rows", [5, 64])
def test_how_many_flows_are_judged_at_a_time(rows: int) -> None:
    flows = 0
    for world in worlds():
        found, size = judged_in_batches(world, rows)
        whole = plainly(world)
        unlike = [name for name, table in parts_of(found) if not table.equals(whole[name])]
        assert unlike == []
        flows += size
    assert flows >= ENOUGH


def judged_in_batches(world: World, rows: int) -> tuple[Judgement, int]:
    """The judgement of the flows, so many at a time, and how many they are."""
    with exported(world.tables, world.packs, AS_IT_IS) as (_, request):
        packs = load_packs(request.packs)
        declared = {code: kind for pack in packs for code, kind in pack.evidence_kinds.items()}
        vocabulary = load_vocabulary().with_evidence(declared)
        export = open_export(request.export, request.timezone)
        registers = check_registers(export, vocabulary)
        once = flow_batches(export, vocabulary)
        repeated = once.repeated() if list(once) else frozenset()
        frames = [batch.frame for batch in flow_batches(export, vocabulary, repeated)]
    program = compile_packs(packs, vocabulary, drafts=True)
    compiled = compile_registers(registers, program, vocabulary, export.complete)
    flows = pl.concat(frames)
    return judge(flows.iter_slices(rows), compiled), flows.height
