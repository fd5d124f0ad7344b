"""The commands on clause packs: which there are, and one as a page to read."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from audit.cli.anchoring import anchor_command
from audit.cli.grammar import Command, Group, word_argument
from audit.cli.page import Block, Heading, Line, Table, Tone
from audit.cli.screen import show
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.clauses.clause import Clause, Pack


def pack_group(language: Language) -> click.Command:
    """`pack` and what is under it."""
    builds = {"list": _list_command, "show": _show_command, "anchor": anchor_command}
    return Group("pack", language, builds, stem="pack-")


def _list_command(language: Language) -> click.Command:
    return Command("pack-list", language, list_packs, [])


def _show_command(language: Language) -> click.Command:
    return Command("pack-show", language, show_pack, [word_argument("pack", "PACK")])


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


def show_pack(language: Language, pack: str) -> int:
    """The pack of this id or file, clause by clause."""
    from audit.clauses.reading import load_pack

    show(list(reading_page(load_pack(pack), language)))
    return 0


def reading_page(pack: "Pack", language: Language) -> Iterator[Block]:
    """The pack as people read it: what each clause grants or forbids, and when."""
    layer = phrase(f"layer-{pack.layer}", language)
    yield Line(pack.title.into(language))
    facts = {"pack": pack.id, "version": pack.version, "layer": layer, "digest": pack.digest}
    yield Line(phrase("pack-imprint", language, **facts), Tone.faint)
    yield Line(phrase("pack-how-to-read", language), Tone.faint)
    for clause in pack.clauses:
        yield from _clause(clause, language)


def _clause(clause: "Clause", language: Language) -> Iterator[Block]:
    from audit.clauses.sentences import in_words

    effect = phrase(f"effect-{clause.effect}", language)
    facts = {"clause": clause.id, "cite": clause.cite, "effect": effect}
    yield Heading(phrase("pack-clause", language, **facts))
    yield Line(clause.gist.into(language), indent=1)
    if clause.draft:
        yield Line(phrase("pack-draft", language), Tone.doubt, indent=1)
    for condition in clause.when:
        yield Line(f"- {in_words(condition, language)}", indent=2)
    if clause.exception_to:
        targets = phrase("clause-list", language).join(clause.exception_to)
        yield Line(phrase("pack-exception", language, clauses=targets), indent=1)
    if clause.supplement_cite:
        cite = phrase("pack-supplement", language, cite=clause.supplement_cite)
        yield Line(cite, indent=1)
    if clause.note:
        note = phrase("pack-note", language, note=clause.note.into(language))
        yield Line(note, Tone.faint, indent=1)
