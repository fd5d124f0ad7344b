"""Keeping what a text says now as what the clauses were reviewed against: only when told to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from audit.clauses.anchors import Anchor, Anchors
from audit.clauses.marks import sentence_of
from audit.clauses.passages import whole
from audit.clauses.reviewing import Citation, Standing, found_words, review
from audit.problems import Problem, UsageRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from audit.clauses.citations import Document
    from audit.clauses.clause import Pack


@dataclass(frozen=True)
class Order:
    """What is to be anchored: these clauses, or all; and on which sentence a clause rests (0: all).

    Of a clause with two cites, the sentence is that of its own.
    """

    clauses: tuple[str, ...] = ()
    sentences: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Anchored:
    """The anchors as they are to be written, the clauses whose changed, and what was not taken."""

    anchors: Anchors
    changed: tuple[str, ...]
    kept_back: tuple[Citation, ...]


def anchored(pack: Pack, before: Anchors | None, document: Document, order: Order) -> Anchored:
    """The anchors of the pack after a review of this text; what is not taken stays as it was.

    Not taken is what cannot be found; the new words at a cite whose reviewed words moved elsewhere,
    unless the clause is named; and the sentence of a clause whose sentence is gone, unless it is
    given. Raises UsageRefused for a clause that the pack has not.
    """
    _refuse_strangers(pack, (*order.clauses, *order.sentences))
    old = before.by_key if before else {}
    anchors: list[Anchor] = []
    kept_back: list[Citation] = []
    for citation in review(pack, before, document):
        was = old.get((citation.clause, citation.role))
        found = _fresh(citation, was, document, order)
        if isinstance(found, Problem):
            kept_back.append(replace(citation, problem=found))
        anchors += [each for each in (was if isinstance(found, Problem) else found,) if each]
    changed = (each.clause for each in anchors if old.get(each.key) != each)
    now = Anchors(pack.id, document.file.name, document.digest, tuple(anchors))
    return Anchored(now, tuple(dict.fromkeys(changed)), tuple(kept_back))


def _fresh(
    citation: Citation, was: Anchor | None, document: Document, order: Order
) -> Anchor | Problem | None:
    """The anchor of this citation after the review, or why it has to stay as it was."""
    asked = _asked(citation, order)
    if order.clauses and citation.clause not in order.clauses:
        return was
    if citation.standing is Standing.OK and asked is None:
        return was
    if citation.standing is Standing.MOVED and citation.clause not in order.clauses:
        return Problem("anchor-moved", {"cite": citation.cite, "place": citation.place or ""})
    if citation.standing is Standing.STALE and was and was.sentence and asked is None:
        return Problem("anchor-which-sentence", {"clause": citation.clause})
    number = asked if asked is not None else _sentence(citation)
    return _anchor(citation, number or None, document)


def _asked(citation: Citation, order: Order) -> int | None:
    """The sentence that the order gives, where it gives one."""
    return order.sentences.get(citation.clause) if citation.role == "cite" else None


def _sentence(citation: Citation) -> int | None:
    named = sentence_of(citation.cite)
    return named if named or citation.standing is Standing.STALE else citation.sentence


def _anchor(citation: Citation, sentence: int | None, document: Document) -> Anchor | Problem:
    found = found_words(citation.cite, sentence, document)
    if isinstance(found, Problem):
        return found
    return Anchor(
        clause=citation.clause,
        role=citation.role,
        cite=citation.cite,
        paragraph=whole(found.paragraph).digest,
        words=found.passage.digest,
        fragments=len(found.passage.fragments),
        sample=found.passage.sample,
        sentence=found.sentence,
    )


def _refuse_strangers(pack: Pack, named: Iterable[str]) -> None:
    strange = [clause for clause in dict.fromkeys(named) if clause not in pack.by_id]
    if strange:
        facts = [{"pack": pack.id, "clause": clause} for clause in strange]
        raise UsageRefused(*(Problem("anchor-clause-unknown", each) for each in facts))
