"""The door opens every room that it names, and no room before somebody enters it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import audit

DOOR = Path(str(audit.__file__)).with_suffix(".pyi").read_text(encoding="utf-8")
TYPED = {
    name.asname
    for node in ast.walk(ast.parse(DOOR))
    if isinstance(node, ast.ImportFrom)
    for name in node.names
    if name.asname
}


def test_what_checkers_see_is_what_there_is() -> None:
    offered = {name for names in audit._ROOMS.values() for name in names.split()}
    assert offered == TYPED


@pytest.mark.parametrize("name", sorted(TYPED))
def test_every_name_opens(name: str) -> None:
    assert getattr(audit, name) is not None


@pytest.mark.parametrize("name", ["utils", "Path"])
def test_there_is_nothing_else(name: str) -> None:
    with pytest.raises(AttributeError):
        getattr(audit, name)


def test_the_door_itself_is_light() -> None:
    line = "import audit, sys; assert 'polars' not in sys.modules and 'click' not in sys.modules"
    subprocess.run(
        [sys.executable, "-c", line], check=True, cwd=Path(str(audit.__file__)).parents[1]
    )
