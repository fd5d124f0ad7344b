"""`whatif` says how verdicts would move, by which clauses, and how it knows."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.commanding import HOUSE, Done, command

EXAMPLE = HOUSE / "examples" / "small_carrier"
OFF = '[[pack]]\nid = "telecom_agreement"\noff = ["3-2-7b"]\n'
ENDED = '[[party]]\nid = "AFF-CLOUD"\nagreement_until = 2025-01-31\n'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    shutil.copytree(EXAMPLE, folder / "export")
    command("run", folder / "export", "--out", folder / "run")
    return folder / "run"


def supposed(run: Path, text: str, *options: str) -> Done:
    file = run.parent / "change.toml"
    file.write_text(text, encoding="utf-8")
    return command("whatif", run, "--change", file, *options)


def told(run: Path, text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(supposed(run, text, "--format", "json").out)
    return found


def test_a_clause_left_out_is_answered_without_the_export(run: Path) -> None:
    moved = run.with_name("moved")
    (run.parent / "export").rename(moved)
    try:
        found = told(run, OFF)
    finally:
        moved.rename(run.parent / "export")
    assert (found["answered"], found["judged_again"]) == ("stored", 0)
    assert all("3-2-7b" not in each["after_by"] for each in found["shifts"])
    assert any(each["before_by"] == ["3-2-7b"] for each in found["shifts"])


def test_a_contract_that_ended_asks_its_flows_alone(run: Path) -> None:
    found = told(run, ENDED)
    assert found["answered"] == "some"
    assert 0 < found["judged_again"] < 20
    (shift,) = found["shifts"]
    assert (shift["before_by"], shift["after"]) == (["3-2-7a"], "violation")


def test_a_register_declared_complete_asks_every_flow(run: Path) -> None:
    found = told(run, 'complete = ["evidence.arrears"]')
    assert found["answered"] == "whole"
    assert found["judged_again"] == sum(
        each["flows"] for each in found["verdicts"] if each["layer"] == "contract"
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_so_in_either_language(run: Path, language: str) -> None:
    done = supposed(run, OFF, "--lang", language)
    assert done.code == 1
    for part in ("3-2-7b", "→"):
        assert part in done.out
    assert ("没有重新读取数据" if language == "zh" else "no flow was read again") in done.out


def test_what_moves_nothing_ends_well(run: Path) -> None:
    done = supposed(run, '[[party]]\nid = "AFF-CLOUD"\nlicence = "L-1"\n', "--lang", "en")
    assert done.code == 0
    assert "would move no verdict" in done.out


def test_all_faults_of_a_change_are_told_at_once(run: Path) -> None:
    text = (
        'complete = ["evidence.none"]\n[[pack]]\nid = "telecom_agreement"\noff = ["9-9"]\n'
        '[[party]]\nid = "NOBODY"\ncountry = "CN"\n[[party]]\nid = "AFF-CLOUD"\n'
        'agreement_until = "soon"\nlegal_role = "boss"\ncountry = "Mars"\n'
        'purposes = { remove = ["public"] }\n'
        '[[withdraw]]\nrecipient = "nobody"\nat = "then"\n'
        '[[evidence]]\nevidence_id = "E-X"\nkind = "arrears"\nvalid_from = "x"\namount = "much"\n'
    )
    done = supposed(run, text, "--lang", "en")
    assert done.code == 2
    for said in (
        *("evidence.none", "9-9", "NOBODY", "agreement_until", "legal_role", "Mars", "`public`"),
        *("recipient = nobody", "`then`", "valid_from", "amount"),
    ):
        assert said in done.err


def test_a_pack_of_another_layer_is_refused(run: Path) -> None:
    done = supposed(run, '[[pack]]\nid = "telecom_agreement"\nwith = "cn_statute"\n')
    assert done.code == 2


def test_a_run_that_was_changed_is_not_asked(run: Path, tmp_path: Path) -> None:
    other = shutil.copytree(run, tmp_path / "run")
    (other / "rejected.csv").write_text("")
    (tmp_path / "change.toml").write_text(OFF)
    assert command("whatif", other, "--change", tmp_path / "change.toml").code == 3


def test_neither_the_run_nor_the_export_is_touched(run: Path) -> None:
    def contents() -> dict[Path, bytes]:
        places = (run, run.with_name("export"))
        return {file: file.read_bytes() for place in places for file in place.iterdir()}

    before = contents()
    supposed(run, ENDED)
    assert contents() == before
