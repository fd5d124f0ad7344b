"""Schemas become rules: the official test suite of JSON Schema, for every keyword that is known."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.problems import UsageRefused
from audit.records.compiling import compile_rules, unknown
from audit.records.keywords import KEYWORDS, Field
from audit.records.tables import table
from audit.sources.export import TABLES

SUITE = Path(__file__).parents[1] / "json_schema_test_suite"
ABSENT = object()


def gathered() -> Iterator[Any]:
    for path in sorted(SUITE.glob("*.json")):
        for number, case in enumerate(json.loads(path.read_text(encoding="utf-8"))):
            yield pytest.param(case, id=f"{path.stem}-{number}")


CASES = list(gathered())


def of_records(schema: object) -> dict[str, Any]:
    """A schema of values as one of records with one column; a schema of records as it is."""
    if isinstance(schema, dict) and {"properties", "required"} & schema.keys():
        return schema
    return {"type": "object", "properties": {"value": schema}}


def cells(schema: dict[str, Any], data: object) -> pl.DataFrame | None:
    """The data as a record of one row; None for what no column of ours can hold."""
    names = schema.get("properties", {})
    told = {"value": data} if "value" in names else data
    if not isinstance(told, dict) or not told.keys() <= names.keys():
        return None
    columns = [cell(name, told.get(name, ABSENT)) for name in names]
    return pl.DataFrame(columns) if all(column is not None for column in columns) else None


def cell(name: str, value: object) -> pl.Series | None:
    if value is ABSENT:
        return pl.Series(name, [None], pl.String)
    items = value if isinstance(value, list) else [value]
    dtype = type_of(items)
    if dtype is None or (value is None):
        return None
    return pl.Series(name, [value], pl.List(dtype) if isinstance(value, list) else dtype)


def type_of(values: list[Any]) -> pl.DataType | None:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {str}:
        return pl.String()
    if kinds == {bool}:
        return pl.Boolean()
    if kinds == {int} and all(abs(value) < 2**63 for value in values if value is not None):
        return pl.Int64()
    return pl.Float64() if kinds == {float} else None


def strikes(schema: dict[str, Any], frame: pl.DataFrame) -> bool:
    fields = {name: Field(pl.col(name), dtype) for name, dtype in frame.schema.items()}
    rules = compile_rules(schema, fields)
    marks = [frame.select(rule.fails).to_series() for rule in rules]
    assert all(mark.null_count() == 0 and len(mark) == 1 for mark in marks)
    return any(mark.any() for mark in marks)


@pytest.mark.parametrize("case", CASES)
def test_the_official_suite(case: dict[str, Any]) -> None:
    schema = of_records(case["schema"])
    if any(unknown(schema)):
        with pytest.raises(UsageRefused):
            compile_rules(schema, {})
        return
    for test in case["tests"]:
        frame = cells(schema, test["data"])
        if frame is not None:
            assert strikes(schema, frame) is not test["valid"], test["description"]


def test_the_suite_asks_enough() -> None:
    """Hundreds of its tests fit a column; what is refused is what no column of ours can be."""
    asked = [
        test
        for case in (param.values[0] for param in CASES)
        if not any(unknown(of_records(case["schema"])))
        for test in case["tests"]
        if cells(of_records(case["schema"]), test["data"]) is not None
    ]
    assert len(asked) > 150


def test_every_keyword_known_is_in_the_suite() -> None:
    known = {*KEYWORDS, "required"} - {"format"}  # the suite leaves formats to the one who asks
    assert known == {path.stem for path in SUITE.glob("*.json")}


@pytest.mark.parametrize(
    "schema",
    [
        {"additionalProperties": False},
        {"type": "array"},
        {"required": ["b"]},
        {"properties": {"a": {"minProperties": 1}}},
        {"properties": {"a": {"$ref": "#/$defs/x"}}},
        {"properties": {"a": {"type": "object"}}},
        {"properties": {"a": {"type": ["string", "object"]}}},
        {"properties": {"a": {"format": "date-time"}}},
        {"properties": {"a": {"pattern": "\\d+"}}},
        {"properties": {"a": {"pattern": "(a"}}},
        {"properties": {"a": {"enum": [{}]}}},
        {"properties": {"a": {"const": []}}},
        {"properties": {"a": {"items": {"uniqueItems": True}}}},
        {"properties": {"a": {"not": {"anyOf": []}}}},
        {"properties": {"a": {"items": True}}},
        {"properties": {"a": True}},
    ],
)
def test_what_the_compiler_does_not_know_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(UsageRefused) as refusal:
        compile_rules({"properties": {"a": {}}, **schema}, {"a": Field(pl.col("a"), pl.String())})
    assert {problem.code for problem in refusal.value.problems} == {"schema-unknown"}


def test_our_own_annotations_and_descriptions_are_silent() -> None:
    value = {"description": "a", "x-aliases": ["b"], "x-key": True, "title": "t"}
    fields = {"a": Field(pl.col("a"), pl.String())}
    assert compile_rules({"x-a": 1, "$id": "urn:a", "properties": {"a": value}}, fields) == ()


@pytest.mark.parametrize("name", TABLES)
def test_our_schemas_are_known_to_the_last_word(name: str) -> None:
    assert not list(unknown(table(name).schema))
