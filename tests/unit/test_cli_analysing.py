"""`pack lint` and `pack diff` as commands: their pages, data, codes, and the tables they leave."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.analysing import clause, kept, pack
from tests.commanding import command, surroundings
from tests.exporting import toml_file

BUREAU = {"recipient_role": ["credit_bureau"]}
SOUND = pack(
    clause("no", "forbid", BUREAU),
    clause("debt", "except", {**BUREAU, "evidence": "arrears"}, "no"),
)
DEAD = pack(
    clause("no", "forbid", BUREAU),
    clause("all", "permit", {"recipient_role_not": ["carrier"]}, "no"),
)
IMPORTED = """
import sys
import audit.cli
try:
    audit.cli.main(sys.argv[1:])
except SystemExit:
    pass
print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_agreement_is_sound_and_every_flow_confirmed(language: str) -> None:
    done = command(
        "pack",
        "lint",
        "telecom_agreement",
        "--prove",
        "examples/statements.toml",
        "--lang",
        language,
    )
    assert done.code == 0
    assert {"zh": "应当改正 0 处", "en": "0 to be mended"}[language] in done.out
    assert "3-2-7c" in done.out
    assert {"zh": "未能核对", "en": "NOT confirm"}[language] not in done.out


def test_a_fault_ends_with_one_and_its_flow(tmp_path: Path) -> None:
    done = command("pack", "lint", kept(tmp_path, DEAD), "--lang", "en")
    assert done.code == 1
    assert "Clauses that are always overridden 1" in done.out
    assert "  no: overridden every time; here by what is in force: all" in done.out


def test_the_data_hold_every_answer_and_flow(tmp_path: Path) -> None:
    done = command("pack", "lint", kept(tmp_path, DEAD), "--format", "json", "--by", "tables")
    told = json.loads(done.out)
    assert (done.code, told["clean"]) == (1, False)
    (fault,) = (answer for answer in told["answers"] if answer["fault"])
    assert (fault["kind"], fault["clauses"]) == ("always-defeated", ["no"])
    (flow,) = fault["flows"]
    assert flow["facts"] == {"recipient_role": {"any_of": ["credit_bureau"]}}
    assert flow["said"] == [{"verdict": "permitted", "in_force": ["all"]}]
    assert flow["confirmed"] is True


def test_the_flows_are_left_as_an_export_that_can_be_audited(tmp_path: Path) -> None:
    name, out = kept(tmp_path, SOUND), tmp_path / "flows"
    done = command("pack", "lint", name, "--out", out, "--format", "json")
    flows = {
        flow["flow"]: flow["said"][0]["verdict"]
        for answer in json.loads(done.out)["answers"]
        for flow in answer["flows"]
    }
    run = command("run", out / "export.toml", "--pack", name, "--out", tmp_path / "run", "--quiet")
    assert run.code == 1
    verdicts = pl.read_parquet(tmp_path / "run" / "verdicts.parquet")
    assert dict(verdicts.select("flow_id", "contract_verdict").iter_rows()) == flows
    again = command("pack", "lint", name, "--out", out)
    assert again.code == 2


def test_two_versions_are_compared(tmp_path: Path) -> None:
    old, new = kept(tmp_path, SOUND, "old"), kept(tmp_path, DEAD, "new")
    assert command("pack", "diff", old, old).code == 0
    done = command("pack", "diff", old, new, "--lang", "en")
    assert done.code == 1
    assert "clauses added: all" in done.out
    assert "from violation to permitted" in done.out
    told = json.loads(command("pack", "diff", old, new, "--format", "json").out)
    assert told["edits"] == {"added": ["all"], "removed": ["debt"], "edited": []}
    assert {(change["before"], change["after"]) for change in told["changes"]} == {
        ("violation", "permitted"),
        ("excepted", "permitted"),
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint", "nowhere.toml"),
        ("lint", "telecom_agreement", "--by", "guess"),
        ("lint", "telecom_agreement", "--format", "xml"),
        ("lint", "telecom_agreement", "--prove", "nowhere.toml"),
        ("diff", "telecom_agreement"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments: tuple[str, ...]) -> None:
    done = command("pack", *arguments)
    assert done.code == 2
    assert len(done.err.splitlines()) == 1


def test_the_solver_is_loaded_only_where_it_is_asked(tmp_path: Path) -> None:
    for more in (("list",), ("lint", kept(tmp_path, SOUND))):
        done = subprocess.run(
            [sys.executable, "-c", IMPORTED, "pack", *more],
            env=surroundings(),
            capture_output=True,
            text=True,
            check=True,
        )
        assert "z3" not in done.stderr.split()


def test_statements_are_read_beside_the_pack(tmp_path: Path) -> None:
    never = {
        "id": "s",
        "title": {"zh": "征信须有凭证", "en": "A bureau needs proof"},
        "verdict": ["permitted", "excepted"],
        "when": BUREAU,
    }
    file = toml_file(tmp_path / "statements.toml", {"never": [never]})
    done = command("pack", "lint", kept(tmp_path, SOUND), "--prove", file)
    assert done.code == 1
    assert "s：征信须有凭证" in done.out
