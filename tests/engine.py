"""The engine as a test meets it: texts go in as files, what it says comes out as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.evaluation.judgement import Judgement
from audit.outcome import Audit
from tests import reference
from tests.exporting import DEFAULT_COMPLETE, Export, Packs, audited
from tests.reference import Codes, Row

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
    packs: Packs | None = None,
    *,
    complete: frozenset[str] = DEFAULT_COMPLETE,
    timezone: str = "+08:00",
) -> dict[str, Said]:
    """What the engine says of every flow that it can judge, by flow_id; all that a run runs is run.

    Without packs, the agreement's pack that comes with the project. Raises as the audit does.
    """
    return said_of(audited(tables, packs, Export(timezone=timezone, complete=complete)))


def said_of(found: Audit) -> dict[str, Said]:
    """What an audit says of every flow, by flow_id."""
    layers = _layers(found.judgement)
    whole = {row["flow_id"]: row for row in found.verdicts.to_dicts()}
    return {
        row["flow_id"]: Said(
            layers=layers[row["outcome"]],
            overall=whole[row["flow_id"]]["overall"],
            conflict=whole[row["flow_id"]]["conflict"],
            inferred=row["inferred"],
            consents=tuple(row["consents"]),
        )
        for row in found.judgement.verdicts.to_dicts()
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
