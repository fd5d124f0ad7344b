"""Whether what a clause cites still says what it said when the clause was reviewed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from audit.clauses.anchors import Anchor, Anchors, CiteRole
from audit.clauses.citations import Document, Paragraph
from audit.clauses.marks import path_of, sentence_of
from audit.clauses.passages import Passage, in_sample, sentence_passages, sentences, share, whole
from audit.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from audit.clauses.clause import Clause, Pack

_LIKE = 0.2  # below this, what is alike is chance: 甲方, 乙方, 提供


class Standing(StrEnum):
    """How a cite stands in a text.

    edited: elsewhere in the paragraph, not in the sentence that the clause rests on. moved: the
    same words stand elsewhere. stale: they stand nowhere. missing: no paragraph, or no telling
    which. unanchored: the paragraph is there, but nobody kept what it said at the review.
    """

    OK = "ok"
    EDITED = "edited"
    MOVED = "moved"
    STALE = "stale"
    MISSING = "missing"
    UNANCHORED = "unanchored"


@dataclass(frozen=True)
class Citation:
    """One cite of a clause and how it stands.

    place, line: the paragraph that has its words now; for a stale one the nearest, of which
    `remains` percent of the reviewed words are left; None where there is none. sentence: which of
    that paragraph the clause rests on. problem: why the cite by itself finds nothing.
    """

    clause: str
    role: CiteRole
    cite: str
    standing: Standing
    unreviewed: bool = False
    place: str | None = None
    line: int | None = None
    sentence: int | None = None
    remains: int | None = None
    problem: Problem | None = None

    def as_json(self) -> dict[str, Any]:
        """What a manifest keeps of it."""
        told = {name: value for name, value in asdict(self).items() if value is not None}
        if self.problem:
            told["problem"] = {"code": self.problem.code, "facts": dict(self.problem.facts)}
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Citation:
        """The opposite; raises KeyError, TypeError or ValueError for what is no citation."""
        problem = told.get("problem")
        kinds = {"role": CiteRole(told["role"]), "standing": Standing(told["standing"])}
        return cls(**{**told, **kinds, "problem": Problem(**problem) if problem else None})


def review(pack: Pack, anchors: Anchors | None, document: Document) -> tuple[Citation, ...]:
    """Every cite of every clause, in the order of the pack."""
    reading = _Reading(document)
    return tuple(
        _citation(_Cited(clause.id, role, cite), anchors, reading)
        for clause in pack.clauses
        for role, cite in cites_of(clause)
    )


def cites_of(clause: Clause) -> Iterator[tuple[CiteRole, str]]:
    """The cites of a clause, its own first."""
    yield CiteRole.CITE, clause.cite
    if clause.supplement_cite is not None:
        yield CiteRole.SUPPLEMENT, clause.supplement_cite


def unreviewed(citations: Iterable[Citation]) -> tuple[str, ...]:
    """The clauses that stand on words which nobody has compared with them, in their order."""
    return tuple(dict.fromkeys(each.clause for each in citations if each.unreviewed))


def quoted(citation: Citation, document: Document) -> tuple[Paragraph, str | None] | None:
    """The paragraph that the citation found, and its sentence where the clause rests on one."""
    if citation.place is None:
        return None
    at = document.paragraphs.get(path_of(citation.place) or (), ())
    for paragraph in at:
        if paragraph.line == citation.line:
            told = sentences(paragraph)
            number = citation.sentence or 0
            return paragraph, told[number - 1] if 0 < number <= len(told) else None
    return None


@dataclass(frozen=True)
class _Cited:
    clause: str
    role: CiteRole
    cite: str

    def stands(self, standing: Standing, found: _Found | None = None, **more: Any) -> Citation:  # noqa: ANN401
        """The citation, with where its words are."""
        plain = Citation(self.clause, self.role, self.cite, standing, **more)
        if found is None:
            return plain
        at = found.paragraph
        return replace(plain, place=at.cite, line=at.line, sentence=found.sentence)


@dataclass(frozen=True)
class _Found:
    """Some words of the text: a paragraph, or one sentence of it."""

    paragraph: Paragraph
    passage: Passage
    sentence: int | None = None


@dataclass(frozen=True)
class _Reading:
    """A document by the digests of its paragraphs and of their sentences, read when asked for."""

    document: Document

    @cached_property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        return tuple(self.document.within_articles())

    @cached_property
    def wholes(self) -> tuple[_Found, ...]:
        return tuple(_Found(each, whole(each)) for each in self.paragraphs)

    @cached_property
    def sentences(self) -> tuple[_Found, ...]:
        return tuple(
            _Found(each, passage, number)
            for each in self.paragraphs
            for number, passage in enumerate(sentence_passages(each), 1)
        )

    @cached_property
    def by_digest(self) -> Mapping[str, list[_Found]]:
        found: dict[str, list[_Found]] = defaultdict(list)
        for each in (*self.wholes, *self.sentences):
            found[each.passage.digest].append(each)
        return found


def _citation(cited: _Cited, anchors: Anchors | None, reading: _Reading) -> Citation:
    anchor = anchors.by_key.get((cited.clause, cited.role)) if anchors else None
    if anchor is not None:
        return _compared(cited, anchor, reading)
    found = found_words(cited.cite, sentence_of(cited.cite), reading.document)
    if isinstance(found, Problem):
        return cited.stands(Standing.MISSING, unreviewed=True, problem=found)
    # A pack that keeps anchors, but none for this clause: it came after the review.
    return cited.stands(Standing.UNANCHORED, found, unreviewed=anchors is not None)


def found_words(cite: str, sentence: int | None, document: Document) -> _Found | Problem:
    """What a cite names in the text, all of the paragraph or one sentence of it."""
    paragraph = document.find(cite)
    if isinstance(paragraph, Problem):
        return paragraph
    if sentence is None:
        return _Found(paragraph, whole(paragraph))
    told = sentence_passages(paragraph)
    if not 0 < sentence <= len(told):
        facts = {"sentence": sentence, "sentences": len(told)}
        return Problem("cite-no-sentence", {"cite": paragraph.cite, **facts})
    return _Found(paragraph, told[sentence - 1], sentence)


def _compared(cited: _Cited, anchor: Anchor, reading: _Reading) -> Citation:
    """The kept digests against the text: at the cite first, then anywhere else, then what is left.

    Where the cite names a paragraph twice, the digest tells which is meant. Words that stand in
    several places, none of them the cited one, are not followed: no one could say to which.
    """
    place = path_of(cited.cite)
    same, words = reading.by_digest.get(anchor.paragraph, []), _words(anchor, reading)
    for standing, every in ((Standing.OK, same), (Standing.EDITED, words)):
        if here := [each for each in every if each.paragraph.place == place]:
            return cited.stands(standing, _resting(here[0], words))
    found = reading.document.find(cited.cite)
    problem = found if isinstance(found, Problem) else None
    for every in (same, words):
        if len({each.paragraph.line for each in every}) == 1:
            return cited.stands(Standing.MOVED, _resting(every[0], words), problem=problem)
    return replace(_stale(cited, anchor, reading), problem=problem)


def _words(anchor: Anchor, reading: _Reading) -> list[_Found]:
    found = reading.by_digest.get(anchor.words, [])
    return [each for each in found if (each.sentence is None) == (anchor.sentence is None)]


def _resting(found: _Found, words: list[_Found]) -> _Found:
    """The sentence of the paragraph that the clause rests on, where it rests on one."""
    return next((each for each in words if each.paragraph is found.paragraph), found)


def _stale(cited: _Cited, anchor: Anchor, reading: _Reading) -> Citation:
    sample = in_sample(anchor.sample)
    every = reading.wholes if anchor.sentence is None else reading.sentences
    place = path_of(cited.cite)

    def likeness(found: _Found) -> tuple[float, bool, int]:
        fragments = found.passage.fragments
        both = share(sample, fragments) * anchor.fragments
        alike = 2 * both / (anchor.fragments + len(fragments))
        return alike, found.paragraph.place == place, -found.paragraph.line

    nearest = max(every, key=likeness, default=None)
    if nearest is None or likeness(nearest)[0] < _LIKE:
        return cited.stands(Standing.STALE, unreviewed=True, remains=0)
    remains = int(share(sample, nearest.passage.fragments) * 100)
    return cited.stands(Standing.STALE, nearest, unreviewed=True, remains=remains)
