"""Runs kept in a folder, written by hand flow by flow, and who reads them."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun, opened
from audit.outcome import InputFile, digest
from audit.reports.run_folder import leave
from tests.judged import NO_GROUND, Flow, audited, carrier, judgement, parties, partner

VIEWER, OFFICER, ADMIN = (Reader(role) for role in Role)


def several(
    name: str, *, people: int, start: int = 0, recipient: str = "PTR-1", **other: object
) -> list[Flow]:
    """A violating flow of each of so many people, numbered from `start`, one a day."""
    told = Flow("", recipient=recipient, units={"contact.phone": NO_GROUND})
    return [
        replace(told, flow_id=f"{name}-{n}", subject=start + n, day=n, **other)  # type: ignore[arg-type]
        for n in range(people)
    ]


def kept(folder: Path, flows: Iterable[Flow], *rows: dict[str, object]) -> KeptRun:
    """The run of these flows, left in the folder; partners PTR-1 and PTR-2 are registered."""
    register = [carrier(), partner("PTR-1", "service"), partner("PTR-2"), *rows]
    judged = list(flows)
    audit = audited(judgement(*judged), parties(*register))
    name = digest([(flow.flow_id, flow.records) for flow in judged])
    inputs = (InputFile("flows", "flows.csv", name, len(judged) + 1),)
    leave(replace(audit, inputs=inputs), folder)
    return opened(folder)
