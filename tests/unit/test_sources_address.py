"""A database's URL: what it must say, and that its secrets come from the environment alone."""

from pathlib import Path

import pytest

from audit.problems import UsageRefused
from audit.sources.address import Engine, read_address
from audit.wording import Language, sentence

ROOT = Path("/exports")
SECRET = "p@ss:w/#ord"  # noqa: S105 - of nobody
ENVIRONMENT = {"PASSWORD_OF_READER": SECRET, "HOST": "db.carrier", "EMPTY": ""}


@pytest.mark.parametrize(
    ("url", "engine", "name", "target"),
    [
        ("sqlite:///a/b.db", Engine.sqlite, "a/b.db", "/exports/a/b.db"),
        ("sqlite:////abs/b.db", Engine.sqlite, "/abs/b.db", "/abs/b.db"),
        ("duckdb:///%E5%BA%93.duckdb", Engine.duckdb, "库.duckdb", "/exports/库.duckdb"),
        (
            "postgres://me@${HOST}:6432/crm?sslmode=verify-full",
            Engine.postgresql,
            "db.carrier:6432/crm",
            "postgresql://me@db.carrier:6432/crm?sslmode=verify-full",
        ),
    ],
)
def test_a_url_says_where_a_database_lies(url: str, engine: str, name: str, target: str) -> None:
    address = read_address(url, ROOT, ENVIRONMENT)
    assert (address.engine, address.name, address.target) == (engine, name, target)


def test_a_password_is_taken_from_the_environment_and_never_shown() -> None:
    address = read_address("postgresql://me:${PASSWORD_OF_READER}@${HOST}/crm", ROOT, ENVIRONMENT)
    assert address.password == SECRET
    assert SECRET not in repr(address)
    assert (address.name, address.target) == ("db.carrier/crm", "postgresql://me@db.carrier/crm")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://me:hunter2@host/crm", "url-password"),
        ("postgresql://me:${PASSWORD_OF_READER}2hunter2@host/crm", "url-password"),
        ("postgresql://me@host/crm?password=hunter2", "url-password"),
        ("postgresql://me:${UNSET}@hunter2/crm", "url-variable"),
        ("postgresql://${EMPTY}@hunter2/crm", "url-variable"),
        ("oracle://me:hunter2@host/crm", "url-mistaken"),
        ("hunter2", "url-mistaken"),
        ("sqlite:///", "url-mistaken"),
        ("postgresql://[hunter2/crm", "url-mistaken"),
    ],
)
def test_a_mistaken_url_is_refused_without_being_shown(url: str, code: str) -> None:
    with pytest.raises(UsageRefused) as refusal:
        read_address(url, ROOT, ENVIRONMENT)
    assert [problem.code for problem in refusal.value.problems] == [code]
    for language in Language:
        assert "hunter2" not in sentence(refusal.value.problems[0], language)
