"""What is laid over the data map: the relations that stand out, and the panel that tells them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from audit import Desk, KeptRun, Reader, Role
from dashboards.parts.data_map.manner import Highlight, Relation
from dashboards.parts.data_map.picture import node_of_role
from dashboards.parts.data_map.words import Who

Asker = tuple[str, str, str]  # folder, run id, role: all that a cached answer may depend on


@dataclass(frozen=True)
class Over:
    """What stands out on the map, and how it is told below it."""

    told: Callable[[], None]
    relations: frozenset[Relation] = frozenset()
    parties: frozenset[str] = frozenset()
    suspended: frozenset[Relation] = frozenset()

    def highlight(self, chosen: str | Relation | None) -> Highlight:
        """The highlight where every party is a node."""
        return Highlight(self.relations, self.parties, self.suspended, chosen)

    def on_roles(self, who: Who) -> "Over":
        """The same where the parties of a role are one node."""

        def merged(relations: Iterable[Relation]) -> frozenset[Relation]:
            return frozenset((node(one), node(other)) for one, other in relations)

        def node(party: str) -> str:
            return node_of_role(who.roles.get(party))

        parties = frozenset(map(node, self.parties))
        return Over(self.told, merged(self.relations), parties, merged(self.suspended))


NOTHING = Over(told=lambda: None)


def asker(desk: Desk) -> Asker:
    """What a cached answer for this desk depends on."""
    return str(desk.run.folder), desk.run.run_id, desk.reader.role.value


def opened(asking: Asker) -> tuple[KeptRun, Reader]:
    """The run and the reader of such an asker."""
    folder, run_id, role = asking
    return KeptRun(Path(folder), run_id), Reader(Role(role))
