"""What a run says that a draft would change is what the reference says with the draft judging."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from audit.running import audit
from tests import generate, reference
from tests.exporting import Export, exported
from tests.generate import Tables

VOCABULARY = generate.shipped_vocabulary()
STATUTE = generate.shipped_pack("cn_statute")
RELATION = ("sender", "recipient", "operation", "purpose")
SEEDS, SIZE = range(8), 120
Change = tuple[str, ...]  # layer, clause, relation, verdict now and then


def with_drafts(rng: Random, pack: Mapping[str, Any], share: float) -> dict[str, Any]:
    """The pack with some of its clauses drafts."""
    clauses = [
        clause | {"draft": bool(clause.get("draft")) or rng.random() < share}
        for clause in pack["clause"]
    ]
    return {**pack, "clause": clauses}


def trials() -> Iterator[tuple[Tables, list[dict[str, Any]]]]:
    """Random packs of one layer or both, and the statute's, with drafts among their clauses."""
    for seed in SEEDS:
        rng = Random(f"drafts {seed}")
        layers = ("contract", "statute")[: 1 + seed % 2]
        packs = [with_drafts(rng, generate.pack(rng, VOCABULARY, layer), 0.2) for layer in layers]
        if seed % 4 == 3:
            packs[1] = with_drafts(rng, STATUTE, 0.1)
        yield generate.tables(rng, SIZE, packs[-1], VOCABULARY, losses=seed % 3 == 2), packs


def judged(tables: Tables, packs: Sequence[Mapping[str, Any]]) -> reference.Outcome:
    """What the reference says under the settings of the export."""
    return reference.judge(tables, packs, VOCABULARY)


def expected(tables: Tables, packs: Sequence[Mapping[str, Any]]) -> dict[Change, set[str]]:
    """Per draft, relation and change the flows that would change, each draft judging alone."""
    rows = {(row["flow_id"] or "").strip(): row for row in tables["flows"]}
    now, found = judged(tables, packs), dict[Change, set[str]]()
    for place, pack in enumerate(packs):
        layer = pack["pack"]["layer"]
        for draft in reference.drafts(pack):
            switched_on = reference.with_draft(pack, draft)
            then = judged(tables, [*packs[:place], switched_on, *packs[place + 1 :]])
            for flow, said in then.verdicts.items():
                told = (now.verdicts[flow].layers[layer].verdict, said.layers[layer].verdict)
                if told[0] is not told[1]:
                    relation = ((rows[flow][name] or "").strip() for name in RELATION)
                    key = (layer, draft, *relation, told[0].value, told[1].value)
                    found.setdefault(key, set()).add(flow)
    return found


def test_a_run_counts_what_the_reference_would_say_with_each_draft_switched_on() -> None:
    met: Counter[str] = Counter()
    for tables, packs in trials():
        with exported(tables, packs, Export()) as (_, request):
            drafts = audit(request).judgement.drafts
        wanted = expected(tables, packs)
        if drafts is None:
            assert not any(reference.drafts(pack) for pack in packs)
            continue
        told = {tuple(row[:-2]): (row[-2], row[-1]) for row in drafts.changes.iter_rows()}
        assert told == {key: (len(ids), sorted(ids)[:3]) for key, ids in wanted.items()}
        counts = {tuple(row[:2]): tuple(row[2:]) for row in drafts.counts.iter_rows()}
        assert counts == totals(tables, packs, wanted)
        met.update(verdict for key in wanted for verdict in key[-2:])
    assert all(met[verdict.value] >= 3 for verdict in reference.Verdict), met


def totals(
    tables: Tables, packs: Sequence[Mapping[str, Any]], wanted: Mapping[Change, set[str]]
) -> dict[tuple[str, ...], tuple[int, int, bool]]:
    """Flows and people per draft, and whether the whole base is met; also where nothing changes."""
    subjects = {
        (row["flow_id"] or "").strip(): (row["subject_id"] or "").strip() for row in tables["flows"]
    }
    told: dict[tuple[str, ...], tuple[int, int, bool]] = {}
    for pack in packs:
        for draft in reference.drafts(pack):
            own = (pack["pack"]["layer"], draft)
            flows = [flow for key, ids in wanted.items() if key[:2] == own for flow in ids]
            met = {subjects[flow] for flow in flows}
            told[own] = (len(flows), len(met - {"*"}), "*" in met)
    return told
