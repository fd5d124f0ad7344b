"""A screen as Streamlit's own AppTest draws it: without a browser, in the test's process."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from streamlit.testing.v1 import AppTest

from audit import Language, Role
from dashboards.parts.page import SCREENS
from dashboards.settings import Settings, use

APP = Path(__file__).parents[2] / "dashboards" / "app.py"
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
PATIENCE = 60  # seconds, for a machine on which many tests run at once


@dataclass(frozen=True)
class Opening:
    """How screens are opened: whose runs, for whom, in which language."""

    runs: Path
    role: Role = Role.admin
    language: Language = Language.en

    def screen(self, name: str, **codes: str) -> AppTest:
        """The screen of this name, drawn once; `codes` are what its address says.

        Fails where the script raised, or where the screen did not come to its end.
        """
        assert name in SCREENS
        use(Settings(self.runs, self.language, role_without_login=self.role))
        app = AppTest.from_file(APP, default_timeout=PATIENCE)
        for code, value in codes.items():
            app.query_params[code] = value
        if name != "overview":
            app.switch_page(f"screens/{name}.py")
        app.run()
        assert_drawn(app, name)
        return app


def assert_drawn(app: AppTest, name: str) -> None:
    """The screen came to its end, and nothing was raised on the way."""
    assert not app.exception, [each.message for each in app.exception]
    marks = [each for each in bodies(app) if "data-done=" in each]
    assert any(f'data-done="{name}"' in mark for mark in marks), (name, marks, words(app))


def bodies(app: AppTest) -> list[str]:
    """The HTML that a screen writes; nothing but the mark of its end."""
    return [str(each.proto.body) for each in app.get("html")]


def words(app: AppTest) -> str:
    """All that stands on the screen, its side included, line by line; tables as their cells."""
    return "\n".join(unescaped(line) for line in _words_of(app))


def unescaped(text: str) -> str:
    """Text as a reader sees it, where `plain` has kept Markdown from being read."""
    return _ESCAPED.sub(r"\1", text).replace("\u2060", "")


def _words_of(app: AppTest) -> Iterator[str]:
    for block in (app.sidebar, app.main):
        for element in block:
            label = getattr(element, "label", "")
            if label:
                yield str(label)
            if element.type in {"arrow_data_frame", "dataframe"}:
                frame = element.value  # type: ignore[union-attr]
                yield " | ".join(map(str, frame.columns))
                yield from (" | ".join(map(str, row)) for row in frame.itertuples(index=False))
            elif element.type not in {"html", "imgs"}:
                value = getattr(element, "value", None)
                options = getattr(element, "options", ())
                yield from (str(each) for each in (value, *options) if each not in (None, ""))
