"""A document's own text: the paragraph that a clause cites, or why there is no telling which."""

from __future__ import annotations

import codecs
import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audit.clauses.marks import Level, Place, Step, cite_of, is_noise, marks_of, path_of
from audit.problems import Problem, UsageRefused

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator, Mapping

_MOST_BYTES = 16 << 20
_ENCODINGS = ("utf-8", "gb18030")


@dataclass(frozen=True)
class Paragraph:
    """One numbered paragraph: its line (from 1), its own text, and the texts around it.

    `text` begins with the mark and ends before the next one. `above` has what it stands under, the
    outermost first; `below` has the numbered paragraphs under it, in order.
    """

    line: int
    text: str
    above: tuple[str, ...]
    below: tuple[str, ...]
    place: Place

    @property
    def cite(self) -> str:
        """Where it stands, as people cite it."""
        return cite_of(self.place)


@dataclass(frozen=True)
class Document:
    """A document by its numbered paragraphs; `digest` is the SHA-256 of the file's bytes."""

    file: pathlib.Path
    digest: str
    paragraphs: Mapping[Place, tuple[Paragraph, ...]]

    def find(self, cite: str) -> Paragraph | Problem:
        """The one paragraph that the cite names; a Problem where there is none, or more than one.

        A heading that is repeated without a word below it is an entry of a table of contents.
        """
        path = path_of(cite)
        if path is None:
            return Problem("cite-unreadable", {"cite": cite})
        found = self.paragraphs.get(path, ())
        if not found:
            return Problem("cite-missing", {"cite": cite})
        crowded = [place for place in _prefixes(path) if len(self.paragraphs[place]) > 1]
        if crowded:
            lines = ", ".join(str(each.line) for each in self.paragraphs[crowded[0]])
            return Problem("cite-ambiguous", {"cite": cite, "lines": lines})
        return found[0]

    def within_articles(self) -> Iterator[Paragraph]:
        """Every paragraph that can be cited, in the order of the text, repeated ones too."""
        every = (each for paragraphs in self.paragraphs.values() for each in paragraphs)
        cited = (each for each in every if each.place[0].level is Level.ARTICLE)
        return iter(sorted(cited, key=lambda each: (each.line, len(each.place))))


def read_document(file: pathlib.Path, name: str) -> Document:
    """The document in this text file, which may be UTF-8 or GB18030; `name` is what faults call it.

    Raises UsageRefused where the file cannot be read, is too big, is no text, or numbers nothing.
    """
    raw = _bytes(file, name)
    paragraphs = _paragraphs(_text(raw, name))
    if not any(path[0].level is Level.ARTICLE for path in paragraphs):
        raise UsageRefused(Problem("document-unnumbered", {"file": name}))
    return Document(file, hashlib.sha256(raw).hexdigest(), paragraphs)


def _bytes(file: pathlib.Path, name: str) -> bytes:
    try:
        with file.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        facts = {"file": name, "detail": error.strerror or type(error).__name__}
        raise UsageRefused(Problem("document-unreadable", facts)) from error
    if len(raw) > _MOST_BYTES:
        raise UsageRefused(Problem("document-too-big", {"file": name, "most": _MOST_BYTES >> 20}))
    return raw


def _text(raw: bytes, name: str) -> str:
    body = raw.removeprefix(codecs.BOM_UTF8)
    for encoding in _ENCODINGS if body == raw else _ENCODINGS[:1]:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # else UTF-16, or a file of another kind
            return text
    raise UsageRefused(Problem("document-not-text", {"file": name}))


@dataclass
class _Draft:
    """A paragraph while its lines are gathered."""

    path: Place
    line: int
    lines: list[str]
    above: tuple[_Draft, ...]
    below: list[_Draft] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def empty(self) -> bool:
        """A heading and nothing else, as in a table of contents."""
        return self.path[-1].level is Level.ARTICLE and len(self.lines) == 1 and not self.below


def _paragraphs(text: str) -> dict[Place, tuple[Paragraph, ...]]:
    gathered: dict[Place, list[_Draft]] = defaultdict(list)
    for draft in _drafts(text):
        gathered[draft.path].append(draft)
    return {path: _finished(drafts) for path, drafts in gathered.items()}


def _finished(drafts: list[_Draft]) -> tuple[Paragraph, ...]:
    told = [draft for draft in drafts if not draft.empty] or drafts
    return tuple(
        Paragraph(
            line=draft.line,
            text=draft.text,
            above=tuple(outer.text for outer in draft.above),
            below=tuple(inner.text for inner in draft.below),
            place=draft.path,
        )
        for draft in told
    )


def _drafts(text: str) -> list[_Draft]:
    """The numbered paragraphs in order; a line without a mark goes on with the one before it.

    Headings of chapters and numbers of pages belong to no paragraph.
    """
    drafts: list[_Draft] = []
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        line = raw.strip()
        marks = [*marks_of(line)]
        for place, (step, mark) in enumerate(marks, 1):
            whole = line if place == len(marks) else mark
            drafts.append(_opened(step, drafts[-1] if drafts else None, number, whole))
        if line and not marks and drafts and not is_noise(line):
            drafts[-1].lines.append(line)
    return drafts


def _opened(step: Step, last: _Draft | None, line: int, text: str) -> _Draft:
    """A new paragraph under those of the last one that are further out."""
    chain = (*last.above, last) if last else ()
    above = tuple(draft for draft in chain if draft.path[-1].level < step.level)
    opened = _Draft((*(above[-1].path if above else ()), step), line, [text], above)
    for outer in above:
        outer.below.append(opened)
    return opened


def _prefixes(path: Place) -> Iterator[Place]:
    """The path itself and those that it lies under, the outermost first."""
    return (path[:length] for length in range(1, len(path) + 1))
