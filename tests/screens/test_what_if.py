"""What-if: the place is laid out, and says honestly that it does not judge yet."""

from dataclasses import replace

import pytest

from audit import Language
from tests.screens.opening import Opening, words


@pytest.mark.parametrize(
    ("language", "sentence"),
    [(Language.zh, "假设分析尚未提供"), (Language.en, "What-if is not available yet")],
)
def test_it_says_that_it_is_not_there_yet(
    opening: Opening, language: Language, sentence: str
) -> None:
    assert sentence in words(replace(opening, language=language).screen("what_if"))
