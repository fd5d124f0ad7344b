"""The paragraphs of an agreement's text that a pack cites, and those that are not to be found."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from audit.cli.page import Block, Line, Table, Tone
from audit.problems import Problem
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    from audit.clauses.citations import Anchor, Document
    from audit.clauses.clause import Pack

_SHOWN = 40


def anchored_page(pack: "Pack", document: "Document", language: Language) -> Iterator[Block]:
    """Every cite with its line and the beginning of its paragraph, then what was not found."""
    from audit.clauses.citations import anchors

    found = anchors(pack, document)
    headings = ("anchor-clause", "anchor-cite", "anchor-line", "anchor-paragraph")
    titles = tuple(phrase(heading, language) for heading in headings)
    yield Table(titles, tuple(map(_row, found)), numbers=frozenset({2}))
    yield Line(phrase("anchor-digest", language, digest=document.digest), Tone.faint)
    yield from missing_page(pack, found, language)


def missing_page(pack: "Pack", found: Sequence["Anchor"], language: Language) -> Iterator[Line]:
    """How many cites have their paragraph, and each that has none."""
    missing = missed(found)
    counted = {"cites": len(found), "found": len(found) - len(missing)}
    tone = Tone.doubt if missing else Tone.good
    yield Line(phrase("anchor-conclusion", language, pack=pack.id, **counted), tone)
    for anchor, problem in missing:
        told = {"clause": anchor.clause.id, "problem": sentence(problem, language)}
        yield Line(phrase("anchor-problem", language, **told), Tone.doubt, indent=1)


def missed(found: Sequence["Anchor"]) -> list[tuple["Anchor", Problem]]:
    """The cites without a paragraph, each with the reason."""
    return [(each, each.found) for each in found if isinstance(each.found, Problem)]


def _row(anchor: "Anchor") -> tuple[str, ...]:
    if isinstance(anchor.found, Problem):
        return anchor.clause.id, anchor.cite, "-", "-"
    first = anchor.found.text.partition("\n")[0]
    shown = first if len(first) <= _SHOWN else f"{first[:_SHOWN]}…"
    return anchor.clause.id, anchor.cite, str(anchor.found.line), shown
