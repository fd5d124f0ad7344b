"""The compiled rules and `jsonschema` strike the same records, for the same reasons."""

import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

from audit.records import reading
from audit.records.compiling import Rule, compile_rules
from audit.records.confirming import problems, record
from audit.records.keywords import Field
from audit.records.screening import broken
from audit.records.tables import Column, Kind, Table, table
from audit.sources.export import TABLES
from audit.sources.raw import POSITION, RawBatch

ZONE = "+08:00"
RECORDS = 2000

CODES = ["share", "marketing.own", "agreement", "separate", "allow", "forbid", "joint", "processor"]
STRAYS = [None, "", "  ", "*", ";", "a;;b", "甲方", "\ufffd#N/A", "a\x00b", "a\u200b", "x" * 128]
STRAYS += [
    "x" * 129,
    "甲" * 256,
    "甲" * 257,
    "y" * 2001,
    " padded\u3000",
    "a\nb",
    "\u2028",
    "CUSTOMER",
]
NUMBERS = ["0", "007", "5.0", "5.10", "-0", "-1", "1e3", "1,000", "NaN", "inf", "+3", "９", "35.50"]
NUMBERS += ["9000000000", "9000000001", "9" * 18, "9" * 19, "0." + "0" * 17 + "1", ".5", "5."]
DAYS = [
    "2024-02-29",
    "2023-02-29",
    "2025-04-31",
    "0000-05-05",
    "2025-1-1",
    "2025-13-01",
    "1999-12-31",
]
CLOCKS = [
    "",
    "08:30",
    "08:30:15",
    "24:00",
    "23:59:60",
    "08:30:15.123456",
    "08:30:15.1234567",
    "8:30",
]
OFFSETS = ["", "Z", "+08:00", "+0800", "+08", "-25:00", "z", "+08:60"]


def time_told(dice: random.Random) -> str:
    apart = dice.choice(["T", "T", " ", "t", ""])
    return dice.choice(DAYS) + apart + dice.choice(CLOCKS) + dice.choice(OFFSETS)


def bent(told: str, dice: random.Random) -> str:
    """The text with a character put in, left out or changed."""
    place, letter = dice.randrange(len(told) + 1), dice.choice("0123456789-:T.Z+;* \t\x07甲")
    return dice.choice([told[:place] + letter, told[:place] + told[place:][1:]]) + told[place + 1 :]


def text(kind: Kind, dice: random.Random) -> str | None:
    if dice.random() < 1 / 4:
        told = dice.choice(STRAYS)
    elif kind in {Kind.integer, Kind.decimal}:
        told = dice.choice(NUMBERS)
    else:
        told = time_told(dice) if kind.is_time else dice.choice(CODES)
    return bent(told, dice) if told and dice.random() < 1 / 10 else told


def cell(column: Column, dice: random.Random) -> Any:  # noqa: ANN401 - text or a list of it
    if column.kind is not Kind.codes:
        return text(column.kind, dice)
    return dice.choice([None, [text(Kind.text, dice) for _ in range(dice.choice([0, 1, 1, 2, 3]))]])


def sound(column: Column, about: Table) -> Any:  # noqa: ANN401 - as above
    match column.kind:
        case Kind.codes:
            return ["share", "marketing.own"]
        case Kind.integer | Kind.decimal:
            return "5"
        case Kind.text:
            return about.schema["properties"][column.name].get("enum", ["x-1"])[0]
        case _:
            return "2024-02-29T08:30:15+08:00"


def raw(about: Table, dice: random.Random) -> RawBatch:
    """Sound records in which some columns, often none, say something else."""
    columns = [pl.Series(POSITION, range(1, RECORDS + 1), pl.Int64)]
    share = [dice.choice([0.0, 0.1, 0.3, 1.0]) for _ in range(RECORDS)]
    for column in about.columns:
        dtype = pl.List(pl.String) if column.kind is Kind.codes else pl.String
        usual = sound(column, about)
        told = [cell(column, dice) if dice.random() < part else usual for part in share]
        columns.append(pl.Series(column.name, told, dtype))
    return RawBatch(pl.DataFrame(columns))


def rules(frame: pl.DataFrame, about: Table) -> tuple[Rule, ...]:
    dtypes = [frame.schema[column.name] for column in about.columns]
    return compile_rules(about.schema, reading.fields(about, dtypes))


