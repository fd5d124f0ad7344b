"""Text from data stands for itself, whatever it holds."""

import struct
from datetime import UTC, datetime

import polars as pl
import pytest
from markdown_it import MarkdownIt
from streamlit.dataframe_util import convert_anything_to_arrow_bytes

from dashboards.parts.text import plain, visible, visible_frame


def sent(frame: pl.DataFrame) -> bytes:
    """The bytes that Streamlit sends to the browser for a table."""
    return convert_anything_to_arrow_bytes(frame)


HOSTILE = [
    "![x](http://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "<img src=x onerror=alert(1)><b>bold</b>",
    "**bold** _it_ `code` ~~gone~~ # heading",
    ":red[text] :material/home: :smile: :violet-badge[x]",
    "$E=mc^2$ $$x$$",
    "- list\n- list\n\n> quote\n\n    code",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "https://www.evil.example www.evil.example someone@evil.example",
    "&lt;b&gt; &#33;",
    "=HYPERLINK(1) +1 @x \\ \\\\",
    "----\n====",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_the_text_and_nothing_else(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(plain(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    shown = "".join(child.content for child in children).replace("\u2060", "")
    assert shown.split() == text.split()


def test_what_is_hidden_in_a_table_is_not_in_its_memory() -> None:
    """Arrow sends the values under nulls, too."""
    day = datetime(2025, 1, 1, tzinfo=UTC)
    told = pl.DataFrame(
        {
            "flows": [4_242, 1_111],
            "share": [0.4242, 0.1],
            "name": ["a person's name that is long", "another long name of a party"],
            "path": [["a person's name that is long", "b"], ["c"]],
            "at": [day, datetime(2026, 1, 1, tzinfo=UTC)],
            "sound": [True, False],
            "nothing": [None, None],
        }
    )
    hidden = told.with_columns(pl.when(pl.Series([False, True])).then(pl.all()))
    shown = visible_frame(hidden)
    assert shown.equals(hidden)
    assert shown.schema == hidden.schema
    assert (4_242).to_bytes(8, "little") in sent(hidden)
    secrets = (b"a person's name", (4_242).to_bytes(8, "little"), struct.pack("<d", 0.4242))
    micros = int(day.timestamp() * 1e6).to_bytes(8, "little")
    assert not [each for each in (*secrets, micros) if each in sent(shown)]
    assert visible_frame(told).equals(told)
    assert visible_frame(told.clear()).schema == told.schema


def test_an_address_is_no_link() -> None:
    assert "www." not in plain("www.evil.example")
    assert "http:" not in plain("http://evil.example").replace("\\", "")
    assert "@evil" not in plain("someone@evil.example").replace("\\", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a\\u{202e}b"),
        ("a\u200bb", "a\\u{200b}b"),
        ("a\x00b", "a\\u{0}b"),
        ("a\nb\tc", "a b c"),
        ("中国移动 A&B <x>", "中国移动 A&B <x>"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_table_shows_that_something_unseen_is_there() -> None:
    frame = pl.DataFrame({"name": ["a\u202eb", "a\nb", "中国 A&B", None], "number": [1, 2, 3, 4]})
    shown = visible_frame(frame)
    assert shown["name"].to_list() == ["a\ufffdb", "a\ufffdb", "中国 A&B", None]
    assert shown["number"].to_list() == [1, 2, 3, 4]


def test_lists_and_categories_of_a_table_are_looked_through_too() -> None:
    frame = pl.DataFrame(
        {"lists": [["a\u202eb", "c"], None], "codes": ["a\u200bb", None]},
        schema_overrides={"codes": pl.Categorical()},
    )
    shown = visible_frame(frame)
    assert shown["lists"].to_list() == [["a\ufffdb", "c"], None]
    assert shown["codes"].to_list() == ["a\ufffdb", None]
