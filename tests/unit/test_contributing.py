"""CONTRIBUTING.md names only places that exist, and no recipe touches more than three files."""

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
PAGE = (HOUSE / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`([\w.<>/-]*(?:/|\.(?:py|toml|md|txt))[\w.<>/-]*)`")
RECIPES = {
    title: NAMED.findall(body)
    for title, body in re.findall(r"^### (Adding .+)\n((?:(?!^##).*\n)+)", PAGE, re.MULTILINE)
}


@pytest.mark.parametrize("path", sorted(set(NAMED.findall(PAGE))))
def test_every_path_named_exists(path: str) -> None:
    pattern = re.sub(r"<\w+>", "*", path.rstrip("/"))
    assert list(HOUSE.glob(pattern)), f"CONTRIBUTING.md names {path}, which is not there"


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_touches_at_most_three_files(recipe: str) -> None:
    assert 1 <= len(set(RECIPES[recipe])) <= 3


def test_the_recipes_that_were_promised_are_there() -> None:
    promised = {"clause", "condition", "source", "report format"}
    assert {f"Adding a {thing}" for thing in promised} <= RECIPES.keys()
