"""What the example's files say, counted row by row without the audit's own tables of counts."""

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from tests.example_run import EXAMPLE


def people_in(subjects: set[str]) -> str:
    """How many people these ids are, in English; `*` is the whole customer base and no person."""
    named = len(subjects - {"*"})
    told = f"{named} person" if named == 1 else f"{named} people"
    everybody = "all customers" if named == 0 else f"all customers and {told}"
    return everybody if "*" in subjects else told


def in_a_cell(people: str) -> str:
    """The same as a table has it."""
    named = people.removeprefix("all customers").removeprefix(" and ").partition(" ")[0]
    if not people.startswith("all"):
        return named
    return f"all + {named}" if named else people


def is_few(people: str) -> bool:
    """Whether so few people are named, in a sentence or a cell, that no viewer is told of them."""
    named = people.removeprefix("all customers").removeprefix("all").lstrip(" +and")
    return 0 < int(named.partition(" ")[0] or 0) < 5


@dataclass(frozen=True)
class Recount:
    """The judged flows of a run of the example."""

    run: Path

    @cached_property
    def verdicts(self) -> Mapping[str, dict[str, object]]:
        rows = pl.read_parquet(self.run / "verdicts.parquet").to_dicts()
        return {row["flow_id"]: row for row in rows}

    @cached_property
    def flows(self) -> list[dict[str, str]]:
        """The flows that were judged, as the export has them."""
        with (EXAMPLE / "flows.csv").open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if row["flow_id"] in self.verdicts]

    @cached_property
    def decided(self) -> Mapping[str, tuple[int, str]]:
        """Flows and people (as people_in has them) of each clause that decided in the contract."""
        flows: Counter[str] = Counter()
        people: defaultdict[str, set[str]] = defaultdict(set)
        for flow in self.flows:
            by = self.verdicts[flow["flow_id"]]["contract_decided_by"]
            assert isinstance(by, list)
            for clause in by:
                flows[clause] += 1
                people[clause].add(flow["subject_id"])
        return {clause: (flows[clause], people_in(people[clause])) for clause in flows}

    def received(self, party: str) -> tuple[int, str, int]:
        """Flows, people and violations that came to a party."""
        mine = [flow for flow in self.flows if flow["recipient"] == party]
        wrong = [f for f in mine if self.verdicts[f["flow_id"]]["overall"] == "violation"]
        return len(mine), people_in({flow["subject_id"] for flow in mine}), len(wrong)
