"""What a program reads back from the JSON report."""

import json
from pathlib import Path

from audit.reports.as_json import render
from tests.judged import NO_GROUND, Flow, audited, carrier, judgement, parties, partner

FLOWS = (
    Flow("F1"),
    Flow("F2", units={"contact.phone": NO_GROUND}),
    Flow("F3", sender="PTR-1", recipient="PTR-2", day=1),
)


def report(folder: Path) -> bytes:
    audit = audited(judgement(*FLOWS), parties(carrier(), partner("PTR-1")))
    ((name, write),) = render(audit).items()
    write(folder / name)
    return (folder / name).read_bytes()


def test_the_report_tells_the_run_its_findings_and_its_graph(tmp_path: Path) -> None:
    told = json.loads(report(tmp_path))
    assert told["run"]["verdicts"]["contract"]["violation"] == 1
    assert sum(told["run"]["findings"].values()) == len(told["findings"])
    assert told["findings"][0]["examples"] == ["F2"]
    assert told["edges"][0]["first_seen"] == "2025-01-01T00:00:00Z"
    assert told["onward"][0]["path"] == ["CAR", "PTR-1", "PTR-2"]
    assert [row["party_id"] for row in told["unregistered"]] == ["PTR-2"]


def test_the_report_is_one_text_with_sorted_keys(tmp_path: Path) -> None:
    text = report(tmp_path)
    assert text == report(tmp_path)
    told = json.loads(text)
    spelled = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert text == spelled.encode() + b"\n"
