"""The examples of pipelines do what they say: their own steps, in bash, on the example carrier."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.commanding import HOUSE

PIPELINES = HOUSE / "examples" / "pipelines"
EXAMPLE = HOUSE / "examples" / "small_carrier"
WORKFLOW = yaml.safe_load((PIPELINES / "audit.yml").read_text(encoding="utf-8"))
NEW = "F-NEW,2025-07-01T10:05:00+08:00,S-0021,CARRIER,PTR-DATA,comm.cdr,marketing,share,,,batch,1\n"


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository as the workflow wants it, its baseline made as the workflow says."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copytree(PIPELINES, folder, dirs_exist_ok=True)
    shutil.copytree(EXAMPLE, folder / "export")
    told = (PIPELINES / "audit.yml").read_text(encoding="utf-8").splitlines()
    lines = [line.removeprefix("#   ") for line in told if line.startswith("#   ")]
    assert len(lines) == 2
    first, copy = (bash(line, folder) for line in lines)
    assert (first.returncode, copy.returncode) == (1, 0), first.stderr
    shutil.rmtree(folder / "runs")
    return folder


@pytest.fixture
def repository(accepted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(accepted, tmp_path / "repository"))


def bash(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The line as GitHub runs it (`shell: bash`), with the command as it was installed."""
    bare = {name: text for name, text in os.environ.items() if not name.startswith("CONSENT_AUDIT")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", line],
        cwd=folder,
        env={**bare, **environment, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def steps(folder: Path, only: str = "") -> dict[str, int]:
    """The exit code of every step that is run; after one that failed only those that always are.

    `only`: the step that begins so, by itself.
    """
    codes: dict[str, int] = {}
    job: dict[str, Any] = WORKFLOW["jobs"]["audit"]
    told = {**job["env"], "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    for step in job["steps"]:
        if "run" not in step or step.get("id") == "install" or not step["name"].startswith(only):
            continue
        if any(codes.values()) and step.get("if") != "always()":
            continue
        codes[step["name"].split(";")[0]] = bash(step["run"], folder, **told).returncode
    return codes


def more(folder: Path) -> None:
    with (folder / "export" / "flows.csv").open("a", encoding="utf-8") as file:
        file.write(NEW)


def test_the_workflow_fails_where_something_is_new_until_that_is_accepted(
    repository: Path,
) -> None:
    assert WORKFLOW["defaults"]["run"]["shell"] == "bash"
    more(repository)
    codes = steps(repository)
    assert len(codes) == 4
    assert {name: code for name, code in codes.items() if code} == {"Audit": 1}
    (uploaded, kept) = (step["with"] for step in WORKFLOW["jobs"]["audit"]["steps"][-2:])
    results = json.loads((repository / uploaded["sarif_file"]).read_bytes())["runs"][0]["results"]
    states = [each["baselineState"] for each in results]
    assert states.count("new") > 0
    assert states.count("updated") == states.count("absent") == 0
    run = repository / kept["path"]
    assert {"report.html", "junit.xml", "baseline.json"} <= {each.name for each in run.iterdir()}
    shutil.copy(run / "baseline.json", repository)
    shutil.rmtree(repository / "runs")
    assert steps(repository, "Audit") == {"Audit": 0}
    last = (repository / "summary.md").read_text(encoding="utf-8").splitlines()[-1]
    assert " 0 new, 0 worse, 0 gone" in last


def nightly(repository: Path) -> tuple[int, str, set[str]]:
    """How the script ended, what it said, and the runs that are kept then."""
    done = bash("./nightly.sh", repository, KEEP="1")
    assert done.stderr == ""
    runs = {run.name for run in (repository / "runs").glob("[!.]*")}
    return done.returncode, done.stdout, runs


def test_cron_says_one_line_where_there_is_news_and_none_where_there_is_not(
    repository: Path,
) -> None:
    flows = repository / "export" / "flows.csv"
    accepted = flows.read_bytes()
    more(repository)
    code, said, (last,) = nightly(repository)
    assert (code, said.count("\n")) == (1, 1)
    assert " new, 0 worse, 0 gone" in said
    assert f"runs/{last}" in said
    flows.write_bytes(accepted)
    code, said, (now,) = nightly(repository)
    assert (code, said) == (0, "")
    assert now != last, "of the runs that nothing rests on so many are kept as were asked"


def test_cron_says_why_nothing_could_be_audited(repository: Path) -> None:
    (repository / "baseline.json").write_text("{}", encoding="utf-8")
    code, said, runs = nightly(repository)
    assert (code, said.count("\n"), runs) == (2, 1, set())
    assert "baseline.json" in said


def test_two_nights_do_not_meet(repository: Path) -> None:
    held = "exec 8> .nightly.lock; flock 8; ./nightly.sh"
    done = bash(held, repository)
    assert (done.returncode, done.stdout, (repository / "runs").exists()) == (0, "", False)
