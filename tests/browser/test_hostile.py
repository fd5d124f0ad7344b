"""Names that mean harm are shown as names: nothing is loaded, run, linked or formatted."""

from collections.abc import Iterator

import pytest

from dashboards.parts.page import SCREENS
from tests.browser.conftest import Look
from tests.browser.serving import Served, served
from tests.screens.hostile import make_hostile
from tests.screens.keeping import keep

HARM = """() => [...document.querySelectorAll(
    '[src*="evil"], [href*="evil"], [href^="javascript"], #root script'
)].map((node) => node.outerHTML)"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "runs").mkdir()
    keep(make_hostile(folder / "export"), folder / "runs" / "![x](http:)<b>")
    with served(folder / "runs", "--lang", "en") as running:
        yield running


def test_a_hostile_name_does_no_harm_on_any_screen(look: Look, hostile: Served) -> None:
    tab = look(hostile.url)
    for screen in SCREENS:
        tab.open(screen)
        assert tab.page.evaluate(HARM) == [], screen
        assert "taken" not in tab.page.title()
        assert "\u202e" not in tab.page.inner_text("body"), screen
    tab.open("parties")
    tab.keep("hostile-parties")


def test_the_runs_are_named_as_their_folders_are(look: Look, hostile: Served) -> None:
    tab = look(hostile.url).open("duties")
    tab.side().get_by_test_id("stSelectbox").click()
    assert "![x](http" in tab.page.get_by_role("option").first.inner_text()
    assert tab.page.evaluate(HARM) == []
