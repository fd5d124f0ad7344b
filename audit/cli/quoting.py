"""What the clauses of a run cite, beside them: the paragraph, and whether it was reviewed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from audit.cli.page import Line, Tone
from audit.problems import Problem, Refusal
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    from audit.clauses.citations import Document
    from audit.clauses.reviewing import Citation


@dataclass(frozen=True)
class Quotes:
    """The cites of the agreement's clauses by clause, and the text where it is still there.

    `problems` says why there is no text any more.
    """

    citations: "Mapping[str, tuple[Citation, ...]]" = field(default_factory=dict)
    document: "Document | None" = None
    problems: tuple[Problem, ...] = ()

    @property
    def unreviewed(self) -> tuple[str, ...]:
        """The clauses that nobody has compared with the text."""
        return tuple(
            clause
            for clause, cites in self.citations.items()
            if any(each.unreviewed for each in cites)
        )

    def mark(self, clause: str, told: str, language: Language) -> str:
        """What is told of a clause, with a mark where it is unreviewed."""
        if clause not in self.unreviewed:
            return told
        return phrase("clause-unreviewed", language, clause=told)

    def lines(self, clause: str, language: Language) -> Iterator[Line]:
        """How each cite of the clause stands where it is not as it was, and its words."""
        from audit.clauses.sentences import quote_told, standing_told

        for citation in self.citations.get(clause, ()):
            if citation.standing not in ("ok", "unanchored") or citation.unreviewed:
                tone = Tone.bad if citation.unreviewed else Tone.doubt
                yield Line(standing_told(citation, language), tone)
            if self.document and (words := quote_told(citation, self.document, language)):
                yield Line(words, Tone.faint)

    def page(self, language: Language) -> Iterator[Line]:
        """What stands above a page that names clauses: which are unreviewed."""
        from audit.clauses.sentences import unreviewed_told

        if self.unreviewed:
            yield Line(unreviewed_told(self.unreviewed, language), Tone.bad)
        for problem in self.problems:
            yield Line(sentence(problem, language), Tone.doubt)


def quotes_of(run: Path) -> Quotes:
    """The cites as they stood when the run was made; of a text that changed, nothing is quoted."""
    from audit import recall_agreement, recall_citations

    citations = recall_citations(run)
    try:
        return quotes_from(citations, recall_agreement(run))
    except Refusal as refusal:
        return quotes_from(citations, None, refusal.problems)


def quotes_from(
    citations: "tuple[Citation, ...]",
    document: "Document | None",
    problems: tuple[Problem, ...] = (),
) -> Quotes:
    """The citations by clause."""
    by_clause: defaultdict[str, tuple[Citation, ...]] = defaultdict(tuple)
    for each in citations:
        by_clause[each.clause] += (each,)
    return Quotes(dict(by_clause), document, problems)