@pytest.mark.parametrize("name", TABLES)
def test_our_tables(name: str) -> None:
    about = table(name)
    understood = reading.understand(raw(about, random.Random(name)), about, ZONE)
    found = broken(understood.frame, rules(understood.frame, about), understood.looks)
    struck = [(rule.problem, mask.to_list()) for rule, mask in found]
    for place, row in enumerate(understood.frame.iter_rows(named=True)):
        mine = {str(problem) for problem, mask in struck if mask[place]}
        assert mine == {str(problem) for problem in problems(record(row, about), name)}
    spared = RECORDS - sum(map(any, zip(*(mask for _, mask in struck), strict=True)))
    assert len(struck) > len(about.columns)
    assert RECORDS / 4 < spared < RECORDS * 3 / 4


@pytest.mark.parametrize("name", TABLES)
def test_looks_change_nothing(name: str) -> None:
    about = table(name)
    understood = reading.understand(raw(about, random.Random(name)), about, ZONE)
    compiled = rules(understood.frame, about)
    looked = broken(understood.frame, compiled, understood.looks)
    asked = broken(understood.frame, compiled, {})
    assert [rule.problem for rule, _ in looked] == [rule.problem for rule, _ in asked]
    assert all(a.equals(b) for (_, a), (_, b) in zip(looked, asked, strict=True))


TEXT = st.text(alphabet="abAB09-. 甲\n", max_size=6)
COUNT = st.integers(0, 5)
BOUND = st.one_of(st.integers(-5, 5), st.floats(-5, 5, allow_nan=False))
PATTERNS = ["^a*$", "a+", "^[^b]+$", "(ab|甲)", "^[A-Z0-9.-]{2,4}$", "\\.", "^$", "b?$"]
TYPES = ["string", "integer", "number", "boolean", "array", "null"]
SCALARS = st.one_of(TEXT, st.integers(-6, 6), st.floats(-6, 6, allow_nan=False), st.booleans())


def schemas() -> st.SearchStrategy[dict[str, Any]]:
    simple = {
        "type": st.one_of(st.sampled_from(TYPES), st.lists(st.sampled_from(TYPES), min_size=1)),
        "enum": st.lists(st.one_of(SCALARS, st.none()), max_size=4),
        "const": st.one_of(SCALARS, st.none()),
        "pattern": st.sampled_from(PATTERNS),
        **dict.fromkeys(["minLength", "maxLength", "minItems", "maxItems"], COUNT),
        **dict.fromkeys(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], BOUND),
    }
    plain = st.fixed_dictionaries({}, optional=simple)
    nested = st.fixed_dictionaries({}, optional={**simple, "not": plain, "items": plain})
    return st.fixed_dictionaries({}, optional={**simple, "items": nested, "not": nested})


COLUMNS = {
    pl.String: TEXT,
    pl.Int64: st.integers(-6, 6),
    pl.Float64: st.one_of(st.integers(-6, 6).map(float), st.floats(-6, 6, allow_nan=False)),
    pl.Boolean: st.booleans(),
}


@settings(max_examples=250)
@given(data=st.data(), schema=schemas(), required=st.booleans())
def test_any_schema(data: st.DataObject, schema: dict[str, Any], required: bool) -> None:  # noqa: FBT001
    kind, values = data.draw(st.sampled_from(list(COLUMNS.items())))
    told: st.SearchStrategy[Any] = st.one_of(values, st.none())
    lists = data.draw(st.booleans())
    each = st.one_of(st.lists(told, max_size=4), st.none()) if lists else told
    dtype = pl.List(kind) if lists else kind
    frame = pl.DataFrame({"a": data.draw(st.lists(each, min_size=1, max_size=12))}, {"a": dtype})
    whole = {"type": "object", "properties": {"a": schema}, "required": ["a"] if required else []}
    compiled = compile_rules(whole, {"a": Field(pl.col("a"), frame.schema["a"])})
    judge = Draft202012Validator(whole, registry=Registry())
    none = pl.Series([False]).new_from_index(0, frame.height)
    strikes = frame.select(pl.any_horizontal(none, *(rule.fails for rule in compiled)))
    for struck, value in zip(strikes.to_series(), frame["a"].to_list(), strict=True):
        assert struck is not judge.is_valid({} if value is None else {"a": value})
