"""Run in a child process: fides manifests as parties, or what they declare (`manifests`)."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audit.sources.making import Asked, Broken, Cells, make
from audit.sources.manifests import Declared, parties
from audit.sources.strict import broken_rules, validator
from audit.sources.text import opened, survey
from audit.vocabulary import load_vocabulary

_MOST_BYTES = 16 << 20
_SCHEMA = ("fides", "manifest.schema.json")
_SYSTEM = "system"


def main(asked: str) -> int:
    """Write the rows, or last of all why they cannot be had."""
    return make(asked, _rows)


def _rows(asked: Asked, met: Counter[str]) -> Iterator[Cells]:
    systems: list[dict[str, Any]] = []
    for path, name in asked.each():
        for manifest in _manifests(path, name):
            systems += manifest.get(_SYSTEM) or []
            for word, told in manifest.items():
                if word != _SYSTEM:
                    met[f"unread {word}"] += len(told) if isinstance(told, list) else 1
    met["systems"] = len(systems)
    if asked.table == "parties":
        yield from parties(systems)
    else:
        yield from Declared(load_vocabulary(), asked.how, met).flows(systems)


def _manifests(path: Path, name: str) -> Iterator[dict[str, Any]]:
    try:
        from audit.sources.yaml_values import RefusedYaml, documents  # noqa: PLC0415 - an extra
    except ImportError as fault:
        raise Broken("extra-missing", name=name, extra="fides") from fault
    if path.stat().st_size > _MOST_BYTES:
        raise Broken("file-too-large", limit=f"{_MOST_BYTES >> 20} MB")
    encoding, held = survey(path, name).encoding, validator(_SCHEMA)
    with opened(path, encoding) as stream:
        content = stream.read()
    try:
        for manifest in documents(content.decode(encoding.opened).removeprefix("\ufeff")):
            if manifest is None:
                continue
            for place, rule in broken_rules(manifest, held):
                raise Broken("manifest-broken", place=place, rule=rule)
            yield manifest
    except RefusedYaml as fault:
        raise Broken("yaml-broken", line=str(fault.line), cause=fault.cause) from fault
    except UnicodeDecodeError as fault:
        raise Broken("encoding-unknown") from fault
