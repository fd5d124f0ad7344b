"""What became of duties is what the reference says, on every row; and the laws of duties."""

import os
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any

from audit.clauses.duty import DutyEvent
from audit.outcome import Audit
from audit.running import audit
from tests import reference_duties
from tests.exporting import Export, Form, exported
from tests.generate import Tables
from tests.properties import owing
from tests.reference_duties import Row

FIRST, LAST = map(int, os.environ.get("FUZZ_SEEDS", "0:24").split(":"))
SIZE = int(os.environ.get("FUZZ_FLOWS", "120"))
ZONES = ("+08:00", "Asia/Kolkata", "-03:30")
STATES = ("not_due", "fulfilled", "undetermined", "pending", "fulfilment_unknown", "breached")


@dataclass(frozen=True)
class Trial:
    """Tables and packs, until when they are looked at, and how they are handed over."""

    tables: Tables
    packs: list[dict[str, Any]]
    as_of: str | None
    how: Export

    @property
    def expected(self) -> list[Row]:
        """What the reference says."""
        return reference_duties.duties_of(
            self.tables,
            self.packs,
            owing.VOCABULARY,
            as_of=self.as_of,
            complete=self.how.complete,
            timezone=self.how.timezone,
        )

    @property
    def audited(self) -> Audit:
        """The audit by the engine."""
        with exported(self.tables, self.packs, self.how) as (_, request):
            return audit(replace(request, as_of=self.as_of))

    @property
    def said(self) -> list[Row]:
        """What the engine says."""
        return [Row(*row) for row in self.audited.duties.iter_rows()]


def trial(seed: int) -> Trial:
    """One world, and the packs of one layer or two."""
    rng = Random(f"duties {seed}")
    tables = owing.tables(rng, SIZE, losses=seed % 4 == 3)
    how = Export(
        form=list(Form)[seed % 3],
        parts=1 + seed % 3,
        timezone=ZONES[seed % 5] if seed % 5 < len(ZONES) else ZONES[0],
        complete=owing.COMPLETE[seed // 2 % 3],
    )
    packs = [owing.document(rng, layer) for layer in ("contract", "statute")[: 1 + seed % 2]]
    return Trial(tables, packs, owing.as_of(rng, tables), how)


@cache
def expected(seed: int) -> list[Row]:
    return trial(seed).expected


def test_engine_and_reference_agree_on_every_row_and_every_state_is_met() -> None:
    states: Counter[str] = Counter()
    named = flows = 0
    for seed in range(FIRST, LAST):
        said, wanted = trial(seed).said, expected(seed)
        unlike = [pair for pair in zip(said, wanted, strict=False) if pair[0] != pair[1]]
        assert not unlike, (seed, unlike[0])
        assert len(said) == len(wanted), seed
        states.update(row.state for row in said)
        named += sum(row.state == "breached" and row.done_by is not None for row in said)
        flows += sum(row.flows > 1 for row in said)
    rare = {state for state in STATES if states[state] < 0.02 * states.total()}
    assert not rare, states
    assert min(named, flows) > 20, (named, flows)


def test_every_event_due_and_binding_is_met() -> None:
    met: Counter[tuple[str, str]] = Counter()
    for seed in range(FIRST, LAST):
        duties = {
            (pack["pack"]["layer"], duty["id"]): duty
            for pack in trial(seed).packs
            for duty in pack["duty"]
        }
        for row in expected(seed):
            duty = duties[row.layer, row.duty]
            words = [row.event, *duty["due"], *duty["fulfilled"], *duty["arises"]]
            met.update((word, row.state) for word in words)
    marks = {mark for mark, _ in met}
    assert {"since", "hours", "days", "names_party", "party", "issued_by", "earlier"} <= marks
    assert set(DutyEvent) <= marks
    for mark in marks - {"before", "since"}:
        states = {state for each, state in met if each == mark}
        assert states == set(STATES), (mark, set(STATES) - states)


def test_order_batches_files_and_forms_have_no_effect() -> None:
    for seed in range(4):
        one, rng = trial(seed), Random(seed)
        shuffled = {table: rng.sample(rows, len(rows)) for table, rows in one.tables.items()}
        other = replace(one, tables=shuffled, how=replace(one.how, form=Form.CSV, parts=5))
        assert one.audited.duties.equals(other.audited.duties)


def test_a_later_instant_takes_nothing_back() -> None:
    kept: Counter[str] = Counter()
    for seed in range(FIRST, LAST, 4):
        one = trial(seed)
        hours = sorted(str(row["occurred_at"]) for row in one.tables["flows"][:6])
        instants = [hour for hour in hours if hour != "yesterday"]
        said = [by_key(replace(one, as_of=instant).expected) for instant in instants]
        for before, after in pairwise(said):
            for key, row in before.items():
                if row.state in {"fulfilled", "breached"}:
                    assert after[key].state == row.state, (seed, row, after[key])
                    kept[row.state] += 1
    assert min(kept["fulfilled"], kept["breached"]) > 100, kept


def by_key(rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    """The rows under what raised them."""
    return {(row.layer, row.duty, row.event_id, row.party, row.arisen_at): row for row in rows}


GOODNESS = ("breached", "fulfilment_unknown", "pending", "fulfilled")


def test_more_evidence_in_a_complete_register_never_worsens_a_state() -> None:
    better = 0
    for seed in range(FIRST, LAST, 3):
        one, rng = trial(seed), Random(f"more {seed}")
        everything = replace(one.how, complete=owing.COMPLETE[1])
        start = rng.choice(owing.STARTS)
        more = [owing.evidence(rng, start, 900 + number) for number in range(20)]
        tables = {**one.tables, "evidence": [*one.tables["evidence"], *more]}
        before = by_key(replace(one, how=everything, as_of="2025-02-10").expected)
        after = by_key(replace(one, how=everything, as_of="2025-02-10", tables=tables).expected)
        for key, row in before.items():
            if row.state in GOODNESS:
                was, is_now = (GOODNESS.index(each.state) for each in (row, after[key]))
                assert is_now >= was, (seed, row, after[key])
                better += is_now > was
    assert better > 50, better
