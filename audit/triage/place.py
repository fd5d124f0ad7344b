"""Where the log of decisions lies: named, or beside the runs; nothing heavy is loaded to tell."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from audit.problems import Problem, UsageRefused
from audit.sources.address import Address, Engine, read_address

STORE_FILE = "triage.sqlite"
STORE_VARIABLE = "CONSENT_AUDIT_STORE"
_HELD = frozenset({Engine.sqlite, Engine.postgresql})


def store_at(
    runs: Path, named: str | None = None, environment: Mapping[str, str] = os.environ
) -> Address | None:
    """The store that was named, or the one that lies in this folder of runs; None without.

    Raises UsageRefused where a name leads nowhere: what was decided must not be overlooked.
    """
    told = named or environment.get(STORE_VARIABLE) or None
    if told is None:
        return beside(runs) if os.path.lexists(runs / STORE_FILE) else None
    address = address_of(told, environment)
    if address.engine is Engine.sqlite and not Path(address.target).exists():
        raise UsageRefused(Problem("triage-store-missing", {"store": address.name}))
    return address


def store_for(
    runs: Path, named: str | None = None, environment: Mapping[str, str] = os.environ
) -> Address:
    """Where a decision is written to; a file that is not there yet is made."""
    told = named or environment.get(STORE_VARIABLE) or None
    return address_of(told, environment) if told else beside(runs)


def beside(runs: Path) -> Address:
    """The store in a folder of runs."""
    return Address(Engine.sqlite, STORE_FILE, str((runs / STORE_FILE).absolute()))


def address_of(told: str, environment: Mapping[str, str]) -> Address:
    """The store of this path or URL; a password is named in it (`${VARIABLE}`), never written."""
    if "://" not in told:
        return Address(Engine.sqlite, told, str(Path(told).absolute()))
    address = read_address(told, Path.cwd(), environment)
    if address.engine not in _HELD:
        raise UsageRefused(Problem("triage-store-kind", {"kind": address.engine.value}))
    return address
