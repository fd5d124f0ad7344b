"""What the product is measured against: plain Python, one record after the other.

`python -m tests.benchmarks.peers loop|validation EXPORT RUN` prints its figures as JSON.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from time import process_time
from typing import Any, TypeVar

import networkx as nx
import polars as pl
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry

from audit.records.checking import flow_batches
from audit.records.tables import FLOWS, table
from audit.sources.opening import open_export
from audit.vocabulary import load_vocabulary
from tests import reference
from tests.generate import shipped_pack, shipped_vocabulary

PACK, LAYER, ZONE = "telecom_agreement", "contract", "+08:00"
SAMPLE, VALIDATED = 2000, 20_000  # flows
Figures = Mapping[str, float]
Record = Mapping[str, Any]
T = TypeVar("T")


def loop(export: Path, run: Path) -> Figures:
    """CPU seconds that a sample of flows takes, one flow after the other.

    Validating is jsonschema's work, judging that of the reference interpreter with the rows of the
    registers that the sample needs, and the edges are networkx's. `differ` counts the flows of the
    sample that the run judged otherwise.
    """
    flows = pl.read_parquet(export / "flows.parquet")
    flows = flows.gather_every(max(1, flows.height // SAMPLE)).head(SAMPLE)
    tables = {FLOWS: flows, **_registers(export, flows)}
    rows = {name: _as_text(frame) for name, frame in tables.items()}
    records, packs, words = _as_json(flows), [shipped_pack(PACK)], shipped_vocabulary()
    validating, _ = _timed(lambda: _invalid(records))
    judging, outcome = _timed(lambda: reference.judge(rows, packs, words, timezone=ZONE))
    drawing, _ = _timed(lambda: _edges(records, outcome))
    return {
        "flows": flows.height,
        "validating": validating,
        "judging": judging,
        "edges": drawing,
        "differ": _differing(outcome, run),
    }


def validation(export: Path, run: Path) -> Figures:
    """CPU seconds of jsonschema on some flows, and of the product's checks on all.

    The product's also read the file and give every cell its type. `differ` counts the flows that
    one of the two finds faulty and the other not.
    """
    _ = run
    records = _as_json(pl.scan_parquet(export / "flows.parquet").head(VALIDATED).collect())
    plain, faulty = _timed(lambda: _invalid(records))
    batches = flow_batches(open_export(export), load_vocabulary())
    compiled, checked = _timed(lambda: [(len(b.frame), b.rejected["position"]) for b in batches])
    rejected = {place for _, places in checked for place in places if place <= len(records)}
    return {
        "flows": len(records),
        "jsonschema": plain,
        "checked": sum(kept + len(places) for kept, places in checked),
        "product": compiled,
        "differ": len(rejected ^ faulty),
    }


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = process_time()
    done = work()
    return process_time() - started, done


def _registers(export: Path, flows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The rows of the registers that speak of these flows."""
    subject, subjects = pl.col("subject_id"), flows["subject_id"].implode()
    cited = pl.col("evidence_id").is_in(flows["evidence_id"].implode())
    needed = {
        "parties": pl.lit(True),
        "consents": subject.is_in(subjects),
        "evidence": subject.is_in(subjects) | subject.is_null() | cited,
    }
    return {
        name: pl.scan_parquet(export / f"{name}.parquet").filter(rows).collect()
        for name, rows in needed.items()
    }


def _as_text(frame: pl.DataFrame) -> list[dict[str, str | None]]:
    """Rows as the reference takes them."""
    lists = pl.selectors.by_dtype(pl.List(pl.String()))
    return frame.with_columns(lists.list.join(";")).cast(pl.String()).to_dicts()


def _as_json(frame: pl.DataFrame) -> list[Record]:
    """Rows as JSON Schema sees them: an empty cell is an absent property."""
    rows = frame.iter_rows(named=True)
    return [{name: cell for name, cell in row.items() if cell is not None} for row in rows]


def _invalid(records: Iterable[Record]) -> set[int]:
    """The places, from 1, of the records that break the schema."""
    formats, zone = FormatChecker(formats=()), reference.zone_of(ZONE)
    formats.checks("instant", raises=reference.Unreadable)(
        lambda cell: bool(reference.read_instant(cell, zone))
    )
    schema = dict(table(FLOWS).schema)
    validator = Draft202012Validator(schema, registry=Registry(), format_checker=formats)
    return {place for place, each in enumerate(records, 1) if not validator.is_valid(each)}


def _edges(records: Sequence[Record], outcome: reference.Outcome) -> "nx.MultiDiGraph[str]":
    """One edge for each thing that flows between two parties, with its flows by verdict."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for record in records:
        if judged := outcome.verdicts.get(record["flow_id"]):
            for category in record["data_categories"]:
                _count(graph, record, category, judged.overall)
    return graph


def _count(
    graph: "nx.MultiDiGraph[str]", record: Record, category: str, verdict: reference.Verdict
) -> None:
    sender, recipient = record["sender"], record["recipient"]
    key = (record["operation"], record["purpose"], category)
    if not graph.has_edge(sender, recipient, key):
        graph.add_edge(sender, recipient, key=key, flows=Counter())
    graph.edges[sender, recipient, key]["flows"][verdict] += 1


def _differing(outcome: reference.Outcome, run: Path) -> int:
    """How many flows the run judged otherwise; what it rejected for a repeated id is not asked."""
    ours = pl.scan_parquet(run / "verdicts.parquet").select(
        "flow_id", f"{LAYER}_verdict", f"{LAYER}_decided_by"
    )
    theirs = [
        (own_id, str(judged.layers[LAYER].verdict), list(judged.layers[LAYER].decided_by))
        for own_id, judged in outcome.verdicts.items()
    ]
    names = {"flow_id": pl.String(), "verdict": pl.String(), "decided_by": pl.List(pl.String())}
    both = pl.LazyFrame(theirs, names, orient="row").join(ours, on="flow_id", validate="1:1")
    same = (pl.col("verdict") == pl.col(f"{LAYER}_verdict")) & (
        pl.col("decided_by") == pl.col(f"{LAYER}_decided_by")
    )
    return both.filter(~same).collect().height


PEERS = {"loop": loop, "validation": validation}


def main() -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("export", type=Path)
    parser.add_argument("run", type=Path, help="the folder that a run on the export left")
    asked = parser.parse_args()
    print(json.dumps(PEERS[asked.peer](asked.export, asked.run)))  # noqa: T201


if __name__ == "__main__":
    main()
