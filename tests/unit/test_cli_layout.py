"""Text fits the columns it was given, loses nothing, and steers no terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.cli.layout import columns_of, padded, visible, width, wrapped

WORDS = st.lists(st.text("ab中文，。 ", min_size=1, max_size=12)).map(" ".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 中文", "plain 中文"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\nlines", r"two\nlines"),
        ("\u202eevil", r"\u202eevil"),
        ("\x9b0m", r"\x9b0m"),
        ("\ud800", r"\ud800"),
        ("a\u200bb", r"a\u200bb"),
    ],
)
def test_what_could_steer_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_unseen_is_left(text: str) -> None:
    assert not {unicodedata.category(character) for character in visible(text)} & {
        *("Cc", "Cf", "Cs", "Zl", "Zp")
    }


@given(WORDS, st.integers(20, 60))
def test_wrapping_loses_nothing_but_blanks(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.text("ab中 ", max_size=80), st.integers(80, 90))
def test_what_fits_stays_one_line(text: str, columns: int) -> None:
    assert len(wrapped(text, 2 * columns)) == 1


@given(st.text("中文", min_size=1))
def test_chinese_breaks_anywhere(text: str) -> None:
    assert all(width(line) <= 21 for line in wrapped(text, 21))


def test_a_line_never_begins_with_what_closes() -> None:
    assert wrapped("一二三，四五六。", 6) == ["一二", "三，四", "五六。"]


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert columns_of([("a", "中文"), ("bcd", "x")]) == [3, 4]
    assert padded("中", 4) == "中  "
    assert padded("中", 4, right=True) == "  中"
