"""However flows are dealt to parts, and in whatever order these are taken, they say the same.

Parts are judged each with registers of its own, as in another process; they go through pickle.
"""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from random import Random

import polars as pl
import pytest

from audit.evaluation.judging import Judging
from audit.evaluation.owing import Owing
from audit.evaluation.part import Part
from audit.facts.flows import CategorySets
from audit.facts.gathering import CompiledRegisters
from audit.records.checking import flow_batches
from audit.running import _owing, compiled_registers, prepared
from tests import generate
from tests.exporting import Export, Packs, exported
from tests.properties import owing
from tests.properties.test_laws_of_order import asking_for_all, parts_of
from tests.properties.worlds import AGREEMENT, VOCABULARY, random_packs

Tables = generate.Tables


@dataclass(frozen=True)
class Trial:
    """Flows that can be judged, and what they are judged by."""

    flows: pl.DataFrame
    compiled: CompiledRegisters
    owing: Owing | None

    def judging(self) -> Judging:
        """As another process would begin it: no set of categories was met."""
        sets = CategorySets(self.compiled.sets.domain)
        watching = self.owing.watching() if self.owing else None
        return Judging(replace(self.compiled, sets=sets), watching)

    def of(self, flows: pl.DataFrame, rows: int) -> Judging:
        """The judging of these flows, so many at a time."""
        judging = self.judging()
        for batch in flows.iter_slices(rows):
            judging.add(judging.gathered(batch))
        return judging

    def told(self, judging: Judging) -> dict[str, pl.DataFrame]:
        """All that came of it."""
        found = dict(parts_of(judging.finish()))
        if self.owing and judging.watching:
            settled = self.owing.settled(judging.watching, None, flows_lost=False)
            rows = pl.concat([*settled.rows.pieces()])
            found["duties"] = rows.with_columns(as_of=pl.lit(settled.instant))
        return found


def worlds() -> Iterator[tuple[Tables, Packs]]:
    """Under the agreement, under random packs of two layers with drafts, and with many duties."""
    rng = Random("agreement")
    drafts = [each | {"draft": place % 3 == 1} for place, each in enumerate(AGREEMENT["clause"])]
    agreement = {**asking_for_all(AGREEMENT), "clause": drafts}
    yield generate.tables(rng, 400, agreement, VOCABULARY, losses=True), [agreement]
    packs = [asking_for_all(pack) for pack in random_packs(3)]
    yield generate.tables(Random(3), 300, packs[0], VOCABULARY, losses=True), packs
    rng = Random("duties")
    yield (
        owing.tables(rng, 200, losses=False),
        [owing.document(rng), owing.document(rng, "statute")],
    )


@cache
def trials() -> tuple[Trial, ...]:
    return tuple(trial_of(tables, packs) for tables, packs in worlds())


def trial_of(tables: Tables, packs: Packs) -> Trial:
    with exported(tables, packs, Export()) as (_, request):
        setting = prepared(request)
        compiled = compiled_registers(setting)
        once = flow_batches(setting.export, setting.vocabulary)
        repeated = once.repeated() if list(once) else frozenset()
        frames = [each.frame for each in flow_batches(setting.export, setting.vocabulary, repeated)]
        return Trial(pl.concat(frames), compiled, _owing(setting, compiled))


@cache
def whole(number: int) -> dict[str, pl.DataFrame]:
    trial = trials()[number]
    return trial.told(trial.of(trial.flows, trial.flows.height))


def dealt(trial: Trial, rng: Random) -> list[Part]:
    """The flows dealt at random to some parts, some of them to none."""
    count = rng.randint(1, 7)
    hands = pl.Series("hand", [rng.randrange(count) for _ in range(trial.flows.height)])
    parts = []
    for hand in range(count):
        mine = trial.flows.filter(hands == hand)
        order = rng.sample(range(mine.height), mine.height)
        parts.append(trial.of(mine[order], rng.choice([17, 1000])).part())
    return [kept(part, trial, rng) for part in rng.sample(parts, count)]


def kept(part: Part, trial: Trial, rng: Random) -> Part:
    """The part as it comes back: from another process, or from a run of other days."""
    told = part.lasting(trial.compiled) if rng.random() < 0.3 else part
    same: Part = pickle.loads(pickle.dumps(told))  # noqa: S301 (our own)
    return same


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("number", range(3))
def test_parts_of_any_split_in_any_order_are_the_whole(number: int, seed: int) -> None:
    trial, rng = trials()[number], Random(f"dealt {number} {seed}")
    parts = dealt(trial, rng)
    judging = trial.judging()
    while parts:
        if len(parts) > 1 and rng.random() < 0.4:  # some are put together before
            among = trial.judging()
            for _ in range(2):
                among.take(parts.pop())
            parts.append(kept(among.part(), trial, rng))
        else:
            judging.take(parts.pop())
    found = trial.told(judging)
    unlike = [name for name, table in whole(number).items() if not found[name].equals(table)]
    assert unlike == []
    assert found.keys() == whole(number).keys()


def test_a_part_under_other_registers_is_refused_unless_it_lasts() -> None:
    trial = trials()[0]
    part = trial.of(trial.flows, 100).part()
    fewer = replace(trial.compiled.numbering, subjects=trials()[2].compiled.numbering.subjects)
    other = Judging(replace(trial.compiled, numbering=fewer))
    with pytest.raises(ValueError, match="other registers"):
        other.take(part)
    again = Judging(replace(trial.compiled, numbering=fewer))
    again.take(part.lasting(trial.compiled))
    told, found = whole(0)["tally_subjects"], again.finish().tally_subjects
    assert found["tally"].equals(told["tally"])  # as many people of each tally


def test_the_worlds_are_worth_trying() -> None:
    assert all(trial.flows.height > 100 for trial in trials())
    tables = [whole(number) for number in range(3)]
    assert all(each["tallies"].height > 10 for each in tables)
    assert tables[0]["changes of drafts"].height > 0
    assert tables[0]["years of contract"].height > 0
    assert tables[2]["duties"].height > 100
    strangers = trials()[0].compiled.numbering.subjects
    assert tables[0]["tally_subjects"]["subject"].max() >= len(strangers)  # type: ignore[operator]
