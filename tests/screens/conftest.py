"""What tests of screens start from: a workspace that holds the run of the example."""

from pathlib import Path

import pytest

from tests.example_run import EXAMPLE
from tests.screens.keeping import keep
from tests.screens.opening import Opening


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run, that of the example carrier; made once, never written to."""
    folder = tmp_path_factory.mktemp("runs")
    keep(EXAMPLE, folder / "small_carrier")
    return folder


@pytest.fixture
def opening(workspace: Path) -> Opening:
    """Screens on the run of the example, in English, for an administrator."""
    return Opening(workspace)


@pytest.fixture
def nothing_yet(tmp_path: Path) -> Opening:
    """Screens on a workspace in which no run was left yet."""
    return Opening(tmp_path)
