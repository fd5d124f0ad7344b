"""The commands on clause packs: which there are, and one as a page to read."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.cli.analysing import diff_command, lint_command
from audit.cli.anchoring import agreement_option, anchor_command
from audit.cli.grammar import Command, Group, one_of, word_argument
from audit.cli.page import Block, Heading, Line, Table, Tone
from audit.cli.scaffolding import init_command
from audit.cli.screen import show, write
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.clauses.duty import Duty
    from audit.clauses.pages import Branch, Entry, Page


class Form(StrEnum):
    """What a pack can be written as."""

    html = "html"
    md = "md"
    toml = "toml"


def pack_group(language: Language) -> click.Command:
    """`pack` and what is under it."""
    builds = {
        "list": _list_command,
        "show": _show_command,
        "anchor": anchor_command,
        "init": init_command,
        "lint": lint_command,
        "diff": diff_command,
    }
    return Group("pack", language, builds, stem="pack-")


def _list_command(language: Language) -> click.Command:
    return Command("pack-list", language, list_packs, [])


def _show_command(language: Language) -> click.Command:
    form = click.Option(
        ["--format", "form"],
        callback=one_of(lambda: tuple(Form)),
        metavar="|".join(Form),
        help=phrase("option-show-format", language),
    )
    text = agreement_option("option-show-agreement", language)
    return Command("pack-show", language, show_pack, [word_argument("pack", "PACK"), form, text])


def list_packs(language: Language) -> int:
    """The packs that come with the tool."""
    from audit.clauses.reading import known_packs, load_pack

    packs = [load_pack(name) for name in known_packs()]
    headings = ("pack-id", "pack-version", "pack-layer", "pack-clauses", "pack-title")
    rows = [
        (
            pack.id,
            pack.version,
            phrase(f"layer-{pack.layer}", language),
            str(len(pack.clauses)),
            pack.title.into(language),
        )
        for pack in packs
    ]
    titles = tuple(phrase(heading, language) for heading in headings)
    show([Table(titles, tuple(rows), numbers=frozenset({3}))])
    return 0


def show_pack(language: Language, pack: str, form: str | None, agreement: Path | None) -> int:
    """The pack of this id or file, clause by clause."""
    from audit.clauses.as_html import as_html
    from audit.clauses.as_markdown import as_markdown
    from audit.clauses.citations import read_document
    from audit.clauses.pages import page_of
    from audit.clauses.reading import text_of

    page = page_of(pack, read_document(agreement, str(agreement)) if agreement else None)
    match form:
        case Form.html:
            write(as_html(page, language))
        case Form.md:
            write(as_markdown(page, language))
        case Form.toml:
            write(text_of(pack))
        case _:
            show(list(reading_page(page, language)))
    return 0


def reading_page(page: "Page", language: Language) -> Iterator[Block]:
    """The pack as people read it: what each clause grants or forbids, and when."""
    from audit.clauses.sentences import unreviewed_told

    pack = page.pack
    layer = phrase(f"layer-{pack.layer}", language)
    yield Line(pack.title.into(language))
    facts = {"pack": pack.id, "version": pack.version, "layer": layer, "digest": pack.digest}
    yield Line(phrase("pack-imprint", language, **facts), Tone.faint)
    yield Line(phrase("pack-how-to-read", language), Tone.faint)
    if page.unreviewed:
        yield Line(unreviewed_told(page.unreviewed, language), Tone.bad)
    for entry in page.entries:
        yield from _clause(entry, page, language)
    for duty in pack.duties:
        yield from _duty(duty, language)


def _duty(duty: "Duty", language: Language) -> Iterator[Block]:
    """What must be done, when, and by what."""
    from audit.clauses.duty_sentences import duty_lines

    yield Heading(phrase("page-duty", language, duty=duty.id, cite=duty.cite))
    yield Line(duty.gist.into(language), indent=1)
    if duty.draft:
        yield Line(phrase("page-duty-draft", language), Tone.doubt, indent=1)
    yield from (Line(line, indent=1) for line in duty_lines(duty, language))


def _clause(entry: "Entry", page: "Page", language: Language) -> Iterator[Block]:
    from audit.clauses.sentences import in_words, ruling

    clause = entry.clause
    effect = phrase(f"effect-{clause.effect}", language)
    facts = {"clause": clause.id, "cite": clause.cite, "effect": effect}
    heading = phrase("pack-clause", language, **facts)
    marked = phrase("clause-unreviewed", language, clause=heading)
    yield Heading(marked if entry.unreviewed else heading)
    yield Line(clause.gist.into(language), indent=1)
    if clause.draft:
        yield Line(phrase("pack-draft", language), Tone.doubt, indent=1)
    yield from _cites(entry, page, language)
    yield Line(ruling(clause, page.pack, language), indent=1)
    for condition in clause.when:
        yield Line(f"- {in_words(condition, language)}", indent=2)
    if clause.exception_to:
        targets = phrase("clause-list", language).join(clause.exception_to)
        yield Line(phrase("pack-exception", language, clauses=targets), indent=1)
    if entry.exceptions:
        yield Line(phrase("page-exceptions", language), indent=1)
        yield from _tree(entry.exceptions, "", page, language)
    if clause.supplement_cite:
        cite = phrase("pack-supplement", language, cite=clause.supplement_cite)
        yield Line(cite, indent=1)
    if clause.note:
        note = phrase("pack-note", language, note=clause.note.into(language))
        yield Line(note, Tone.faint, indent=1)


def _cites(entry: "Entry", page: "Page", language: Language) -> Iterator[Line]:
    """What the clause cites in the text, where there is one."""
    from audit.clauses.sentences import quote_told, standing_told

    for cite in entry.cites:
        if cite.citation is None or page.document is None:
            continue
        tone = Tone.bad if cite.citation.unreviewed else Tone.faint
        yield Line(standing_told(cite.citation, language), tone, indent=1)
        if told := quote_told(cite.citation, page.document, language):
            yield Line(told, Tone.faint, indent=1)


def _tree(
    branches: "Sequence[Branch]", margin: str, page: "Page", language: Language
) -> Iterator[Line]:
    """What overrides a clause, drawn as a tree."""
    for number, each in enumerate(branches, start=1):
        last = number == len(branches)
        effect = phrase(f"effect-{each.clause.effect}", language)
        facts = {"clause": each.clause.id, "cite": each.clause.cite, "effect": effect}
        told = phrase("pack-clause", language, **facts)
        if each.clause.id in page.unreviewed:
            told = phrase("clause-unreviewed", language, clause=told)
        again = phrase("page-again", language) if each.again else ""
        yield Line(f"{margin}{'└' if last else '├'} {told}{again}", indent=2)
        yield from _tree(each.branches, f"{margin}{'  ' if last else '│ '}", page, language)
