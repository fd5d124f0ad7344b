"""The dashboard from an installed wheel: packages, configuration, icon and example are in it."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from audit import Workspace
from tests.browser.conftest import Look, Start
from tests.commanding import HOUSE

OURS = "consent_audit"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with our wheel and its dashboard extra, made without any network.

    The libraries are those of this environment, all but ourselves; pip still checks that what the
    extra asks for is there.
    """
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*build, folder], cwd=HOUSE, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    libraries = folder / "libraries"
    libraries.mkdir()
    for each in Path(sysconfig.get_path("purelib")).iterdir():
        if OURS not in each.name and each.suffix != ".pth":
            (libraries / each.name).symlink_to(each)
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(f"{libraries}\n", encoding="utf-8")
    python = environment / "bin" / "python"
    install = ["-m", "pip", "install", "-q", "--no-index", f"{OURS}[dashboard] @ {wheel.as_uri()}"]
    subprocess.run([python, *install], cwd=folder, env={}, check=True)
    return environment


def test_the_dashboard_starts_from_a_wheel(
    start: Start, look: Look, installed: Path, workspace: Path, tmp_path: Path
) -> None:
    command = [installed / "bin" / "consent-audit"]
    running = start(workspace, "--lang", "zh", command=command, folder=tmp_path, PYTHONPATH="")
    tab = look(running.url).open("overview")
    assert tab.page.locator("html").get_attribute("lang") == "zh-CN"
    (told,) = subprocess.run(
        [installed / "bin" / "python", "-c", "import dashboards; print(dashboards.__file__)"],
        cwd=tmp_path,
        env={},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert Path(told).is_relative_to(installed)


def test_the_example_that_came_with_the_wheel_is_offered_and_audited(
    start: Start, look: Look, installed: Path, tmp_path: Path
) -> None:
    command = [installed / "bin" / "consent-audit"]
    runs = tmp_path / "runs"
    running = start(runs, "--lang", "en", command=command, folder=tmp_path, PYTHONPATH="")
    tab = look(running.url).open("start")
    tab.page.get_by_role("button", name="Audit the example").click()
    ready = tab.page.get_by_role("button", name="Start the audit")
    expect(ready).to_be_enabled()
    ready.click()
    tab.drawn("overview")
    (run,) = Workspace(runs).runs().runs
    assert run.manifest["rows"]["flows"]["judged"] == 242
    export = (run.folder / run.manifest["request"]["export"]).resolve()
    assert export.is_relative_to(installed)
    assert export.name == "small_carrier"
