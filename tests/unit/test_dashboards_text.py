"""Text from data stands for itself, whatever it holds."""

import polars as pl
import pytest
from markdown_it import MarkdownIt

from dashboards.parts.text import plain, visible, visible_frame

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
