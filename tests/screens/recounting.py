"""What the example's files say, counted row by row without the audit's own tables of counts."""

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from tests.screens.keeping import EXAMPLE


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
    def decided(self) -> Mapping[str, tuple[int, int]]:
        """Flows and people of each clause that decided in the contract layer."""
        flows: Counter[str] = Counter()
        people: defaultdict[str, set[str]] = defaultdict(set)
        for flow in self.flows:
            by = self.verdicts[flow["flow_id"]]["contract_decided_by"]
            assert isinstance(by, list)
            for clause in by:
                flows[clause] += 1
                people[clause].add(flow["subject_id"])
        return {clause: (flows[clause], len(people[clause])) for clause in flows}

    def received(self, party: str) -> tuple[int, int, int]:
        """Flows, people and violations that came to a party."""
        mine = [flow for flow in self.flows if flow["recipient"] == party]
        wrong = [f for f in mine if self.verdicts[f["flow_id"]]["overall"] == "violation"]
        return len(mine), len({flow["subject_id"] for flow in mine}), len(wrong)
