"""Duties: none of the packs has any yet, and the screen says whose they would be."""

from dataclasses import replace

import pytest

from audit import Language
from tests.screens.opening import Opening, words


@pytest.mark.parametrize(
    ("language", "sentence"),
    [(Language.zh, "没有规定需要按期履行的义务"), (Language.en, "impose no duty with a date")],
)
def test_it_says_that_no_pack_of_the_run_has_duties(
    opening: Opening, language: Language, sentence: str
) -> None:
    shown = words(replace(opening, language=language).screen("duties"))
    assert sentence in shown
    assert "telecom_agreement" in shown


def test_without_a_run_it_says_how_to_get_one(nothing_yet: Opening) -> None:
    assert "No run has been left here yet" in words(nothing_yet.screen("duties"))
