"""A report before it has a form: a title, what is concluded, sections, and lines to sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audit.clauses.clause import Verdict
    from audit.reports.markup import Markup
    from audit.wording import Language


@dataclass(frozen=True)
class Section:
    """What stands under one heading; `name` is what links lead to."""

    name: str
    heading: str
    inside: Markup


@dataclass(frozen=True)
class Paper:
    """What a page and a print say alike.

    mark: which run it is of, in short. under: what stands below the title. conclusion: a sentence
    and how it is meant. signed: what is to be filled in by hand.
    """

    title: str
    mark: str
    under: str
    conclusion: tuple[str, Verdict]
    sections: tuple[Section, ...]
    signed: tuple[str, ...]
    language: Language
