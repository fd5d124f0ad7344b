"""What would have become of a run's verdicts: from its stored signatures, or judged again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pyarrow import parquet

from audit.casework.comparing import counted, migration_of, shifts_of
from audit.casework.remembering import remembered
from audit.casework.workspace import KeptRun
from audit.changes.change import Supposition
from audit.changes.packs import changed_packs
from audit.clauses.clause import Layer, Pack
from audit.clauses.compiling import compile_packs
from audit.clauses.reading import load_packs
from audit.evaluation.judgement import CODES
from audit.evaluation.replaying import replay, unheard
from audit.evaluation.signing import Signed
from audit.outcome import product_version
from audit.rejudging import Rejudged, kinds_of, rejudge
from audit.reports.recalling import recall, recall_packs
from audit.reports.signatures import kept_signatures
from audit.running import Tell
from audit.vocabulary import Vocabulary

Said = Mapping[Layer, pl.DataFrame]  # verdict and decided_by of every signature

_EXAMPLES = 3
_KEPT = 2  # runs: of ten million flows the signatures take 50 MB
_ROWS = 131_072
_CELL = ("before", "after", "before_by", "after_by")
_MOVES = ("layer", "before", "after")
_TOLD = ("flows", "examples")


class How(StrEnum):
    """How an answer was found: no flow asked again, those the change can touch, or all."""

    STORED = "stored"
    SOME = "some"
    WHOLE = "whole"


@dataclass(frozen=True)
class Replayed:
    """What a change would make of a run's verdicts.

    migration and shifts: as comparing two runs gives them. judged: flows that were judged again.
    """

    migration: pl.DataFrame
    shifts: pl.DataFrame
    how: How
    judged: int = 0


def stored_replay(run: KeptRun, change: Supposition) -> Replayed | None:
    """The answer from what the run left; None where a register or a flow must be asked again.

    That is so where a row of a register or what is declared complete is supposed to be otherwise,
    where a clause asks what no clause of the run asked, where a kind of evidence means something
    else, and where another version of this program made the run. Raises UsageRefused with every
    fault of the change, InputRefused where a pack is no longer what the run read.
    """
    if change.of_registers or change.complete:
        return None
    if run.manifest.get("versions", {}).get("consent-audit") != product_version():
        return None
    names = recall_packs(run.folder)
    before, after = load_packs(names), changed_packs(names, change.packs)
    vocabulary = kinds_of(before)
    signed = _signed(run)
    if signed is None or unheard(signed.conditions, (*before, *after)):
        return None
    if kinds_of(after).evidence_kinds != vocabulary.evidence_kinds:
        return None
    changed = [pack for pack in after if pack not in before]
    return _counted(run, signed, {**_standing(run), **_said(signed, changed, vocabulary)})


def rejudged_replay(
    run: KeptRun, change: Supposition, export: Path | None = None, tell: Tell = lambda _: None
) -> Replayed:
    """The answer by judging again, from the export, the flows that the change can touch.

    `export` says where the export lies now. Raises UsageRefused with every fault of the change, and
    what recalling a run and an audit raise.
    """
    request = replace(recall(run.folder, export), keep=True)
    return _joined(run, rejudge(request, change, tell))


@remembered(_KEPT)
def _standing(run: KeptRun) -> Said:
    """What the packs of the run say of its signatures."""
    signed, packs = _signed(run), load_packs(recall_packs(run.folder))
    return _said(signed, packs, kinds_of(packs)) if signed else {}


def _said(signed: Signed, packs: Sequence[Pack], vocabulary: Vocabulary) -> Said:
    program = compile_packs(packs, vocabulary)
    return {pack.layer: replay(signed, pack) for pack in program.packs}


@remembered(_KEPT)
def _signed(run: KeptRun) -> Signed | None:
    return kept_signatures(run.folder)


def _counted(run: KeptRun, signed: Signed, after: Said) -> Replayed:
    """The flows of each cell, by their signatures; three of them by name."""
    parts: list[pl.DataFrame] = []
    for layer, before in _standing(run).items():
        cells = _cells(before, after[layer])
        rows = _by_cell(cells, signed.table["flows"])
        numbers = _numbers(rows["signatures"], cells.height)
        first = _first_flows(signed.of_flow.to_numpy(), numbers, rows.height)
        examples = pl.Series("examples", _ids(run, first), dtype=CODES)
        parts.append(rows.with_columns(examples, layer=pl.lit(layer.value)))
    every = pl.concat(parts)
    some = pl.col("examples").explode().bottom_k(_EXAMPLES).sort()
    moves = every.group_by(_MOVES).agg(pl.col("flows").sum(), some)
    shifts = every.filter(pl.col("before") != pl.col("after"))
    return Replayed(
        migration_of(moves.select([*_MOVES, *_TOLD])),
        shifts_of(shifts.select("layer", *_CELL, *_TOLD)),
        How.STORED,
    )


def _cells(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Per signature the verdicts, and where it moved the clauses that decided them."""
    sides = {"before": before, "after": after}
    said = {name: side["verdict"] for name, side in sides.items()}
    by = {f"{name}_by": side["decided_by"] for name, side in sides.items()}
    moved = pl.when(pl.col("before") != pl.col("after"))
    return pl.DataFrame({**said, **by}).with_columns(moved.then(name).alias(name) for name in by)


