"""A piece of text finds what is named so, whatever its case and however much white space it has."""

import pytest

from audit.casework.searching import telling
from audit.casework.workspace import KeptRun
from tests.judged import NO_GROUND, partner
from tests.kept import OFFICER, kept, several


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> KeptRun:
    flows = [
        *several("A", people=2),
        *several("B", people=2, recipient="HZ-1", units={"health": NO_GROUND}),
    ]
    names = partner("HZ-1", name="杭州 Straße GmbH")
    return kept(tmp_path_factory.mktemp("runs") / "run", flows, names)


@pytest.mark.parametrize(
    "text", ["hz-1", "杭州", "STRASSE", "straße  gmbh", " Gmbh ", "HEALTH", "健康"]
)
def test_the_other_party_and_its_data_are_found(run: KeptRun, text: str) -> None:
    told = telling(run, OFFICER, text)
    assert told.any()
    assert not told.all()


def test_what_all_share_finds_all(run: KeptRun) -> None:
    assert telling(run, OFFICER, "CAR").sum() >= 2


@pytest.mark.parametrize("text", ["nobody", "[", "(?i)car", "CAR|HZ", "\\"])
def test_no_pattern_is_read_into_a_text(run: KeptRun, text: str) -> None:
    assert not telling(run, OFFICER, text).any()
