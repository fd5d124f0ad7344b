"""A document for each person on a list, and an index of them, made in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from audit.casework.dossier import handed_over, known
from audit.casework.gathered import WHOSE
from audit.casework.handout import Paper, document_file, dossier_file
from audit.casework.handout.document import Document, Section
from audit.casework.handout.facts import counts, run_facts
from audit.vocabulary import WHOLE_BASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from audit.casework.dossier import Dossier
    from audit.casework.gathered import Source
    from audit.casework.handout.document import Cell
    from audit.casework.handout.words import Words
    from audit.publishing import Writer

_COUNTS = ("flows", "violations", "holders", "breached")
_COLUMNS = ("line", "person", "found", "file", *_COUNTS)


@dataclass(frozen=True)
class Batch:
    """The files of a list, none of them written yet; and the lines that name nobody."""

    writers: Mapping[str, Writer]
    people: int
    unknown: int


@dataclass(frozen=True)
class Asking:
    """How the documents are wanted."""

    paper: Paper = Paper.html
    reveal: bool = False


def batch(source: Source, listed: Mapping[int, str], words: Words, asking: Asking) -> Batch:
    """The documents of the people on these lines of a list, an index.csv, and for HTML a page.

    Who is on several lines has one document. A document is called by the pseudonym.
    """
    found = known(source, [*listed.values()])
    people = found.unique("subject_id", keep="first", maintain_order=True)
    dossiers = [*handed_over(source, people, reveal=asking.reveal)]
    names = {each.subject: f"{each.subject}.{asking.paper}" for each in dossiers}
    whose = dict(found.select("asked", WHOSE).iter_rows())
    rows = _rows(listed, whose, {each.subject: each for each in dossiers}, (words, names))
    index = _index([*rows], words)
    writers: dict[str, Writer] = {
        names[each.subject]: _writer(partial(dossier_file, each, words, asking.paper))
        for each in dossiers
    }
    for paper in {Paper.csv, asking.paper} & {Paper.csv, Paper.html}:
        writers[f"index.{paper}"] = _writer(partial(document_file, index, paper))
    unknown = sum(each not in whose for each in listed.values())
    return Batch(writers, len(dossiers), unknown)


def _writer(render: Callable[[], bytes]) -> Writer:
    def write(path: Path) -> None:
        path.write_bytes(render())

    return write


def _rows(
    listed: Mapping[int, str],
    whose: Mapping[str, str],
    dossiers: Mapping[str, Dossier],
    told: tuple[Words, Mapping[str, str]],
) -> Iterator[tuple[Cell, ...]]:
    """A row for each line; what a line said is not repeated, for it may be anybody's id."""
    words, names = told
    met: set[str] = set()
    for line, asked in listed.items():
        subject = whose.get(asked)
        if subject is None:
            everybody = "everybody" if asked == WHOLE_BASE else "unknown"
            nothing = (None,) * (len(_COUNTS) + 1)
            yield (line, None, words.say(f"subject-found-{everybody}"), *nothing)
            continue
        person = dossiers[subject]
        found = words.say("subject-found-again" if subject in met else "subject-found")
        met.add(subject)
        numbers = counts(person)
        shown = person.revealed or subject
        yield (line, shown, found, names[subject], *(numbers[name] for name in _COUNTS))


def _index(rows: Sequence[tuple[Cell, ...]], words: Words) -> Document:
    section = Section(
        key="index",
        title=words.say("subject-index"),
        headings=tuple(words.say(f"subject-column-{name}") for name in _COLUMNS),
        rows=tuple(rows),
        empty=words.say("subject-index-none"),
        lead=words.say("subject-index-lead"),
    )
    title = words.say("subject-index-title")
    return Document("index", title, words.language, tuple(run_facts(words)), (), (section,))
