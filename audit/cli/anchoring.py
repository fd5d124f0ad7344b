"""The command `pack anchor`: what clauses cite, held against an agreement's text, and kept."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.cli.grammar import Command, word_argument
from audit.cli.page import Block, Line, Table, Tone
from audit.cli.screen import show
from audit.problems import Problem, UsageRefused
from audit.wording import Language, phrase, sentence

if TYPE_CHECKING:
    from audit.clauses.anchoring import Anchored, Order
    from audit.clauses.anchors import Anchors
    from audit.clauses.citations import Document
    from audit.clauses.clause import Pack
    from audit.clauses.reviewing import Citation

_SHOWN = 40
_SOUND, _TO_BE_SEEN = 0, 1
_TONES = {"ok": Tone.good, "edited": Tone.doubt, "moved": Tone.doubt, "unanchored": Tone.plain}


def anchor_command(language: Language) -> click.Command:
    """`pack anchor`."""
    told = {
        ("--clause", "clauses", "ID"): "option-clauses",
        ("--sentence", "sentences", "ID=N"): "option-sentences",
    }
    several = [
        click.Option([option, name], multiple=True, metavar=metavar, help=phrase(key, language))
        for (option, name, metavar), key in told.items()
    ]
    write = click.Option(["--write"], is_flag=True, help=phrase("option-anchor-write", language))
    pack = word_argument("pack", "PACK")
    text = agreement_option("option-anchor-agreement", language, required=True)
    params = [pack, text, write, *several]
    return Command("pack-anchor", language, anchor_pack, params)


def agreement_option(key: str, language: Language, *, required: bool = False) -> click.Option:
    """The text of an agreement; `key` says what for."""
    return click.Option(
        ["--agreement"],
        type=click.Path(path_type=Path),
        metavar="FILE",
        required=required,
        help=phrase(key, language),
    )


def anchor_pack(
    language: Language,
    pack: str,
    agreement: Path,
    *,
    write: bool,
    clauses: tuple[str, ...],
    sentences: tuple[str, ...],
) -> int:
    """How each cite stands in the text, and with `write` keep that; 1 where a person must look."""
    from audit.clauses.anchors import kept_anchors
    from audit.clauses.citations import read_document
    from audit.clauses.reading import load_pack
    from audit.clauses.reviewing import review

    order = _order(clauses, sentences, write=write)
    read, document = load_pack(pack), read_document(agreement, str(agreement))
    anchors, kept_back = kept_anchors(pack, read), 0
    if write:
        done = _write(pack, read, document, order)
        show([*_written_page(done, beside(pack), language), Line("")])
        anchors, kept_back = done.anchors, len(done.kept_back)
    citations = review(read, anchors, document)
    show([*anchored_page(read, document, citations, language), *_kept_page(anchors, language)])
    sound = all(each.standing in ("ok", "edited") or _unkept(each) for each in citations)
    return _SOUND if sound and not kept_back else _TO_BE_SEEN


def _unkept(citation: "Citation") -> bool:
    """Found, and its pack keeps no anchors at all."""
    return citation.standing == "unanchored" and not citation.unreviewed


def _order(clauses: tuple[str, ...], sentences: tuple[str, ...], *, write: bool) -> "Order":
    """What is to be anchored; raises UsageRefused where an option asks for what is not to be."""
    from audit.clauses.anchoring import Order

    if (clauses or sentences) and not write:
        raise UsageRefused(Problem("anchor-only-with-write"))
    numbers = {}
    for given in sentences:
        clause, _, number = given.rpartition("=")
        if not clause or not (number.isascii() and number.isdigit()):
            raise UsageRefused(Problem("anchor-sentence-malformed", {"given": given}))
        numbers[clause] = int(number)
    return Order(clauses, numbers)


def _write(name: str, pack: "Pack", document: "Document", order: "Order") -> "Anchored":
    from audit.clauses.anchoring import anchored
    from audit.clauses.anchors import kept_anchors, write_anchors

    done = anchored(pack, kept_anchors(name, pack), document, order)
    write_anchors(name, done.anchors)
    return done


def beside(pack: str) -> str:
    """The name of the file with the anchors of a pack."""
    from audit.clauses.anchors import place_of

    return str(place_of(pack))


def _written_page(done: "Anchored", file: str, language: Language) -> Iterator[Line]:
    counts = {"anchors": len(done.anchors.anchors), "changed": len(done.changed)}
    yield Line(phrase("anchor-written", language, file=file, **counts), Tone.good)
    if done.changed:
        yield Line(phrase("clause-list", language).join(done.changed), Tone.faint, indent=1)
    if done.kept_back:
        yield Line(phrase("anchor-kept-back", language), Tone.doubt)
    for each in done.kept_back:
        if each.problem:
            told = {"clause": each.clause, "problem": sentence(each.problem, language)}
            yield Line(phrase("anchor-problem", language, **told), Tone.doubt, indent=1)


def anchored_page(
    pack: "Pack", document: "Document", citations: Sequence["Citation"], language: Language
) -> Iterator[Block]:
    """Every cite with how it stands and how its paragraph begins, then what must be looked at."""
    headings = (
        "anchor-clause",
        "anchor-cite",
        "anchor-standing",
        "anchor-line",
        "anchor-paragraph",
    )
    titles = tuple(phrase(heading, language) for heading in headings)
    rows = tuple(_row(each, document, language) for each in citations)
    tones = tuple(_TONES.get(each.standing, Tone.bad) for each in citations)
    yield Table(titles, rows, numbers=frozenset({3}), tones=tones)
    yield Line(phrase("anchor-digest", language, digest=document.digest), Tone.faint)
    yield from review_page(pack, citations, language)
    yield from banner(citations, language)


def review_page(
    pack: "Pack", citations: Sequence["Citation"], language: Language
) -> Iterator[Line]:
    """How many cites have their paragraph as it was reviewed, and each that has not."""
    missing = sum(each.problem is not None for each in citations)
    counted = {"cites": len(citations), "found": len(citations) - missing}
    tone = Tone.doubt if missing else Tone.good
    yield Line(phrase("anchor-conclusion", language, pack=pack.id, **counted), tone)
    counts = Counter(each.standing.value for each in citations)
    if counts.keys() - {"missing", "unanchored"}:
        yield Line(phrase("anchor-counts", language, **{**_NONE, **counts}))
    for each in citations:
        if each.standing not in ("ok", "unanchored") or each.unreviewed:
            yield _told(each, language)


_NONE = dict.fromkeys(("ok", "edited", "moved", "stale", "missing", "unanchored"), 0)


def banner(citations: Sequence["Citation"], language: Language) -> Iterator[Line]:
    """Which clauses are unreviewed, where any is."""
    from audit.clauses.reviewing import unreviewed
    from audit.clauses.sentences import unreviewed_told

    if clauses := unreviewed(citations):
        yield Line(unreviewed_told(clauses, language), Tone.bad)


def _told(citation: "Citation", language: Language) -> Line:
    from audit.clauses.sentences import standing_told

    told = {"clause": citation.clause, "problem": standing_told(citation, language)}
    tone = Tone.bad if citation.unreviewed else Tone.doubt
    return Line(phrase("anchor-problem", language, **told), tone, indent=1)


def _kept_page(anchors: "Anchors | None", language: Language) -> Iterator[Line]:
    if anchors is None:
        yield Line(phrase("anchor-no-anchors", language), Tone.faint)
        return
    facts = {"text": anchors.text, "digest": anchors.digest}
    yield Line(phrase("anchor-reviewed-text", language, **facts), Tone.faint)


def _row(citation: "Citation", document: "Document", language: Language) -> tuple[str, ...]:
    from audit.clauses.reviewing import quoted

    standing = phrase(f"standing-short-{citation.standing}", language)
    found = quoted(citation, document)
    if found is None:
        return citation.clause, citation.cite, standing, "-", "-"
    paragraph, words = found
    first = (words or paragraph.text).partition("\n")[0]
    shown = first if len(first) <= _SHOWN else f"{first[:_SHOWN]}…"
    return citation.clause, citation.cite, standing, str(paragraph.line), shown
