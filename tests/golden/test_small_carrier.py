"""The stories of the examples, judged by hand, against the engine and the reference interpreter."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from audit.running import Request, audit
from tests import engine, reference
from tests.engine import Said
from tests.generate import Tables, shipped_pack, shipped_vocabulary

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
NAMES = ("small_carrier", "torn_register")
Told = tuple[str, tuple[str, ...], tuple[str, ...]]  # verdict, deciding clauses, failing categories
REJECTED: Told = ("rejected", (), ())


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def listed(cell: str) -> tuple[str, ...]:
    """The members of a list cell."""
    return tuple(sorted(member for member in cell.split(";") if member))


def told(said: Said) -> Told:
    """What the golden files say of a flow."""
    layer = said.layers["contract"]
    return layer.verdict, layer.decided_by, layer.failing


@cache
def by_hand(name: str) -> dict[str, Told]:
    """What the people who wrote the stories expect."""
    return {
        row["flow_id"]: (row["verdict"], listed(row["decided_by"]), listed(row["failing"]))
        for row in rows(HERE / f"{name}_expected.csv")
    }


@dataclass(frozen=True)
class Judged:
    """What is said of the flows of an example, and which of them cannot be judged."""

    said: Mapping[str, Said]
    rejected: frozenset[str]

    def told(self) -> dict[str, Told]:
        """The same in the words of the golden files; a rejected row without an id is in none."""
        lost = dict.fromkeys(self.rejected - {""}, REJECTED)
        return {**{flow: told(said) for flow, said in self.said.items()}, **lost}


@cache
def by_engine(name: str) -> Judged:
    """What the engine says of the example."""
    found = audit(Request(EXAMPLES / name))
    flows = rows(EXAMPLES / name / "flows.csv")
    lines = found.rejected.filter(table="flows")["position"]  # the heading is line 1
    lost = frozenset(flows[line - 2]["flow_id"] for line in lines)
    return Judged(engine.said_of(found), lost)


@cache
def by_reference(name: str) -> Judged:
    """What the reference interpreter says of it."""
    tables: Tables = {
        table: [{**row} for row in rows(path)]
        for table in reference.COLUMNS
        if (path := EXAMPLES / name / f"{table}.csv").exists()
    }
    found = reference.judge(tables, [shipped_pack("telecom_agreement")], shipped_vocabulary())
    lost = frozenset(flow for table, _, flow, _ in found.rejected if table == "flows")
    said = {flow: engine.by_reference(verdict) for flow, verdict in found.verdicts.items()}
    return Judged(said, lost)


@pytest.mark.parametrize("name", NAMES)
def test_the_engine_judges_every_flow_as_the_story_does(name: str) -> None:
    assert by_engine(name).told() == by_hand(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_judges_every_flow_as_the_story_does(name: str) -> None:
    assert by_reference(name).told() == by_hand(name)


@pytest.mark.parametrize("name", NAMES)
def test_engine_and_reference_agree_on_the_rest(name: str) -> None:
    assert by_engine(name) == by_reference(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_story_says_why(name: str) -> None:
    stories = rows(HERE / f"{name}_expected.csv")
    assert not [row["flow_id"] for row in stories if not row["why"] or not row["story"]]
