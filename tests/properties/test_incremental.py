"""A run that takes an earlier one further leaves what a run alone leaves, to the last byte.

Exports are edited at random, flows and registers, and audited day by day; each run takes the one
before further. That the edits would betray a flow that was taken wrongly is tried by taking some.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from audit.incremental import taking
from audit.incremental.comparing import nothing_touched
from audit.incremental.kept import KeptFile
from audit.outcome import Audit, Since, Unaccounted
from audit.reports.recalling import asked
from audit.reports.run_folder import leave
from audit.running import Request, audit
from tests import generate
from tests.exporting import Form, pack_files
from tests.properties import owing
from tests.properties.growing import Growing, edit
from tests.properties.worlds import AGREEMENT, STATUTE, VOCABULARY, random_packs

FLOWS = 60
DAYS = 3


def packs_of(seed: int) -> list[Any]:
    """Random packs; the agreement with the statute (drafts, supply abroad); or many duties."""
    match seed % 3:
        case 0:
            return list(random_packs(seed))
        case 1:
            return [AGREEMENT, STATUTE]
        case _:
            return [owing.document(Random(f"duties {seed}"), "statute"), AGREEMENT]


class Daily:
    """An export audited day by day, in a folder of its own."""

    def __init__(self, seed: int, folder: Path) -> None:
        rng, packs = Random(f"incremental {seed}"), packs_of(seed)
        tables = generate.tables(rng, FLOWS, rng.choice(packs), VOCABULARY, losses=seed % 4 == 3)
        self.growing = Growing(rng, tables, list(Form)[seed % 3])
        self.folder, self.export = folder, folder / "export"
        self.request = Request(self.export / "export.toml", pack_files(packs), keep=True)
        self.days = 0

    def audited(self, **how: Any) -> tuple[Audit, dict[str, bytes]]:  # noqa: ANN401
        """The audit of the export as it stands, and every byte of what it leaves."""
        self.days += 1
        request, place = replace(self.request, **how), self.folder / f"run-{self.days}"
        found = audit(request)
        leave(found, place, asked=asked(request, place))
        return found, {file.name: file.read_bytes() for file in place.iterdir()}

    def begin(self) -> Audit:
        """The first day."""
        self.growing.write(self.export)
        return self.audited(keep_flows=True)[0]

    def next_day(self, before: Audit, change: Callable[[Growing], object]) -> tuple[Audit, bool]:
        """The run that takes that of the day before further, and whether it leaves the same."""
        change(self.growing)
        self.growing.write(self.export)
        found, left = self.audited(since=before.run_id)
        return found, left == self.audited(keep=False)[1]


@pytest.fixture(autouse=True)
def _own_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def told(found: Audit) -> Since:
    assert found.since is not None
    return found.since


@pytest.mark.parametrize("seed", range(3))
def test_a_run_since_another_leaves_what_a_run_alone_leaves(seed: int, tmp_path: Path) -> None:
    daily = Daily(seed, tmp_path)
    found, counts = daily.begin(), Counter[str]()
    for day in range(DAYS):
        found, same = daily.next_day(found, partial(edit, edits=2 + day))
        assert same, day
        counts += Counter(standing=told(found).standing, anew=told(found).anew)
        counts.update(problem.code for problem in told(found).problems)
    assert counts["standing"] > 20, counts
    assert counts["anew"] > 20, counts
    assert counts.keys() <= {"standing", "anew", "since-other"}


def lose_agreements(growing: Growing) -> None:
    growing.rows["consents"] = growing.rows["consents"][::3]


def repeat_an_id_of_another_file(growing: Growing) -> None:
    first, second, *_ = growing.files.values()
    growing.files["day-999"] = [{**second[0], "flow_id": first[0]["flow_id"]}]


def test_flows_taken_though_the_registers_touch_them_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily = Daily(1, tmp_path)
    found = daily.begin()
    monkeypatch.setattr(taking, "touched", lambda *_: nothing_touched())
    assert not daily.next_day(found, lose_agreements)[1]


def test_a_file_taken_though_another_repeats_its_ids_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily = Daily(1, tmp_path)
    found = daily.begin()
    monkeypatch.setattr(KeptFile, "fits", lambda *_: True)
    with suppress(Unaccounted):  # nothing at all is left then
        assert not daily.next_day(found, repeat_an_id_of_another_file)[1]
