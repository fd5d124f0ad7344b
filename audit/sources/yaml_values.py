"""YAML as plain values: every scalar is text, nothing is built, nothing is said twice.

Tags and aliases are refused: the first ask for objects, the second make a small file a huge one.
"""

from collections.abc import Iterator
from typing import Any

import yaml

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


class RefusedYaml(Exception):
    """What is wrong, and in which line."""

    def __init__(self, line: int, cause: str) -> None:
        super().__init__(cause)
        self.line = line
        self.cause = cause


def documents(text: str) -> Iterator[Any]:
    """The values of the documents in the text; raises RefusedYaml."""
    try:
        for node in yaml.compose_all(text, Loader=yaml.CBaseLoader):
            yield _value(node, set())
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise RefusedYaml(mark.line + 1 if mark else 1, "YAML") from fault


def _value(node: yaml.Node, seen: set[int]) -> Any:  # noqa: ANN401 - whatever YAML can hold
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise RefusedYaml(line, "alias (*)")
    if node.tag not in _TAGS:
        raise RefusedYaml(line, "tag (!)")
    seen.add(id(node))
    match node:
        case yaml.ScalarNode():
            return None if not node.style and node.value in _NULLS else node.value
        case yaml.SequenceNode():
            return [_value(each, seen) for each in node.value]
        case _:
            pairs = [(_value(key, seen), _value(each, seen)) for key, each in node.value]
    if not all(isinstance(key, str) for key, _ in pairs):
        raise RefusedYaml(line, "key")
    if len(dict(pairs)) != len(pairs):
        raise RefusedYaml(line, "key (2x)")
    return dict(pairs)
