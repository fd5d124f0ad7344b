"""Text on a screen: sentences of ours, and text from data, never read as Markdown or HTML.

`st.text` and `st.code` show text as it is: give them `phrase_here` or `visible`. So does
`st.dataframe`, which gets a `visible_frame`.
Everything else of Streamlit that takes a string reads Markdown: labels, headings, options of radio,
tabs and pills, tooltips, toasts. Give them `say`, whose facts are made plain, or `plain` text.
"""

import re
import unicodedata
from collections.abc import Iterable

import polars as pl
import polars.selectors as cs
import streamlit as st

from audit import Problem, phrase, sentence
from dashboards import session

ABSENT = "–"  # what stands in a table where nothing is told
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$&:^=\"'/])")
_LINKS = re.compile(r"(?i)(www|https?|ftp|mailto|xmpp)(?=[.:])|(?<=\S)@(?=\S)")
_JOINER = "\u2060"  # has no width; keeps an address from being read as a link
_UNSEEN = r"[\p{C}\p{Zl}\p{Zp}]"  # for polars, what _INVISIBLE is for Python
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def phrase_here(key: str, **facts: str | int) -> str:
    """The sentence in the language of this tab, for places that read no Markdown (`st.text`)."""
    return phrase(key, session.language(), **facts)


def say(key: str, **facts: str | int) -> str:
    """The sentence in the language of this tab; the facts are made plain, for Markdown is near."""
    made_plain = {name: plain(fact) for name, fact in facts.items()}
    return phrase(key, session.language(), **made_plain)


def count(number: int | None) -> str:
    """A count with its thousands apart; a count that the reader is not told says so."""
    return phrase_here("overview-few") if number is None else f"{number:,}"


def plain(text: object) -> str:
    """Text from data that stands for itself where Streamlit reads Markdown."""
    apart = _LINKS.sub(lambda found: found[0] + _JOINER, visible(text))
    return _MARKDOWN.sub(r"\\\1", apart)


def visible(text: object) -> str:
    """Text on one line, with what cannot be seen spelled out (U+202E turns a line round)."""
    return "".join(_spelled(letter) for letter in str(text))


def visible_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """A table of text from data, with a mark where there is what cannot be seen.

    What was hidden by making it null is not in the table's memory any more either: all of that goes
    to the browser.
    """
    words = frame.with_columns(cs.categorical().cast(pl.String))
    marked = words.with_columns(
        _marked(cs.string()), cs.by_dtype(pl.List(pl.String)).list.eval(_marked(pl.element()))
    )
    return pl.DataFrame([_without_what_is_null(column) for column in marked])


def _without_what_is_null(column: pl.Series) -> pl.Series:
    """The column gathered anew: under a null polars keeps what stood there before."""
    told = column.is_not_null()
    places = pl.select(pl.when(told).then(told.cum_sum() - 1)).to_series()
    return column.drop_nulls().gather(places)


def _marked(words: pl.Expr) -> pl.Expr:
    return words.str.replace_all(_UNSEEN, "\ufffd")


def _spelled(letter: str) -> str:
    if unicodedata.category(letter) not in _INVISIBLE:
        return letter
    return " " if letter in "\n\t" else f"\\u{{{ord(letter):x}}}"


def told(problems: Iterable[Problem]) -> None:
    """What went wrong, one line each, as the command line says it; the lines may quote data."""
    for problem in problems:
        st.error(plain(sentence(problem, session.language())))


def done(screen: str) -> None:
    """The end of a screen: a mark that nobody sees and that browser tests wait for."""
    st.html(
        f'<span data-done="{screen}" data-run="{session.script_runs()}"'
        f' data-language="{session.language()}" hidden></span>'
    )
