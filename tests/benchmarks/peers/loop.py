"""Plain Python judges a sample of flows, one record after the other.

`python -m tests.benchmarks.peers.loop loop|validation EXPORT RUN` prints its figures as JSON.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import networkx as nx
import polars as pl
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry

from audit.records.checking import flow_batches
from audit.records.tables import FLOWS, table
from audit.sources.opening import open_export
from audit.vocabulary import load_vocabulary
from tests import reference
from tests.benchmarks.export import files
from tests.benchmarks.peers.sampling import (
    LAYER,
    PACK,
    ZONE,
    Figures,
    Record,
    as_json,
    as_text,
    differing,
    registers,
    sample,
    say,
    timed,
)
from tests.generate import shipped_pack, shipped_vocabulary

VALIDATED = 20_000  # flows


def loop(export: Path, run: Path) -> Figures:
    """CPU seconds that a sample of flows takes, one flow after the other.

    Validating is jsonschema's work, judging that of the reference interpreter with the rows of the
    registers that the sample needs, and the edges are networkx's. `differ` counts the flows of the
    sample that the run judged otherwise.
    """
    flows = sample(export)
    tables = {FLOWS: flows, **registers(export, flows)}
    rows = {name: as_text(frame) for name, frame in tables.items()}
    records, packs, words = as_json(flows), [shipped_pack(PACK)], shipped_vocabulary()
    validating, _ = timed(lambda: _invalid(records))
    judging, outcome = timed(lambda: reference.judge(rows, packs, words, timezone=ZONE))
    drawing, _ = timed(lambda: _edges(records, outcome))
    return {
        "flows": flows.height,
        "validating": validating,
        "judging": judging,
        "edges": drawing,
        "differ": differing(_told(outcome), run),
    }


def validation(export: Path, run: Path) -> Figures:
    """CPU seconds of jsonschema on some flows, and of the product's checks on all.

    The product's also read the file and give every cell its type. `differ` counts the flows that
    one of the two finds faulty and the other not.
    """
    _ = run
    records = as_json(pl.scan_parquet(files(export, FLOWS)).head(VALIDATED).collect())
    plain, faulty = timed(lambda: _invalid(records))
    batches = flow_batches(open_export(export), load_vocabulary())
    compiled, checked = timed(lambda: [(len(b.frame), b.rejected["position"]) for b in batches])
    rejected = {place for _, places in checked for place in places if place <= len(records)}
    return {
        "flows": len(records),
        "jsonschema": plain,
        "checked": sum(kept + len(places) for kept, places in checked),
        "product": compiled,
        "differ": len(rejected ^ faulty),
    }


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


def _told(outcome: reference.Outcome) -> list[tuple[str, str, list[str] | None]]:
    layers = {own_id: judged.layers[LAYER] for own_id, judged in outcome.verdicts.items()}
    return [(own_id, str(each.verdict), list(each.decided_by)) for own_id, each in layers.items()]


PEERS = {"loop": loop, "validation": validation}


def main() -> None:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("export", type=Path)
    parser.add_argument("run", type=Path, help="the folder that a run on the export left")
    asked = parser.parse_args()
    say(PEERS[asked.peer](asked.export, asked.run))


if __name__ == "__main__":
    main()
