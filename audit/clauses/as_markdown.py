"""A pack's page as Markdown: for a repository, a ticket or a review."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from audit.clauses.duty_sentences import duty_lines
from audit.clauses.pages import seen
from audit.clauses.sentences import in_words, ruling, standing_told, unreviewed_told
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from audit.clauses.clause import Clause
    from audit.clauses.duty import Duty
    from audit.clauses.pages import Branch, Cite, Entry, Page

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&$:@])")
_FIELD = "＿" * 8


def as_markdown(page: Page, language: Language) -> str:
    """The page; nothing in its text means anything to Markdown."""
    blocks = [f"# {_text(page.pack.title.into(language))}", *_imprint(page, language)]
    blocks += [block for entry in page.entries for block in _entry(entry, page, language)]
    blocks += [block for duty in page.pack.duties for block in _duty(duty, language)]
    return "\n\n".join(blocks) + "\n"


def _text(text: str) -> str:
    """The text in one line, what Markdown would read as markup with a backslash before it."""
    return _SPECIAL.sub(r"\\\1", " ".join(seen(text).split("\n")))


def _told(key: str, language: Language, **facts: str | int) -> str:
    return _text(phrase(key, language, **facts))


def _imprint(page: Page, language: Language) -> Iterator[str]:
    pack, document = page.pack, page.document
    facts = {"pack": pack.id, "version": pack.version, "digest": pack.digest}
    yield _told("pack-imprint", language, layer=phrase(f"layer-{pack.layer}", language), **facts)
    if document:
        yield _told("page-text", language, file=document.file.name, digest=document.digest)
    yield _told("pack-how-to-read", language)
    if page.unreviewed:
        yield f"> **{_text(unreviewed_told(page.unreviewed, language))}**"


def _entry(entry: Entry, page: Page, language: Language) -> Iterator[str]:
    clause = entry.clause
    yield _title(entry, language)
    yield _text(clause.gist.into(language))
    for cite in entry.cites:
        yield from _cited(cite, language)
    if clause.supplement_cite:
        yield _told("pack-supplement", language, cite=clause.supplement_cite)
    for each in (language, *(other for other in Language if other is not language)):
        yield f"**{_text(ruling(clause, page.pack, each))}**"
    yield f"{_told('page-conditions', language)}\n\n" + _list(
        _text(in_words(line, language)) for line in clause.when
    )
    yield from _exceptions(entry, page, language)
    if clause.note:
        yield _told("pack-note", language, note=clause.note.into(language))
    yield _signed(language)


def _duty(duty: Duty, language: Language) -> Iterator[str]:
    title = _told("page-duty", language, duty=duty.id, cite=duty.cite)
    draft = f"　**{_told('page-duty-draft', language)}**" if duty.draft else ""
    yield f"## {title}{draft}"
    yield _text(duty.gist.into(language))
    yield _list(_text(line) for line in duty_lines(duty, language))
    yield _signed(language)


def _title(entry: Entry, language: Language) -> str:
    clause = entry.clause
    effect = phrase(f"effect-{clause.effect}", language)
    facts = {"clause": clause.id, "cite": clause.cite, "effect": effect}
    marks = {"page-unreviewed": entry.unreviewed, "pack-draft": clause.draft}
    told = [_told("pack-clause", language, **facts)]
    told += [f"**{_told(key, language)}**" for key, marked in marks.items() if marked]
    return f"## {'　'.join(told)}"


def _cited(cite: Cite, language: Language) -> Iterator[str]:
    if cite.citation is None:
        return
    standing = _text(standing_told(cite.citation, language))
    yield f"{_told('page-paragraph', language, cite=cite.cite)}: {standing}"
    if cite.words:
        lines = _text(cite.words) if not cite.before else f"**{_text(cite.words)}**"
        yield f"> {_text(cite.before)}{lines}{_text(cite.after)}"


def _exceptions(entry: Entry, page: Page, language: Language) -> Iterator[str]:
    if entry.clause.exception_to:
        listed = phrase("clause-list", language).join(entry.clause.exception_to)
        yield _told("pack-exception", language, clauses=listed)
    if entry.exceptions:
        tree = "\n".join(_tree(entry.exceptions, 1, page, language))
        root = _named(entry.clause, page, language)
        yield f"{_told('page-exceptions', language)}\n\n- {root}\n{tree}"


def _tree(branches: Iterable[Branch], depth: int, page: Page, language: Language) -> Iterator[str]:
    for each in branches:
        again = _told("page-again", language) if each.again else ""
        yield f"{'  ' * depth}- {_named(each.clause, page, language)}{again}"
        yield from _tree(each.branches, depth + 1, page, language)


def _named(clause: Clause, page: Page, language: Language) -> str:
    effect = phrase(f"effect-{clause.effect}", language)
    marked = phrase("clause-unreviewed", language, clause=clause.id)
    name = marked if clause.id in page.unreviewed else clause.id
    facts = {"clause": name, "cite": clause.cite, "gist": clause.gist.into(language)}
    return _told("page-branch", language, effect=effect, **facts)


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _signed(language: Language) -> str:
    fields = ("page-signed-by", "page-signed-on", "page-signed-as")
    return "　".join(f"{_told(key, language)}{_FIELD}" for key in fields)
