"""What a run left of its signatures is read back as it was, and asked only where it can answer."""

import json
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from audit.casework.replaying import stored_replay
from audit.casework.workspace import KeptRun, opened
from audit.changes.reading import change_of
from audit.problems import InputRefused, UsageRefused
from audit.reports.recalling import asked
from audit.reports.run_folder import leave
from audit.reports.signatures import kept_signatures
from audit.running import Request, audit
from tests.example_run import EXAMPLE, kept_run

OFF = change_of({"pack": [{"id": "telecom_agreement", "off": ["3-2-7b"]}]}, "")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    return kept_run(tmp_path_factory.mktemp("runs"))


def test_signatures_are_read_back_as_they_were_left(tmp_path: Path) -> None:
    request = Request(EXAMPLE)
    found = audit(request)
    leave(found, tmp_path / "run", asked=asked(request, tmp_path / "run"))
    kept, told = kept_signatures(tmp_path / "run"), found.judgement.signed
    assert kept is not None
    assert told is not None
    assert_frame_equal(kept.table, told.table)
    assert kept.of_flow.to_list() == told.of_flow.to_list()
    assert kept.conditions == told.conditions


def test_a_run_without_signatures_is_judged_again(run: KeptRun, tmp_path: Path) -> None:
    assert stored_replay(run, OFF) is not None
    other = copy_of(run, tmp_path)
    (other / "signatures.parquet").unlink()
    assert stored_replay(opened(other), OFF) is None


def test_so_is_a_run_that_another_version_made(run: KeptRun, tmp_path: Path) -> None:
    other = copy_of(run, tmp_path)
    manifest = json.loads((other / "manifest.json").read_bytes())
    manifest["versions"]["consent-audit"] = "0.0.1"
    (other / "manifest.json").write_text(json.dumps(manifest))
    assert stored_replay(opened(other), OFF) is None


def test_a_pack_that_is_no_longer_what_the_run_read_is_refused(
    run: KeptRun, tmp_path: Path
) -> None:
    other = copy_of(run, tmp_path)
    manifest = json.loads((other / "manifest.json").read_bytes())
    manifest["packs"][0]["digest"] = "0" * 64
    (other / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputRefused):
        stored_replay(opened(other), OFF)


@pytest.mark.parametrize(
    "document",
    [
        {"complete": ["evidence.arrears"]},
        {"party": [{"id": "AFF-CLOUD", "licence": "L-1"}]},
        {"withdraw": [{"kind": "separate", "at": "2025-01-01"}]},
    ],
)
def test_what_asks_a_register_is_not_answered_from_signatures(
    run: KeptRun, document: dict[str, object]
) -> None:
    assert stored_replay(run, change_of(document, "")) is None


def test_a_clause_that_is_not_there_is_refused(run: KeptRun) -> None:
    with pytest.raises(UsageRefused):
        stored_replay(run, change_of({"pack": [{"id": "telecom_agreement", "off": ["x"]}]}, ""))


def copy_of(run: KeptRun, folder: Path) -> Path:
    """The run in another folder, from where its export is not found."""
    other = folder / "copy"
    other.mkdir()
    for file in run.folder.iterdir():
        if file.is_file():
            (other / file.name).write_bytes(file.read_bytes())
    return other
