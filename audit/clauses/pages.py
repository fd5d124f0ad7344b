"""A pack as a page to read and to sign, made of what judges, so that it cannot say otherwise."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.clauses.anchors import kept_anchors
from audit.clauses.reading import load_pack
from audit.clauses.reviewing import Citation, quoted, review, unreviewed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from audit.clauses.citations import Document
    from audit.clauses.clause import Clause, Pack

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True)
class Branch:
    """A clause that overrides the one before it, and what overrides it in turn.

    `again`: it was drawn further up with all its branches, and has none here.
    """

    clause: Clause
    branches: tuple[Branch, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class Cite:
    """One cite of a clause: how it stands in the text, and the words found, where there is a text.

    The clause rests on `words`, between what stands `before` and `after` in the paragraph.
    """

    cite: str
    citation: Citation | None = None
    before: str = ""
    words: str = ""
    after: str = ""


@dataclass(frozen=True)
class Entry:
    """One clause with its cites, and the tree of what overrides it."""

    clause: Clause
    cites: tuple[Cite, ...]
    exceptions: tuple[Branch, ...]

    @property
    def unreviewed(self) -> bool:
        """Whether nobody has compared it with the text."""
        return any(each.citation is not None and each.citation.unreviewed for each in self.cites)


@dataclass(frozen=True)
class Page:
    """A pack, clause by clause; `document` is the text that it is held against, if any."""

    pack: Pack
    entries: tuple[Entry, ...]
    document: Document | None
    unreviewed: tuple[str, ...]


def page_of(name: str, document: Document | None) -> Page:
    """The page of the pack of this id or file.

    Raises UsageRefused where the pack, or what it was reviewed against, cannot be read.
    """
    pack = load_pack(name)
    anchors = kept_anchors(name, pack) if document else None
    citations = review(pack, anchors, document) if document else ()
    entries = tuple(
        Entry(clause, tuple(_cites(clause, citations, document)), _overriding(clause, pack, set()))
        for clause in pack.clauses
    )
    return Page(pack, entries, document, unreviewed(citations))


def seen(text: str) -> str:
    """The text with every character written out that has no shape of its own, line ends apart."""
    return "".join(
        each
        if each == "\n" or unicodedata.category(each) not in _UNSEEN
        else each.encode("unicode_escape").decode("ascii")
        for each in text
    )


def _cites(
    clause: Clause, citations: tuple[Citation, ...], document: Document | None
) -> Iterator[Cite]:
    if document is None:
        yield from (Cite(each) for each in (clause.cite, clause.supplement_cite) if each)
        return
    for citation in citations:
        if citation.clause == clause.id:
            yield _cite(citation, document)


def _cite(citation: Citation, document: Document) -> Cite:
    found = quoted(citation, document)
    if found is None:
        return Cite(citation.cite, citation)
    paragraph, sentence = found
    if sentence is None:
        return Cite(citation.cite, citation, words="\n".join((paragraph.text, *paragraph.below)))
    before, _, after = paragraph.text.partition(sentence)
    return Cite(citation.cite, citation, before, sentence, after)


def _overriding(clause: Clause, pack: Pack, drawn: set[str]) -> tuple[Branch, ...]:
    """What overrides the clause; each is drawn once with its branches, for branches may join."""
    branches = []
    for each in pack.clauses:
        if clause.id not in each.exception_to:
            continue
        if each.id in drawn:
            branches.append(Branch(each, again=True))
            continue
        drawn.add(each.id)
        branches.append(Branch(each, _overriding(each, pack, drawn)))
    return tuple(branches)
