"""What a dashboard is started with, read and judged before anything listens.

Three places have a say: the command line, `consent-audit.toml` (names, roles, the proxy), and
Streamlit's `secrets.toml`, whose table `[auth]` is the login. Nothing of it is guessed: without a
login and without a declared proxy the screens are for this machine alone.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from audit import Language, Problem, Role, UsageRefused
from dashboards.gate import Proxy, Rules, hostname
from dashboards.serving import Listening
from dashboards.settings import Identity, Settings

SETTINGS_FILE = "consent-audit.toml"
LOOPBACK = "127.0.0.1"
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_NEEDED_TO_LOG_IN = ("redirect_uri", "cookie_secret")
_PROVIDER = ("client_id", "client_secret", "server_metadata_url")


@dataclass(frozen=True)
class Asked:
    """What the command line says; None where it says nothing."""

    runs: Path
    language: Language
    address: str = LOOPBACK
    port: int | None = None
    settings_file: Path | None = None
    debug: bool = False


@dataclass(frozen=True)
class Declared:
    """What the settings file says."""

    hosts: tuple[str, ...] = ()
    proxy: Proxy | None = None
    role_without_login: Role = Role.admin
    role_of_others: Role = Role.viewer
    roles: Mapping[str, Role] = field(default_factory=dict)


def prepared(asked: Asked) -> tuple[Settings, Listening]:
    """The settings and where to listen; raises UsageRefused with every fault that was found."""
    address = _numeric(asked.address)
    declared, login = declared_in(asked.settings_file), login_in_secrets()
    identity = _identity(declared, login)
    loopback = ip_address(address).is_loopback
    if identity is Identity.nobody and not loopback:
        raise UsageRefused(Problem("dashboard-open-to-strangers", {"address": address}))
    hosts = _hosts(address, declared, login)
    if not hosts:
        raise UsageRefused(Problem("dashboard-without-host", {"file": SETTINGS_FILE}))
    settings = Settings(
        runs=asked.runs.absolute(),
        language=asked.language,
        identity=identity,
        role_without_login=declared.role_without_login,
        role_of_others=declared.role_of_others,
        roles=declared.roles,
    )
    rules = Rules(frozenset(hosts), declared.proxy)
    return settings, Listening(address, asked.port, rules, asked.debug)


def address_of(listening: Listening, port: int) -> str:
    """What to type into a browser."""
    login = login_in_secrets()
    if login:
        parts = urlsplit(str(login["redirect_uri"]))
        return f"{parts.scheme}://{parts.netloc}"
    names = sorted(listening.rules.hosts - OWN_NAMES)
    here = ip_address(listening.address)
    name = names[0] if names and not here.is_loopback else listening.address
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _numeric(address: str) -> str:
    if address == "localhost":
        return LOOPBACK
    try:
        return str(ip_address(address))
    except ValueError as error:
        raise UsageRefused(Problem("dashboard-no-address", {"address": address})) from error


def _identity(declared: Declared, login: Mapping[str, Any]) -> Identity:
    if declared.proxy and login:
        raise UsageRefused(Problem("dashboard-two-identities", {"file": SETTINGS_FILE}))
    if declared.proxy:
        return Identity.proxy
    return Identity.login if login else Identity.nobody


def _hosts(address: str, declared: Declared, login: Mapping[str, Any]) -> set[str]:
    """The names under which a browser may ask; a page of elsewhere that points here has another."""
    named = {host for each in declared.hosts if (host := hostname(each.casefold()))}
    if login and (host := urlsplit(str(login["redirect_uri"])).hostname):
        named.add(host)
    here = ip_address(address)
    if here.is_loopback:
        return named | OWN_NAMES | {address}
    return named if here.is_unspecified else named | {address}


# ---- secrets.toml


def login_in_secrets() -> Mapping[str, Any]:
    """The table [auth] of Streamlit's secrets, made sure to be whole; empty where there is none."""
    from streamlit import config  # noqa: PLC0415 (its home folder is looked up on import)

    found: Mapping[str, Any] = {}
    for path in config.get_option("secrets.files"):
        found = _table(Path(path)).get("auth", {}) or found
    if found:
        _refuse_half_a_login(found)
    return found


def _refuse_half_a_login(auth: Mapping[str, Any]) -> None:
    missing = [name for name in _NEEDED_TO_LOG_IN if not auth.get(name)]
    missing += [name for name in _PROVIDER if not auth.get(name)]
    if missing:
        facts = {"missing": ", ".join(missing)}
        raise UsageRefused(Problem("dashboard-half-a-login", facts))
    if not urlsplit(str(auth["redirect_uri"])).path.endswith("/oauth2callback"):
        raise UsageRefused(Problem("dashboard-redirect", {"address": str(auth["redirect_uri"])}))


# ---- consent-audit.toml


def declared_in(named: Path | None) -> Declared:
    """What the settings file says; the file of this folder where none is named."""
    path = named or Path(SETTINGS_FILE)
    if named is not None and not path.is_file():
        raise UsageRefused(Problem("dashboard-settings-missing", {"file": str(path)}))
    table = _table(path).get("dashboard", {})
    if not isinstance(table, dict):
        raise UsageRefused(_wrong(path, "dashboard"))
    faults = tuple(_faults(path, table))
    if faults:
        raise UsageRefused(*faults)
    return _declared(table)


def _table(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        facts = {"file": str(path), "detail": " ".join(str(error).split())}
        raise UsageRefused(Problem("dashboard-settings-unreadable", facts)) from error


def _faults(path: Path, table: Mapping[str, Any]) -> Iterator[Problem]:
    known = {
        "hosts": _is_hosts,
        "role_without_login": _is_role,
        "role_of_others": _is_role,
        "roles": _is_roles,
        "proxy": _is_proxy,
    }
    for name, value in table.items():
        if name not in known:
            facts = {"file": path.name, "name": name, "known": ", ".join(known)}
            yield Problem("dashboard-settings-unknown", facts)
        elif not known[name](value):
            yield _wrong(path, name)


def _wrong(path: Path, name: str) -> Problem:
    return Problem("dashboard-settings-wrong", {"file": path.name, "name": name})


def _is_role(value: object) -> bool:
    return value in tuple(Role)


def _is_roles(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_role, value.values()))


def _is_hosts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(h, str) and hostname(h) for h in value)


def _is_proxy(value: object) -> bool:
    if not isinstance(value, dict) or value.keys() != {"header", "trusted"}:
        return False
    header, trusted = value["header"], value["trusted"]
    if not isinstance(header, str) or not header.replace("-", "").isalnum():
        return False
    return isinstance(trusted, list) and bool(trusted) and all(map(_network, trusted))


def _network(text: object) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(str(text))
    except ValueError:
        return None


def _declared(table: Mapping[str, Any]) -> Declared:
    proxy = table.get("proxy")
    return Declared(
        hosts=tuple(table.get("hosts", ())),
        proxy=Proxy(proxy["header"], tuple(map(ip_network, proxy["trusted"]))) if proxy else None,
        role_without_login=Role(table.get("role_without_login", Role.admin)),
        role_of_others=Role(table.get("role_of_others", Role.viewer)),
        roles={
            name.strip().casefold(): Role(role) for name, role in table.get("roles", {}).items()
        },
    )
