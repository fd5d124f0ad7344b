"""JSON parsed without a guess, and values held to a published schema; no value is ever repeated.

Nothing heavy is imported: a child process that reads an untrusted file begins here.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import consent_schemas

_MAY_ESCAPE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

Place = tuple[str, str]  # where, and which rule of the schema is broken there


def parsed(text: str) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """The value; ValueError for a key given twice, NaN, half a character, too deep a nesting."""
    try:
        value = _DECODER.decode(text)
    except RecursionError as fault:
        raise ValueError("nested too deeply") from fault
    if _MAY_ESCAPE_SURROGATE.search(text):
        json.dumps(value, ensure_ascii=False).encode()
    return value


def validator(*names: Sequence[str]) -> Draft202012Validator:
    """What holds values to the first of these schemas, which may speak of the others."""
    schemas = [_schema(name) for name in names]
    known = [(each["$id"], Resource.from_contents(each)) for each in schemas]
    return Draft202012Validator(schemas[0], registry=Registry().with_resources(known))


def columns(table: str) -> Mapping[str, bool]:
    """The columns of a table of ours, in order, and whether each is of lists."""
    about = _schema(("records", f"{table}.schema.json"))["properties"]
    return {name: each["type"] == "array" for name, each in about.items()}


def required(table: str) -> frozenset[str]:
    """The columns without which a row of the table is rejected."""
    return frozenset(_schema(("records", f"{table}.schema.json"))["required"])


def broken_rules(value: object, held: Draft202012Validator) -> Iterator[Place]:
    """Where the value breaks the schema, in order."""
    for error in sorted(held.iter_errors(value), key=lambda each: (each.json_path, each.validator)):
        yield error.json_path, f"{error.validator}: {json.dumps(error.validator_value)[:120]}"


def _schema(name: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(consent_schemas.path(*name).read_text(encoding="utf-8"))
    return told


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a key is given twice")
    return told


def _no_number(written: str) -> NoReturn:
    raise ValueError(written)


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)
