"""What the dashboard was started with: whose runs, in which language, and who may see what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from audit import Language, Problem, Role, UsageRefused


class Identity(StrEnum):
    """Who says who sits in front of the screen."""

    nobody = "nobody"  # whoever can open the page on this very machine
    login = "login"  # an identity provider, by OpenID Connect
    proxy = "proxy"  # an authenticating proxy in front, by a header


@dataclass(frozen=True)
class Settings:
    """One dashboard; `roles` by e-mail address, in small letters."""

    runs: Path
    language: Language = Language.zh
    identity: Identity = Identity.nobody
    role_without_login: Role = Role.admin
    role_of_others: Role = Role.viewer
    roles: Mapping[str, Role] = field(default_factory=dict)

    def role_of(self, address: str) -> Role:
        """The role of a reader whose e-mail address somebody vouches for."""
        return self.roles.get(address.strip().casefold(), self.role_of_others)


_in_use: list[Settings] = []


def use(settings: Settings) -> None:
    """These settings hold for every session of this process from now on."""
    _in_use[:] = [settings]


def in_use() -> Settings:
    """The settings; raises UsageRefused where the screens were not started by our own command."""
    if not _in_use:
        raise UsageRefused(Problem("dashboard-not-by-command"))
    return _in_use[0]
