"""Packs made for analysis, and the ways in which a test asks about them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.exporting import toml_file

Lines = Mapping[str, Any]


def clause(own_id: str, effect: str, when: Lines, *attacked: str) -> dict[str, Any]:
    """A clause in the form of a pack file."""
    gist = {"zh": own_id, "en": own_id}
    entry = {"id": own_id, "cite": own_id, "effect": effect, "gist": gist, "when": dict(when)}
    return {**entry, "exception_to": list(attacked)}


def pack(*clauses: Lines) -> dict[str, Any]:
    """A pack of these clauses."""
    header = {"id": "small", "version": "1.0.0", "layer": "contract"}
    return {"pack": {**header, "title": {"zh": "小", "en": "Small"}}, "clause": list(clauses)}


def kept(folder: Path, document: Lines, name: str = "pack") -> str:
    """The pack in a file; gives its name."""
    return str(toml_file(folder / f"{name}.toml", document))
