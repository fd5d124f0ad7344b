"""What a database's URL says: which kind it is and where it lies; a password is no part of it.

A password is named, never written: `postgresql://reader:${CARRIER_PASSWORD}@db.carrier/flows`. Any
part may hold `${VARIABLE}` of the environment. Nothing here is shown but `Address.name`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from audit.problems import Problem, UsageRefused

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Engine(StrEnum):
    """The kinds of database that are read; `<kind>_tables` reads it."""

    postgresql = "postgresql"
    mysql = "mysql"
    sqlite = "sqlite"
    duckdb = "duckdb"


_SCHEMES = {
    **{each.value: each for each in Engine},
    "postgres": Engine.postgresql,
    "mariadb": Engine.mysql,
}
IN_A_FILE = frozenset({Engine.sqlite, Engine.duckdb})


@dataclass(frozen=True)
class Address:
    """Where a database lies.

    name: as people and reports call it; target: a URL without its password, or a path.
    """

    engine: Engine
    name: str
    target: str
    password: str | None = field(default=None, repr=False)


def read_address(url: str, root: Path, environment: Mapping[str, str]) -> Address:
    """The address that a URL says; a file's path is relative to `root` (`sqlite:///flows.db`).

    Raises UsageRefused for a kind that is not known, a password written out and a variable that is
    not set; none of these sentences shows the URL.
    """
    try:
        parts = urlsplit(url)
    except ValueError as fault:
        raise UsageRefused(Problem("url-mistaken", {"known": _known()})) from fault
    engine = _SCHEMES.get(parts.scheme)
    if engine is None:
        raise UsageRefused(Problem("url-mistaken", {"known": _known()}))
    if engine in IN_A_FILE:
        return _in_a_file(engine, filled(unquote(parts.path), environment), root)
    return _on_a_server(engine, parts, environment)


def _known() -> str:
    return ", ".join(f"{scheme}://" for scheme in sorted([*_SCHEMES, "s3"]))


def _in_a_file(engine: Engine, path: str, root: Path) -> Address:
    written = path.removeprefix("/")
    if not written:
        raise UsageRefused(Problem("url-mistaken", {"known": _known()}))
    return Address(engine, written, str((root / written).absolute()))


def _on_a_server(engine: Engine, parts: SplitResult, environment: Mapping[str, str]) -> Address:
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    if _VARIABLE.sub("", password) or "password" in parts.query.casefold():
        raise UsageRefused(Problem("url-password"))
    place = f"{filled(host, environment)}{filled(parts.path, environment)}"
    reader = f"{quote(filled(unquote(user), environment), safe='')}@" if user else ""
    query = f"?{filled(parts.query, environment)}" if parts.query else ""
    secret = filled(password, environment) if password else None
    return Address(engine, place, f"{engine}://{reader}{place}{query}", secret)


def filled(text: str, environment: Mapping[str, str]) -> str:
    """The text with its `${VARIABLES}`; raises UsageRefused, naming each that is not set."""
    lacking = [name for name in _VARIABLE.findall(text) if not environment.get(name)]
    if lacking:
        raise UsageRefused(*(Problem("url-variable", {"variable": name}) for name in lacking))
    return _VARIABLE.sub(lambda found: environment[found[1]], text)
