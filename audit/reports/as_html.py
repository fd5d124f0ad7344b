"""A run as the page that an auditor hands over: one file, nothing is fetched, nothing runs."""

from __future__ import annotations

import base64
import hashlib
from functools import partial
from typing import TYPE_CHECKING

from audit.outcome import Audit, product_version
from audit.reports.conclusion import conclusion
from audit.reports.duty_pages import duties_told
from audit.reports.finding_pages import clauses_told, findings_told
from audit.reports.markup import Markup, element, facts, joined, listed, name, paragraph, table
from audit.reports.quality_pages import drafts_shown, limits, quality
from audit.reports.style import STYLE
from audit.reports.verdict_pages import conflicts_told, verdicts_told
from audit.sources.zones import zone_of
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from audit.publishing import Writer
    from audit.reports.duties import Key

_LANGUAGES = {Language.zh: "zh-CN", Language.en: "en"}


def render(audit: Audit, key: Key = None, language: Language | None = None) -> Mapping[str, Writer]:
    """report.html: it needs no network, no script and no other file, and it prints."""
    return {"report.html": partial(_write, audit, key, language or audit.options.language)}


def _write(audit: Audit, key: Key, language: Language, path: Path) -> None:
    path.write_bytes(_page(audit, key, language).encode(errors="backslashreplace"))


def _page(audit: Audit, key: Key, language: Language) -> str:
    title = phrase("html-title", language)
    head = element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", f"{title} {audit.run_id[:12]}"),
        element("style", Markup(STYLE)),
    )
    sections = _sections(audit, key, language)
    body = element(
        "body",
        element("header", *_header(audit, title, sections, language)),
        element("main", joined(_section(own, inside, language) for own, inside in sections)),
        _signed(language),
    )
    return f'<!doctype html>\n<html lang="{_LANGUAGES[language]}">\n{head}\n{body}\n</html>\n'


def _policy() -> str:
    """Nothing may be loaded, and no style but ours applies."""
    style = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    rules = ("default-src 'none'", f"style-src 'sha256-{style}'", "base-uri 'none'")
    return "; ".join((*rules, "form-action 'none'"))


def _sections(audit: Audit, key: Key, language: Language) -> Sequence[tuple[str, Markup]]:
    """What stands on the page, in the order of reading; what is empty is left out."""
    told = {
        "about": _about(audit, language),
        "conflicts": conflicts_told(audit, language),
        "verdicts": verdicts_told(audit, language),
        "findings": findings_told(audit, language),
        "duties": duties_told(audit, key, language),
        "drafts": drafts_shown(audit, language),
        "quality": quality(audit, language),
        "clauses": clauses_told(audit, language),
        "limits": limits(audit, key, language),
    }
    return [(own, inside) for own, inside in told.items() if inside]


def _section(own: str, inside: Markup, language: Language) -> Markup:
    heading = element("h2", phrase(f"html-{own}", language))
    return element("section", heading, inside, id=own, class_=own)


def _header(
    audit: Audit, title: str, sections: Sequence[tuple[str, Markup]], language: Language
) -> tuple[Markup, ...]:
    packs = phrase("html-list", language).join(pack.title.into(language) for pack in audit.packs)
    told, meant = conclusion(audit, language)
    links = (element("a", phrase(f"html-{own}", language), href=f"#{own}") for own, _ in sections)
    return (
        element("h1", title),
        paragraph(packs, "faint"),
        paragraph(told, f"conclusion {meant}"),
        element("nav", listed(links), aria_label=phrase("html-contents", language)),
    )


def _about(audit: Audit, language: Language) -> Markup:
    """What was audited, under what, and until when."""
    options = audit.options
    zone = zone_of(options.timezone)
    as_of = f"{audit.as_of.astimezone(zone):%Y-%m-%d %H:%M:%S}" if audit.as_of else ""
    told = facts(
        (
            (phrase("html-run", language), element("code", audit.run_id)),
            (phrase("html-version", language), f"consent-audit {product_version()}"),
            (phrase("html-zone", language), options.timezone),
            (phrase("html-complete", language), ", ".join(options.complete)),
            (phrase("html-as-of", language), as_of),
        )
    )
    return Markup(told + _packs(audit, language) + _inputs(audit, language))


def _packs(audit: Audit, language: Language) -> Markup:
    names = ("html-layer", "html-pack", "html-pack-version", "html-digest")
    rows = [
        (
            phrase(f"layer-{pack.layer}", language),
            f"{pack.title.into(language)} ({pack.id})",
            pack.version,
            element("code", pack.digest),
        )
        for pack in audit.packs
    ]
    heading = element("h3", phrase("html-packs", language))
    return Markup(heading + table([phrase(each, language) for each in names], rows))


def _inputs(audit: Audit, language: Language) -> Markup:
    names = ("html-table", "html-file", "html-rows", "html-digest")
    files = sorted(audit.inputs, key=lambda file: (file.table, file.name))
    rows = [
        (file.table, name(file.name), f"{file.rows:,}", element("code", file.digest))
        for file in files
    ]
    heading = element("h3", phrase("html-inputs", language))
    return Markup(heading + table([phrase(each, language) for each in names], rows, {2}))


def _signed(language: Language) -> Markup:
    fields = ("html-signed-by", "html-signed-on", "html-signed-as")
    return element(
        "footer",
        element(
            "div", *(element("span", phrase(each, language)) for each in fields), class_="sign"
        ),
    )
