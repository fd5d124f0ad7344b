"""Bringing a store to the form that this code knows; a newer one is refused, never guessed at."""

from __future__ import annotations

from importlib.resources import files

from sqlalchemy import Connection, inspect, select, text

from audit.problems import Problem, UsageRefused
from audit.triage.tables import NEWEST, VERSION_TABLE, version

_LOCK = 0x7472_6961_6765  # "triage": whoever opens a store of PostgreSQL waits for this number


def migrated(connection: Connection, name: str) -> None:
    """Run what is missing, in the transaction of the connection, which is a writer's.

    Eight that open a store at once wait for one another; all but the first find nothing to do.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if not is_current(connection, name):
        _upgrade(connection)


def is_current(connection: Connection, name: str) -> bool:
    """Whether nothing is missing; raises UsageRefused where the store is newer than this code."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    told = connection.execute(select(version.c.version_num)).scalars().all()
    if len(told) > 1 or any(each > NEWEST for each in told):
        raise UsageRefused(Problem("triage-store-newer", {"store": name}))
    return [*told] == [NEWEST]


def _upgrade(connection: Connection) -> None:
    # A third of a second, for which only the first that opens a store has to wait.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    place = str(files("audit.triage.migrations"))
    config.set_main_option("script_location", place.replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
