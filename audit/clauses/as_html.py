"""A pack's page as one HTML file: nothing is fetched, nothing runs, and it prints."""

from __future__ import annotations

import base64
import hashlib
from html import escape
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

_LANGUAGES = {Language.zh: "zh-CN", Language.en: "en"}
_STYLE = """
:root { --ink: #1c2430; --faint: #5a6675; --line: #d5dbe3; --paper: #fff; }
body { margin: 2rem auto; max-width: 52rem; padding: 0 1rem; color: var(--ink);
  background: var(--paper); line-height: 1.65;
  font-family: "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
    system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { font-size: 1.15rem; margin: 0 0 .6rem; display: flex; gap: .8rem; align-items: baseline;
  flex-wrap: wrap; }
h3 { font-size: .85rem; color: var(--faint); margin: .9rem 0 .2rem; font-weight: 600; }
p, ul { margin: .3rem 0; }
ul { padding-left: 1.3rem; }
.faint, .imprint { color: var(--faint); font-size: .85rem; overflow-wrap: anywhere; }
.banner { border: 2px solid #b3261e; color: #8c1d18; padding: .6rem .9rem; border-radius: 4px; }
section { border-top: 1px solid var(--line); padding: 1.2rem 0; }
.effect { font-size: .85rem; padding: 0 .5rem; border-radius: 3px; border: 1px solid; }
.permit .effect { color: #1d5f2f; } .except .effect { color: #6a4b00; }
.forbid .effect { color: #8c1d18; }
.mark { font-size: .85rem; color: #8c1d18; font-weight: 600; }
blockquote { margin: .3rem 0; padding: .5rem .9rem; border-left: 3px solid var(--line);
  background: #f6f8fa; white-space: pre-wrap; }
blockquote mark { background: #fdeeb5; color: inherit; }
.ruling { font-weight: 500; }
.ruling[lang=en] { font-weight: 400; color: #39424e; }
.tree ul { list-style: none; border-left: 1px solid #9aa5b1; padding-left: 1rem;
  margin-left: .4rem; }
.tree li { position: relative; }
.tree ul > li::before { content: ""; position: absolute; left: -1rem; top: .85em; width: .7rem;
  border-top: 1px solid #9aa5b1; }
.tree > p { margin: 0; }
.sign { display: grid; grid-template-columns: 1fr 1fr 2fr; gap: 1rem; margin-top: 1rem;
  font-size: .85rem; color: var(--faint); }
.sign span { border-bottom: 1px solid var(--faint); padding-bottom: .15rem; }
@page { margin: 18mm 16mm; }
@media print { body { margin: 0; max-width: none; font-size: 10.5pt; }
  section { break-inside: avoid; } h1, h2, h3 { break-after: avoid; }
  blockquote, .banner { print-color-adjust: exact; } }
"""


