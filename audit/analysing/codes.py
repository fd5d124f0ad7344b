"""Sets of codes in the fewest words: a parent for its children, or all but a few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from audit.analysing.bonds import Value

BELOW = ".*"  # after a code: every code below it, not the code itself
ITSELF = "="  # before a code that has others below it: the code itself alone


@dataclass(frozen=True)
class Told:
    """Codes by which a set is told; `but`: they are those that are not in it."""

    codes: tuple[str, ...]
    but: bool = False


def told(fact: str, values: Collection[Value], domain: Sequence[Value]) -> Told:
    """The set of values of a fact, in as few codes as will do; of all values, all but none."""
    chosen = {str(value) for value in values}
    rest = [str(value) for value in domain if str(value) not in chosen]
    listed = [str(value) for value in domain if str(value) in chosen]
    tree = _tree(fact)
    these = _widest(tree, listed) if tree else tuple(listed)
    others = _widest(tree, rest) if tree else tuple(rest)
    return Told(others, but=True) if len(others) < len(these) else Told(these)


def _tree(fact: str) -> Mapping[str, str | None] | None:
    vocabulary = load_vocabulary()
    return {"purpose": vocabulary.purposes, "data": vocabulary.categories}.get(fact)


def _widest(tree: Mapping[str, str | None], codes: Sequence[str]) -> tuple[str, ...]:
    """A code that stands with all below it stands for them."""
    chosen = set(codes)
    below: dict[str | None, list[str]] = {}
    for code, parent in tree.items():
        below.setdefault(parent, []).append(code)

    def whole(code: str) -> bool:
        return code in chosen and all(whole(child) for child in below.get(code, ()))

    def spelt(code: str) -> list[str]:
        children = below.get(code, [])
        if whole(code):
            return [code]
        if len(children) > 1 and all(whole(child) for child in children):
            return [code + BELOW]
        own = [ITSELF + code] if code in chosen else []
        return own + [each for child in children for each in spelt(child)]

    return tuple(each for root in below.get(None, ()) for each in spelt(root))
