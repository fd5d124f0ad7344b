"""Everything at a desk says for whom it is, and asks the role before it reads."""

import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from audit.casework.comparing import Change
from audit.casework.desk import Desk
from audit.casework.exporting import Form
from audit.casework.findings import Filter
from audit.casework.roles import NotAllowed, Reader, Role
from audit.casework.triaging import Ruling
from audit.casework.workspace import KeptRun
from audit.changes.reading import change_of
from audit.triage.decision import Kind, Target
from audit.triage.state import State
from audit.wording import Language
from tests.dutiful import Case, kept

METHODS = {
    name: method
    for name, method in vars(Desk).items()
    if inspect.isfunction(method) and not name.startswith("_")
}
ALLOWED = {"everybody": Role.viewer, "officers": Role.officer, "administrators": Role.admin}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept(tmp_path_factory.mktemp("runs"), [Case()])


def least_role(method: Callable[..., Any]) -> Role:
    """The least role that the method's docstring names."""
    (named,) = re.findall(r"For (everybody|officers|administrators)\.", method.__doc__ or "")
    return ALLOWED[named]


def asked(name: str, desk: Desk) -> object:
    """What the method gives, asked with whatever it needs."""
    everything = Desk(desk.run, Reader(Role.admin))
    finding = everything.page().frame.row(0, named=True)
    facts: dict[str, object] = {
        "asked": Filter(),
        "fingerprint": finding["fingerprint"],
        "flow_id": finding["examples"][0],
        "form": Form.CSV,
        "language": Language.zh,
        "later": desk.run,
        "change": Change.SAME,
        "supposed": change_of({"pack": [{"id": "dutiful", "draft": ["any"]}]}, ""),
        "parties": ["CARRIER"],
        "subject": everything.flows().frame["subject"][0],
        "paper": "html",
        "findings": everything.page().frame,
        "now": datetime(2026, 1, 1, tzinfo=UTC),
        "ruling": Ruling(
            State.UNDER_REVIEW,
            (Target(Kind.FINDING, (finding["fingerprint"],)),),
            "why",
            author="Li",
        ),
        "seen": everything.decisions(finding["fingerprint"])[0],
        "identity": everything.duties().frame["id"][0],
    }
    needed = [
        each.name
        for each in inspect.signature(METHODS[name]).parameters.values()
        if each.default is each.empty and each.name != "self"
    ]
    return METHODS[name](desk, **{each: facts[each] for each in needed})


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("role", Role)
def test_a_method_answers_those_for_whom_it_is_and_refuses_all_others(
    run: KeptRun, name: str, role: Role
) -> None:
    desk = Desk(run, Reader(role))
    if role.covers(least_role(METHODS[name])):
        assert asked(name, desk) is not None
    else:
        with pytest.raises(NotAllowed):
            asked(name, desk)


def test_there_is_something_for_everybody_and_something_for_officers() -> None:
    roles = {least_role(method) for method in METHODS.values()}
    assert {Role.viewer, Role.officer} <= roles
