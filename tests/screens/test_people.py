"""Nothing that a screen sends to a viewer's browser names a person who is a party."""

import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from audit import Language, Role
from dashboards.parts.page import SCREENS
from tests.screens.opening import Opening
from tests.unit.test_casework_masking import PEOPLE

_SPELLED = re.compile(r"\\u([0-9a-f]{4})")  # as JSON may write a letter
NAMED = ("violations", "data_map", "flow_groups", "parties")


def sent(app: AppTest) -> str:
    """All that goes to the browser, tables and pictures as they are."""
    elements = [element for block in (app.sidebar, app.main) for element in block]
    protos = [proto for each in elements if (proto := getattr(each, "proto", None)) is not None]
    text = b"\n".join(each.SerializeToString() for each in protos).decode("utf-8", "ignore")
    return _SPELLED.sub(lambda found: chr(int(found[1], 16)), text)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("screen", SCREENS)
def test_a_viewer_is_sent_no_name_of_a_person(
    opening: Opening, screen: str, language: Language
) -> None:
    seen = sent(replace(opening, role=Role.viewer, language=language).screen(screen))
    assert {name for name in PEOPLE if name in seen} == set()


@pytest.mark.parametrize("screen", NAMED)
def test_an_officer_is_sent_them(opening: Opening, screen: str) -> None:
    seen = sent(replace(opening, role=Role.officer).screen(screen))
    assert any(name in seen for name in PEOPLE)
