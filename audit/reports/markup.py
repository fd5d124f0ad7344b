"""HTML put together from elements: whatever is not made by them is escaped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from html import escape

from audit.clauses.pages import seen


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, *inside: str, **attributes: str | float | None) -> Markup:
    """The element with what stands inside it; `class_` is written `class`, None is left out.

    A text is escaped, and a character of no shape is written out; Markup stays as it is.
    """
    told = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(seen(str(value)))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{tag}{told}>{''.join(map(_text, inside))}</{tag}>")


def _text(text: str) -> str:
    return text if isinstance(text, Markup) else escape(seen(text))


def name(text: str) -> Markup:
    """A name out of the data, which may be broken anywhere where it is long."""
    return element("span", text, class_="any") if text else Markup()


def joined(parts: Iterable[Markup]) -> Markup:
    """The elements one after another."""
    return Markup("\n".join(parts))


def paragraph(text: str, class_: str | None = None) -> Markup:
    """A paragraph."""
    return element("p", text, class_=class_)


def listed(lines: Iterable[str]) -> Markup:
    """A list with dots."""
    return element("ul", *(element("li", line) for line in lines))


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], numbers: Collection[int] = ()
) -> Markup:
    """A table; `numbers` are the columns of figures."""
    kinds = ["number" if place in numbers else None for place in range(len(headings))]
    head = (
        element("th", heading, scope="col", class_=kind)
        for heading, kind in zip(headings, kinds, strict=True)
    )
    body = (
        element(
            "tr", *(element("td", cell, class_=kind) for cell, kind in zip(row, kinds, strict=True))
        )
        for row in rows
    )
    return element("table", element("thead", element("tr", *head)), element("tbody", joined(body)))


def facts(pairs: Iterable[tuple[str, str]]) -> Markup:
    """What is called what, pair by pair; a pair without a value is left out."""
    told = (
        element("div", element("dt", name), element("dd", value)) for name, value in pairs if value
    )
    return element("dl", *told)
