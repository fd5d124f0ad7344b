"""Bars and lines say the very counts, and tell verdicts apart by more than colour."""

from pathlib import Path
from typing import Any

import pytest

from audit import Verdict
from dashboards.parts.charts import bars, lines
from dashboards.settings import Settings, use

COUNTS: dict[str, list[int | None]] = {
    "permitted": [6, 0],
    "excepted": [0, 0],
    "indeterminate": [1, None],
    "violation": [3, 4],
}


@pytest.fixture(autouse=True)
def screens_in_chinese(tmp_path: Path) -> None:
    use(Settings(tmp_path))


def by_end(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The series by the last word of their names."""
    series = spec["series"]
    return {str(each["name"]).partition(" ")[2]: each for each in series}


def test_bars_have_a_piece_for_every_verdict_that_occurs_the_gravest_first() -> None:
    series = by_end(bars(["one", "two"], COUNTS))
    assert list(series) == ["违规", "无法判定", "许可"]
    assert series["违规"]["data"] == [3, 4]
    assert series["无法判定"]["data"] == [1, 0]


def test_shares_of_a_bar_add_up_to_one() -> None:
    series = by_end(
        bars(
            ["one", "two", "none"], {each: [*told, 0] for each, told in COUNTS.items()}, shares=True
        )
    )
    for place, whole in enumerate((1, 1, 0)):
        pieces = [each["data"][place] for each in series.values()]
        assert sum(pieces) == pytest.approx(whole)


def test_verdicts_differ_in_pattern_and_in_line_as_well_as_in_colour() -> None:
    everything: dict[str, list[int | None]] = {each: [1] for each in Verdict}
    patterns = [str(each["itemStyle"].get("decal")) for each in bars(["x"], everything)["series"]]
    assert len(set(patterns)) == len(Verdict)
    styles = [
        (each["lineStyle"]["type"], each["name"][0]) for each in lines(["x"], everything)["series"]
    ]
    assert len(set(styles)) == len(Verdict)


def test_a_count_that_is_not_told_leaves_a_gap_in_its_line() -> None:
    assert by_end(lines(["a", "b"], COUNTS))["无法判定"]["data"] == [1, None]
