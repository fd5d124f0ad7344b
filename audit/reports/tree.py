"""Markup read back as a tree of elements, for what prints it otherwise than as HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from audit.reports.markup import Markup

_BLANKS = re.compile("[ \t\r\n]+")
_INLINE = frozenset({"a", "code", "span"})


@dataclass(frozen=True)
class Node:
    """An element; `inside` are elements and texts, with a blank where there were several."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    inside: list[Node | str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Its class, empty where it has none."""
        return self.attributes.get("class", "")

    def elements(self, *tags: str) -> Iterator[Node]:
        """The elements of these tags inside it, however deep, in their order."""
        for each in self.inside:
            if isinstance(each, Node):
                if each.tag in tags:
                    yield each
                yield from each.elements(*tags)

    @property
    def text(self) -> str:
        """All that is written inside it."""
        return "".join(each if isinstance(each, str) else each.text for each in self.inside)


def tree(markup: Markup) -> Node:
    """The elements of the markup below one that stands for the whole.

    Only for what `markup.element` made, where every element that opens is closed.
    """
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.open[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("all")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(node)
        self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        closed = self.open.pop()
        if closed.tag != tag:
            raise ValueError(f"<{closed.tag}> is closed by </{tag}>")

    def handle_data(self, data: str) -> None:
        told = _BLANKS.sub(" ", data)
        beside = self.open[-1].inside
        follows = beside and (isinstance(beside[-1], str) or beside[-1].tag in _INLINE)
        if told != " " or follows:  # line ends between elements say nothing
            beside.append(told)
