"""How the data map is told: names, language, background, and what stands out on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit import Language, Listing, load_vocabulary, phrase
from dashboards.parts.data_map.picture import BY_ROLE
from dashboards.parts.text import visible

Relation = tuple[str, str]
Spec = dict[str, Any]


@dataclass(frozen=True)
class Palette:
    """What is drawn beside the verdicts, whose colours do on either background."""

    ink: str
    paper: str
    node: str
    middle: str
    muted: str


LIGHT = Palette("#1F2937", "#FFFFFF", "#64748B", "#0B5C8A", "#94A3B8")
DARK = Palette("#E5E7EB", "#0E1117", "#94A3B8", "#3D9BD1", "#64748B")


@dataclass(frozen=True)
class Highlight:
    """What stands out; everything else fades where there is anything.

    relations and parties: those of a chain, a blast radius or a cut. suspended: relations struck
    through by the cut. chosen: the one node or edge whose detail is shown.
    """

    relations: frozenset[Relation] = frozenset()
    parties: frozenset[str] = frozenset()
    suspended: frozenset[Relation] = frozenset()
    chosen: str | Relation | None = None

    @property
    def fades(self) -> bool:
        """Whether what does not stand out is to fade."""
        return bool(self.relations or self.parties or self.suspended)


@dataclass(frozen=True)
class Manner:
    """How the map is told: names of the parties, language, background."""

    names: Mapping[str, str | None]
    language: Language
    dark: bool = False
    highlight: Highlight = field(default_factory=Highlight)

    @property
    def palette(self) -> Palette:
        """The colours for the background."""
        return DARK if self.dark else LIGHT


def name_of(node: str, members: int, manner: Manner) -> str:
    """What a node is called: the party's name, else its id; a merged node by its role."""
    if node.startswith(BY_ROLE) and node not in manner.names:
        role = role_name(node.removeprefix(BY_ROLE) or None, manner.language)
        told = phrase("map-members", manner.language, role=role, count=members)
        return role if members == 1 else told
    return visible(manner.names.get(node) or node)


def role_name(role: str | None, language: Language) -> str:
    """What the role is called; of a party that is not registered, that it is not."""
    if role is None:
        return phrase("map-unregistered", language)
    return visible(load_vocabulary().label(Listing.roles, role).into(language))
