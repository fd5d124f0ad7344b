"""The whole customer base is never told as a number of people."""

import pytest

from audit.findings.people import people_told
from audit.wording import Language


@pytest.mark.parametrize(
    ("subjects", "whole_base", "zh", "en"),
    [
        (0, False, "0 人", "0 people"),
        (1, False, "1 人", "1 person"),
        (1234, False, "1,234 人", "1,234 people"),
        (0, True, "全体客户", "all customers"),
        (1, True, "全体客户及另外 1 人", "all customers and 1 person"),
        (12, True, "全体客户及另外 12 人", "all customers and 12 people"),
    ],
)
def test_people_in_words(subjects: int, *, whole_base: bool, zh: str, en: str) -> None:
    assert people_told(subjects, whole_base, Language.zh) == zh
    assert people_told(subjects, whole_base, Language.en) == en
