"""Who reads: the three roles, and the refusal where a role is not enough."""

from dataclasses import dataclass
from enum import StrEnum

from audit.problems import Problem, UsageRefused


class Role(StrEnum):
    """What a reader may see and do, each role all that the one before it may."""

    viewer = "viewer"  # aggregates, small groups suppressed
    officer = "officer"  # cases, flows, subjects, exports
    admin = "admin"  # audits and settings

    def covers(self, other: "Role") -> bool:
        """Whether this role may do what the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class NotAllowed(UsageRefused):
    """The reader's role does not allow what was asked."""


@dataclass(frozen=True)
class Reader:
    """Somebody who reads runs: a role, and the name under which they logged in."""

    role: Role
    name: str = ""

    def may(self, role: Role) -> bool:
        """Whether the reader has this role or a higher one."""
        return self.role.covers(role)

    def needs(self, role: Role) -> None:
        """Raises NotAllowed unless the reader has this role or a higher one."""
        if not self.may(role):
            raise NotAllowed(Problem(f"role-needed-{role}"))