def _by_cell(cells: pl.DataFrame, flows: pl.Series) -> pl.DataFrame:
    """A row per cell: how many flows it has, and which signatures."""
    told = cells.with_columns(flows=flows).with_row_index("signatures")
    return told.group_by(_CELL).agg(pl.col("flows").sum(), "signatures")


def _numbers(signatures: pl.Series, size: int) -> NDArray[np.int32]:
    """The cell of each signature."""
    numbers = np.empty(size, dtype=np.int32)
    cells = np.repeat(np.arange(len(signatures)), signatures.list.len().to_numpy())
    numbers[signatures.explode().to_numpy()] = cells
    return numbers


def _first_flows(
    of_flow: NDArray[np.uint32], cells: NDArray[np.int32], size: int
) -> list[list[int]]:
    """The first flows of each cell, given each flow's signature and each signature's cell."""
    found: list[list[int]] = [[] for _ in range(size)]
    lacking = np.ones(size, dtype=np.bool_)
    for start in range(0, len(of_flow), _ROWS):
        own = cells[of_flow[start : start + _ROWS]]
        places = np.flatnonzero(lacking[own])
        for _ in range(_EXAMPLES):
            cell, first = np.unique(own[places], return_index=True)
            for number, place in zip(cell.tolist(), places[first].tolist(), strict=True):
                if len(found[number]) < _EXAMPLES:
                    found[number].append(start + place)
            places = np.delete(places, first)
        lacking[[len(each) >= _EXAMPLES for each in found]] = False
        if not lacking.any():
            break
    return found


def _ids(run: KeptRun, places: list[list[int]]) -> list[list[str]]:
    """The flows at these places of the verdicts, which stand in the order of their ids."""
    wanted = np.unique(np.array([each for row in places for each in row], dtype=np.int64))
    names = dict(zip(wanted.tolist(), _read_ids(run, wanted), strict=True))
    return [[names[place] for place in row] for row in places]


def _read_ids(run: KeptRun, wanted: NDArray[np.int64]) -> Iterator[str]:
    """The ids at these places, in order; no group of rows is read that has none of them."""
    file = parquet.ParquetFile(run.file("verdicts.parquet"), pre_buffer=False)
    start = 0
    for group in range(file.num_row_groups):
        end = start + file.metadata.row_group(group).num_rows
        inside = wanted[(wanted >= start) & (wanted < end)] - start
        if len(inside):
            ids = file.read_row_group(group, columns=["flow_id"]).column(0)
            yield from ids.take(pl.Series(inside).to_arrow()).to_pylist()
        start = end


def _joined(run: KeptRun, rejudged: Rejudged) -> Replayed:
    """Every verdict of the run beside what it would be: the same, where it was not judged again."""
    columns = [name for name in rejudged.verdicts.columns if name != "flow_id"]
    old = pl.scan_parquet(run.file("verdicts.parquet"), glob=False).select("flow_id", *columns)
    new = rejudged.verdicts.lazy().with_columns(again=pl.lit(True))
    both = old.join(new, on="flow_id", how="left", suffix="_new", validate="1:1").with_columns(
        pl.when("again").then(f"{name}_new").otherwise(name).alias(f"{name}_new")
        for name in columns
    )
    moves, shifts = [], []
    for layer in Layer:
        verdict, by = f"{layer}_verdict", f"{layer}_decided_by"
        told = both.select(
            "flow_id",
            before=verdict,
            after=f"{verdict}_new",
            before_by=by,
            after_by=f"{by}_new",
        ).filter(pl.col("before").is_not_null())
        moves.append(counted(told, layer, "before", "after"))
        shifts.append(counted(told.filter(pl.col("before") != pl.col("after")), layer, *_CELL))
    again = both.select(pl.col("again").sum().cast(pl.Int64))
    *found, judged = pl.collect_all([*moves, *shifts, again])
    return Replayed(
        migration_of(pl.concat(found[: len(moves)])),
        shifts_of(pl.concat(found[len(moves) :])),
        How.WHOLE if rejudged.whole else How.SOME,
        int(judged.item() or 0),
    )
