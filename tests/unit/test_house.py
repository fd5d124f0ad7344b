"""The walls of the house stand: a module without a place, or a trace of a machine, fails here."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
MADE = {".git", ".venv", "runs", "dist", "artefacts", "__pycache__", ".hypothesis"}
MADE |= {".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache"}
PACKAGES = ("audit", "consent_schemas", "dashboards")
EXAMPLE = "examples/small_carrier/"
LINTER = "from importlinter.cli import lint_imports_command as lint; lint()"


def files_of_the_project() -> list[Path]:
    everything = (path for path in HOUSE.rglob("*") if path.is_file())
    return [path for path in everything if not MADE & set(path.relative_to(HOUSE).parts)]


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(
            HOUSE / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def lint_imports(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINTER, "--no-cache", "--no-logo"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_copy_as_it_is_keeps_every_contract(copy_of_the_house: Path) -> None:
    result = lint_imports(copy_of_the_house)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("stray", "line", "contract"),
    [
        ("audit/utils.py", "", "nothing stands outside the list"),
        ("audit/wording/stray.py", "import audit.clauses", "falls one way"),
        ("audit/facts/stray.py", "import networkx", "Only flowgraph knows networkx"),
        ("audit/facts/stray.py", "import streamlit", "Only the dashboards know Streamlit"),
        ("audit/facts/stray.py", "import typst", "Only the typesetter knows typst"),
        ("audit/facts/stray.py", "import z3", "Only the solver knows Z3"),
        ("dashboards/stray.py", "from audit import wording", "goes past its door"),
        ("dashboards/stray.py", "import consent_schemas", "Only the audit reads"),
        ("consent_schemas/stray.py", "import audit", "the audit looks at the data"),
    ],
)
def test_a_stray_module_breaks_a_contract(
    copy_of_the_house: Path, stray: str, line: str, contract: str
) -> None:
    (copy_of_the_house / stray).write_text(f'"""A stray."""\n\n{line}\n', encoding="utf-8")
    result = lint_imports(copy_of_the_house)
    assert result.returncode != 0
    broken = " ".join(
        report
        for report in re.split(r"\n(?=\S.*(?:KEPT|BROKEN))", result.stdout)
        if "BROKEN" in report
    )
    assert contract in broken


def test_no_file_knows_a_machine_or_a_private_folder() -> None:
    # Written in two halves, so that this file does not hold what it looks for.
    traces = [
        a.encode() + b
        for a, b in (
            ("/wo", b"rk/"),
            ("/ro", b"ot/"),
            ("/ho", b"me/"),
            (".lib", b"rary"),
            ("../sh", b"ared"),
            ("plan/", b"plan.md"),
        )
    ]
    found = [
        f"{path.relative_to(HOUSE)}: {trace.decode()}"
        for path in files_of_the_project()
        for trace in traces
        if trace in path.read_bytes()
    ]
    assert not found


def test_constraints_name_no_place_where_packages_come_from() -> None:
    constraints = (HOUSE / "constraints.txt").read_text(encoding="utf-8")
    for place in ("://", "file:", "--index-url", "--find-links", " @ "):
        assert place not in constraints


def test_constraints_pin_everything_with_a_digest() -> None:
    constraints = (HOUSE / "constraints.txt").read_text(encoding="utf-8")
    named = re.findall(r"^[\w.-]+.*(?:\n    --hash=sha256:\w{64}.*)*", constraints, re.MULTILINE)
    assert named
    assert not [entry for entry in named if not re.match(r"[\w.-]+==\S+.*\n    --hash", entry)]


def test_modules_stay_short_and_the_door_is_narrow() -> None:
    lengths = {
        path.relative_to(HOUSE).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for package in PACKAGES
        for path in (HOUSE / package).rglob("*.py")
    }
    assert not {path: length for path, length in lengths.items() if length >= 300}
    assert lengths["audit/__init__.py"] < 60


def test_a_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*command, "--directory", tmp_path], cwd=HOUSE, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.startswith("consent_audit-")}
    ours = {path.relative_to(HOUSE).as_posix() for path in files_of_the_project()}
    example = {f"consent_schemas/{path}" for path in ours if path.startswith(EXAMPLE)}
    assert example, "the screens offer the example, installed or not"
    assert held == {path for path in ours if path.startswith(PACKAGES)} | example
