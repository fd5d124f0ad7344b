"""The engine as a test meets it: texts go in as files, what it says comes out as values."""

import csv
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.evaluation.judgement import Judgement, verdict_table
from audit.running import DEFAULT_PACKS, Request, audit
from tests import reference
from tests.reference import COLUMNS, Codes, Row

DEFAULT_COMPLETE = frozenset({"consents"})
FIELDS = ("verdict", "decided_by", "possible", "failing", "nearest")
FIELDS_OF_CATEGORY = ("verdict", "decided_by", "possible", "nearest", "lacking", "unknown")


@dataclass(frozen=True)
class CategorySaid:
    """What is said of one data category of a flow."""

    verdict: str
    decided_by: Codes
    possible: Codes
    nearest: str | None
    lacking: Codes
    unknown: Codes


@dataclass(frozen=True)
class LayerSaid:
    """What one layer says of a flow."""

    verdict: str
    decided_by: Codes
    possible: Codes
    failing: Codes
    nearest: tuple[str | None, ...]
    categories: Mapping[str, CategorySaid]


@dataclass(frozen=True)
class Said:
    """What is said of a flow, by the engine or by the reference interpreter."""

    layers: Mapping[str, LayerSaid]
    overall: str
    conflict: bool
    inferred: str | None
    consents: Codes


def judged(
    tables: Mapping[str, Sequence[Row]],
    packs: Sequence[Mapping[str, Any]] | None = None,
    *,
    complete: frozenset[str] = DEFAULT_COMPLETE,
    timezone: str = "+08:00",
) -> dict[str, Said]:
    """What the engine says of every flow that it can judge, by flow_id; all that a run runs is run.

    Without packs, the agreement's pack that comes with the project. Raises as the audit does.
    """
    with tempfile.TemporaryDirectory() as folder:
        export = _exported(Path(folder), tables, complete, timezone)
        names = DEFAULT_PACKS if packs is None else _written(Path(folder), packs)
        found = audit(Request(export=export, packs=names))
    return _told(found.judgement)


def _exported(
    folder: Path, tables: Mapping[str, Sequence[Row]], complete: Iterable[str], timezone: str
) -> Path:
    """A source file, and a CSV file for every table that is given."""
    for table, rows in tables.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS[table].split())
            writer.writeheader()
            writer.writerows(rows)
    said = {
        "timezone": timezone,
        "complete": sorted(complete),
        "incomplete": sorted(DEFAULT_COMPLETE - set(complete)),
        "tables": {table: {"paths": [f"{table}.csv"]} for table in tables},
    }
    return _toml_file(folder / "export.toml", said)


def _written(folder: Path, packs: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    files = (_toml_file(folder / f"pack-{n}.toml", pack) for n, pack in enumerate(packs))
    return tuple(str(file) for file in files)


def _toml_file(path: Path, document: Mapping[str, Any]) -> Path:
    path.write_text(
        "".join(f"{key} = {_toml(value)}\n" for key, value in document.items()), "utf-8"
    )
    return path


def _toml(value: object) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, Mapping):
        inner = (f"{json.dumps(key)} = {_toml(below)}" for key, below in value.items())
        return f"{{ {', '.join(inner)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(member) for member in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _told(judgement: Judgement) -> dict[str, Said]:
    layers = _layers(judgement)
    whole = {row["flow_id"]: row for row in verdict_table(judgement).to_dicts()}
    return {
        row["flow_id"]: Said(
            layers=layers[row["outcome"]],
            overall=whole[row["flow_id"]]["overall"],
            conflict=whole[row["flow_id"]]["conflict"],
            inferred=row["inferred"],
            consents=tuple(row["consents"]),
        )
        for row in judgement.verdicts.to_dicts()
    }


def _layers(judgement: Judgement) -> dict[int, dict[str, LayerSaid]]:
    """What every outcome says, layer by layer."""
    categories: dict[tuple[int, str], dict[str, CategorySaid]] = {}
    for row in judgement.units.to_dicts():
        said = CategorySaid(**{name: _value(row[name]) for name in FIELDS_OF_CATEGORY})
        categories.setdefault((row["outcome"], row["layer"]), {})[row["data_category"]] = said
    layers: dict[int, dict[str, LayerSaid]] = {}
    for row in judgement.outcomes.to_dicts():
        own = categories[row["outcome"], row["layer"]]
        said_of_layer = LayerSaid(**{name: _value(row[name]) for name in FIELDS}, categories=own)
        layers.setdefault(row["outcome"], {})[row["layer"]] = said_of_layer
    return layers


def _value(cell: Any) -> Any:  # noqa: ANN401 (a word, a list of words, or null)
    return tuple(cell) if isinstance(cell, list) else cell


def by_reference(verdict: reference.FlowVerdict) -> Said:
    """What the reference says, in the same words."""
    return Said(
        layers={name: _layer_by_reference(layer) for name, layer in verdict.layers.items()},
        overall=verdict.overall.value,
        conflict=verdict.conflict,
        inferred=verdict.inferred,
        consents=verdict.consents,
    )


def _layer_by_reference(layer: reference.LayerVerdict) -> LayerSaid:
    return LayerSaid(
        verdict=layer.verdict.value,
        decided_by=layer.decided_by,
        possible=layer.possible,
        failing=layer.failing,
        nearest=layer.nearest,
        categories={
            name: CategorySaid(
                verdict=said.verdict.value,
                decided_by=said.decided_by,
                possible=said.possible,
                nearest=said.nearest,
                lacking=said.nearest_false,
                unknown=said.unknown,
            )
            for name, said in layer.categories.items()
        },
    )
