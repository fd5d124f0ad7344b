"""Each role may do all that the one before it may, and nothing of the one after it."""

import pytest

from audit.casework.roles import NotAllowed, Reader, Role
from audit.problems import UsageRefused
from audit.wording import Language, sentence


@pytest.mark.parametrize(
    ("role", "asked", "allowed"),
    [
        (Role.viewer, Role.viewer, True),
        (Role.viewer, Role.officer, False),
        (Role.viewer, Role.admin, False),
        (Role.officer, Role.viewer, True),
        (Role.officer, Role.officer, True),
        (Role.officer, Role.admin, False),
        (Role.admin, Role.viewer, True),
        (Role.admin, Role.officer, True),
        (Role.admin, Role.admin, True),
    ],
)
def test_roles_rise(role: Role, asked: Role, *, allowed: bool) -> None:
    assert Reader(role).may(asked) is allowed
    if allowed:
        Reader(role).needs(asked)
    else:
        with pytest.raises(NotAllowed):
            Reader(role).needs(asked)


@pytest.mark.parametrize("asked", [Role.officer, Role.admin])
@pytest.mark.parametrize("language", Language)
def test_a_refusal_is_said_in_words(asked: Role, language: Language) -> None:
    with pytest.raises(UsageRefused) as refused:
        Reader(Role.viewer).needs(asked)
    assert sentence(refused.value.problems[0], language)
