"""A paper as one HTML page: nothing is fetched, nothing runs, and it prints."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from audit.reports.markup import Markup, element, joined, listed, paragraph
from audit.reports.style import STYLE
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.reports.paper import Paper, Section

LANGUAGES = {Language.zh: "zh-CN", Language.en: "en"}


def paper_page(paper: Paper) -> bytes:
    """The page, in UTF-8; a byte of a path that is no text is written out."""
    head = element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", f"{paper.title} {paper.mark}"),
        element("style", Markup(STYLE)),
    )
    body = element(
        "body",
        element("header", *_header(paper)),
        element("main", joined(map(_section, paper.sections))),
        _signed(paper),
    )
    page = f'<!doctype html>\n<html lang="{LANGUAGES[paper.language]}">\n{head}\n{body}\n</html>\n'
    return page.encode(errors="backslashreplace")


def _policy() -> str:
    """Nothing may be loaded, and no style but ours applies."""
    style = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    rules = ("default-src 'none'", f"style-src 'sha256-{style}'", "base-uri 'none'")
    return "; ".join((*rules, "form-action 'none'"))


def _header(paper: Paper) -> tuple[Markup, ...]:
    told, meant = paper.conclusion
    links = (element("a", each.heading, href=f"#{each.name}") for each in paper.sections)
    return (
        element("h1", paper.title),
        paragraph(paper.under, "faint"),
        paragraph(told, f"conclusion {meant}"),
        element("nav", listed(links), aria_label=phrase("html-contents", paper.language)),
    )


def _section(section: Section) -> Markup:
    heading = element("h2", section.heading)
    return element("section", heading, section.inside, id=section.name, class_=section.name)


def _signed(paper: Paper) -> Markup:
    fields = (element("span", each) for each in paper.signed)
    return element("footer", element("div", *fields, class_="sign"))
