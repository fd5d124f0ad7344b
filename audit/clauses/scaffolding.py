"""A pack to be filled in, from an agreement's text: its tree, an id for each place, no rule yet."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.clauses.clause import Effect
from audit.clauses.conditions import WORDS
from audit.clauses.marks import name_of, without_marks
from audit.clauses.pages import seen
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.clauses.citations import Document, Paragraph

_SAYS_SOMETHING = re.compile(r"[。！？；，：!?;,:]")
_NOT_IN_ID = re.compile(r"[^a-z0-9]+")
_RULE = "─" * 12


@dataclass(frozen=True)
class Scaffold:
    """The TOML of a pack, the clauses that are to be filled in, and what cannot be cited."""

    text: str
    clauses: tuple[str, ...]
    repeated: tuple[Paragraph, ...]


def scaffold(document: Document, name: str) -> Scaffold:
    """A clause for each paragraph that says something; titles alone are left out.

    No clause has an effect or a condition, so that the pack is refused until somebody has written
    them. A place that the text has more than once gets no clause, since no cite could name it.
    """
    paragraphs = [each for each in document.within_articles() if _says_something(each)]
    places = Counter(each.place for each in paragraphs)
    single = [each for each in paragraphs if places[each.place] == 1]
    blocks = [_header(document, name), *map(_clause, single)]
    repeated = tuple(each for each in paragraphs if places[each.place] > 1)
    return Scaffold("\n\n".join(blocks), tuple(name_of(each.place) for each in single), repeated)


def pack_id(name: str) -> str:
    """An id that a pack may have, made of a file's name."""
    spelled = _NOT_IN_ID.sub("_", name.lower()).strip("_")
    return spelled if spelled[:1].isalpha() else f"pack_{spelled}".rstrip("_")


def _says_something(paragraph: Paragraph) -> bool:
    words = without_marks(paragraph.text)
    return bool(words) and (not paragraph.below or bool(_SAYS_SOMETHING.search(words)))


def _header(document: Document, name: str) -> str:
    facts = {"file": seen(document.file.name), "digest": document.digest}
    told = [phrase("scaffold-made", language, **facts) for language in Language]
    told += [phrase("scaffold-fill", language) for language in Language]
    told += ["", *_words()]
    imprint = [
        "[pack]",
        f'id       = "{pack_id(name)}"',
        'version  = "0.1.0"',
        'layer    = "contract"',
        'title.zh = ""',
        'title.en = ""',
    ]
    return "\n".join([*_commented("\n".join(told)), "", *imprint])


def _words() -> Iterator[str]:
    """The words that may stand under `when`, as people call them."""
    widest = max(map(len, WORDS))
    for name in WORDS:
        called = " · ".join(phrase(f"word-{name}", language) for language in Language)
        yield f"  {name.ljust(widest)}  {called}"


def _clause(paragraph: Paragraph) -> str:
    effects = " | ".join(f"{each} {phrase(f'effect-{each}', Language.zh)}" for each in Effect)
    heading = f"{_RULE} {paragraph.cite} · {phrase('scaffold-line', Language.zh)} {paragraph.line}"
    return "\n".join(
        [
            *_commented(f"{heading}\n{seen(paragraph.text)}"),
            "",
            "[[clause]]",
            f'id      = "{name_of(paragraph.place)}"',
            f'cite    = "{paragraph.cite}"',
            f'effect  = ""  # {effects}',
            'gist.zh = ""',
            'gist.en = ""',
            '# note.zh = ""',
            '# note.en = ""',
            "# exception_to = []",
            "",
            "[clause.when]",
            "",
        ]
    )


def _commented(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in text.split("\n")]
