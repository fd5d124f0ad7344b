"""Run in a child process: files of OpenLineage's events as flows (`lineage`)."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from audit.sources.lineage import Lineage, Rule
from audit.sources.making import Asked, Broken, Cells, make
from audit.sources.strict import broken_rules, parsed, validator
from audit.sources.text import Encoding, opened, survey

_LINE_BYTES = 4 << 20
_SCHEMAS = (("openlineage", "run_event.schema.json"), ("openlineage", "flows_facet.schema.json"))
_STATIC = frozenset({"dataset", "job"})  # what an event speaks of that speaks of no run


def main(asked: str) -> int:
    """Write the flows, or last of all why they cannot be had."""
    return make(asked, _flows)


def _flows(asked: Asked, met: Counter[str]) -> Iterator[Cells]:
    rules, held = [Rule(**each) for each in asked.how["datasets"]], validator(*_SCHEMAS)
    lineage = Lineage(rules, met)
    for path, name in asked.each():
        for number, event in _events(path, name):
            if not isinstance(event, dict):
                raise _broken(number, rule="type: object")
            if "run" not in event and event.keys() & _STATIC:
                met.update(("events", "static"))
                continue
            for place, rule in broken_rules(event, held):
                raise _broken(number, place, rule)
            lineage.add(event)
    yield from lineage.flows()


def _events(path: Path, name: str) -> Iterator[tuple[int, Any]]:
    """The events of a file with their numbers: lines of JSON, or one array, or one object."""
    encoding = survey(path, name).encoding
    with opened(path, encoding) as stream:
        if Path(name.lower().removesuffix(".gz")).suffix != ".json":
            yield from _lines(stream, encoding.opened)
            return
        value = _value(stream.read(), encoding.opened, 1)
        yield from enumerate(value if isinstance(value, list) else [value], start=1)


def _lines(stream: BinaryIO, encoding: Encoding) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(iter(partial(stream.readline, _LINE_BYTES), b""), start=1):
        if line.strip():
            yield number, _value(line, encoding, number)


def _value(line: bytes, encoding: Encoding, number: int) -> Any:  # noqa: ANN401 - any JSON
    try:
        return parsed(line.decode(encoding).removeprefix("\ufeff"))
    except ValueError as fault:
        raise _broken(number) from fault


def _broken(number: int, place: str = "$", rule: str = "JSON") -> Broken:
    return Broken("event-broken", position=str(number), place=place, rule=rule)