def as_html(page: Page, language: Language) -> str:
    """The page; all of its text is escaped, and what has no shape is written out."""
    title = page.pack.title.into(language)
    lines = [
        "<!doctype html>",
        f'<html lang="{_LANGUAGES[language]}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(title)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        "<header>",
        f"<h1>{_text(title)}</h1>",
        *_imprint(page, language),
        "</header>",
        "<main>",
        *(line for entry in page.entries for line in _entry(entry, page, language)),
        *(line for duty in page.pack.duties for line in _duty(duty, language)),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _policy() -> str:
    """Nothing may be loaded, and no style but ours applies."""
    style = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    rules = ("default-src 'none'", f"style-src 'sha256-{style}'", "base-uri 'none'")
    return "; ".join((*rules, "form-action 'none'"))


def _text(text: str) -> str:
    return escape(seen(text))


def _paragraph(kind: str, text: str) -> str:
    return f'<p class="{kind}">{_text(text)}</p>'


def _heading(key: str, language: Language) -> str:
    return f"<h3>{_text(phrase(key, language))}</h3>"


def _imprint(page: Page, language: Language) -> Iterator[str]:
    pack, document = page.pack, page.document
    facts = {"pack": pack.id, "version": pack.version, "digest": pack.digest}
    layer = phrase(f"layer-{pack.layer}", language)
    yield _paragraph("imprint", phrase("pack-imprint", language, layer=layer, **facts))
    if document:
        told = phrase("page-text", language, file=document.file.name, digest=document.digest)
        yield _paragraph("imprint", told)
    yield _paragraph("faint", phrase("pack-how-to-read", language))
    if page.unreviewed:
        yield _paragraph("banner", unreviewed_told(page.unreviewed, language))


def _entry(entry: Entry, page: Page, language: Language) -> Iterator[str]:
    clause = entry.clause
    yield f'<section class="{clause.effect}" id="clause-{_text(clause.id)}">'
    yield _title(entry, language)
    yield f"<p>{_text(clause.gist.into(language))}</p>"
    for cite in entry.cites:
        yield from _cited(cite, language)
    if clause.supplement_cite:
        told = phrase("pack-supplement", language, cite=clause.supplement_cite)
        yield _paragraph("faint", told)
    yield _heading("page-ruling", language)
    for each in (language, *(other for other in Language if other is not language)):
        told = _text(ruling(clause, page.pack, each))
        yield f'<p class="ruling" lang="{_LANGUAGES[each]}">{told}</p>'
    yield _heading("page-conditions", language)
    yield _list(_text(in_words(line, language)) for line in clause.when)
    yield from _exceptions(entry, page, language)
    if clause.note:
        yield _heading("page-note", language)
        yield f"<p>{_text(clause.note.into(language))}</p>"
    yield _signed(language)
    yield "</section>"


def _duty(duty: Duty, language: Language) -> Iterator[str]:
    yield f'<section class="duty" id="duty-{_text(duty.id)}">'
    mark = f'<span class="mark">{_text(phrase("page-duty-draft", language))}</span>'
    title = _text(phrase("page-duty", language, duty=duty.id, cite=duty.cite))
    yield f"<h2><span>{title}</span>{mark if duty.draft else ''}</h2>"
    yield f"<p>{_text(duty.gist.into(language))}</p>"
    yield _list(_text(line) for line in duty_lines(duty, language))
    yield _signed(language)
    yield "</section>"


def _title(entry: Entry, language: Language) -> str:
    clause = entry.clause
    parts = [f"<span>{_text(clause.id)}</span>", f"<span>{_text(clause.cite)}</span>"]
    parts.append(
        f'<span class="effect">{_text(phrase(f"effect-{clause.effect}", language))}</span>'
    )
    marks = {"page-unreviewed": entry.unreviewed, "pack-draft": clause.draft}
    for key, marked in marks.items():
        if marked:
            parts.append(f'<span class="mark">{_text(phrase(key, language))}</span>')
    return f"<h2>{''.join(parts)}</h2>"


def _cited(cite: Cite, language: Language) -> Iterator[str]:
    if cite.citation is None:
        return
    yield f"<h3>{_text(phrase('page-paragraph', language, cite=cite.cite))}</h3>"
    kind = "mark" if cite.citation.unreviewed else "faint"
    yield _paragraph(kind, standing_told(cite.citation, language))
    if cite.words:
        words = f"<mark>{_text(cite.words)}</mark>" if cite.before else _text(cite.words)
        yield f"<blockquote>{_text(cite.before)}{words}{_text(cite.after)}</blockquote>"


def _exceptions(entry: Entry, page: Page, language: Language) -> Iterator[str]:
    clause = entry.clause
    if clause.exception_to:
        listed = phrase("clause-list", language).join(clause.exception_to)
        yield f"<p>{_text(phrase('pack-exception', language, clauses=listed))}</p>"
    if entry.exceptions:
        yield _heading("page-exceptions", language)
        yield f'<div class="tree"><p>{_named(clause, page, language)}</p>'
        yield _tree(entry.exceptions, page, language)
        yield "</div>"


def _tree(branches: Iterable[Branch], page: Page, language: Language) -> str:
    return _list(
        _named(each.clause, page, language)
        + (_text(phrase("page-again", language)) if each.again else "")
        + (_tree(each.branches, page, language) if each.branches else "")
        for each in branches
    )


def _named(clause: Clause, page: Page, language: Language) -> str:
    effect = phrase(f"effect-{clause.effect}", language)
    marked = phrase("clause-unreviewed", language, clause=clause.id)
    name = marked if clause.id in page.unreviewed else clause.id
    facts = {"clause": name, "cite": clause.cite, "gist": clause.gist.into(language)}
    return _text(phrase("page-branch", language, effect=effect, **facts))


def _list(items: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _signed(language: Language) -> str:
    fields = ("page-signed-by", "page-signed-on", "page-signed-as")
    told = "".join(f"<span>{_text(phrase(key, language))}</span>" for key in fields)
    return f'<div class="sign">{told}</div>'
