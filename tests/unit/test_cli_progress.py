"""Progress in words: how far, of how much, how fast, how long still; and where the time went."""

from pathlib import Path

import polars as pl

from audit.asking import Progress, Stage
from audit.cli.page import Heading, Line, Table
from audit.cli.profiling import WRITING, Profile
from audit.cli.progress import pace, told
from audit.sources.opening import open_export
from audit.wording import Language

HALF = Progress(Stage.FLOWS, 1_000_000, 2_000_000)


def test_rows_are_told_of_all_where_all_are_known() -> None:
    assert told(HALF, Language.en) == "judging flows, 1,000,000 of 2,000,000 rows read ..."
    assert told(Progress(Stage.FLOWS, 7), Language.zh) == "正在判定流转，已读 7 行 ……"
    assert told(Progress(Stage.FLOWS, 7, 7), Language.en) == "judging flows, 7 rows read ..."


def test_the_rate_and_what_is_left_are_told_where_they_are_known() -> None:
    assert pace(HALF, 8, Language.en) == "125,000 a second, about 0:08 left"
    assert pace(HALF, 100, Language.zh) == "每秒 10,000 行，约剩 1:40"
    assert pace(Progress(Stage.FLOWS, 50), 2, Language.en) == "25 a second"
    assert pace(Progress(Stage.REGISTERS), 2, Language.en) == ""
    assert pace(HALF, 0, Language.en) == ""


def test_parquet_tells_how_many_rows_will_come_and_text_does_not(tmp_path: Path) -> None:
    table = pl.DataFrame({"flow_id": ["F1", "F2", "F3"]})
    table.write_parquet(tmp_path / "flows.parquet")
    table.write_parquet(tmp_path / "flows-2.parquet")
    assert open_export(tmp_path).rows("flows") == 6
    table.write_csv(tmp_path / "flows-3.csv")
    assert open_export(tmp_path).rows("flows") is None


def test_a_profile_has_a_row_for_each_step_and_one_for_all() -> None:
    heard: list[Progress] = []
    steps = Profile()
    tell = steps.heard(heard.append)
    for progress in (Progress(Stage.REGISTERS), Progress(Stage.FLOWS, 3), Progress(Stage.FLOWS, 9)):
        tell(progress)
    tell(Progress(Stage.GRAPH, 8))
    steps.at(WRITING)
    assert [progress.rows for progress in heard] == [0, 3, 9, 8]
    heading, table, line = steps.page(Language.en)
    assert isinstance(heading, Heading)
    assert isinstance(table, Table)
    assert isinstance(line, Line)
    names = [row[0] for row in table.rows]
    assert names[0] == "registers"
    assert names[-1] == "in all"
    assert len(names) == 5
    seconds = [float(row[1]) for row in table.rows]
    assert abs(sum(seconds[:-1]) - seconds[-1]) < 0.03  # each is rounded
    assert all(int(row[3].replace(",", "")) > 1 for row in table.rows)
    assert line.text.startswith("9 rows of flows, ")


def test_a_profile_tells_what_the_threads_of_a_step_were_at() -> None:
    steps = Profile()
    tell = steps.heard(lambda _: None)
    tell(Progress(Stage.FLOWS, 3, spent={"reading": 0.0}))
    tell(Progress(Stage.FLOWS, 9, spent={"reading": 1.25, "facts": 2.5}))
    steps.at(WRITING)
    _, table, _ = steps.page(Language.en)
    assert isinstance(table, Table)
    cells = {row[0]: row[1:] for row in table.rows}
    assert cells["- reading and checking"] == ("", "1.25", "")
    assert cells["- facts from the registers"] == ("", "2.50", "")
    assert cells["- other threads (decoding, columns)"] == ("", "0.00", "")
    assert next(iter(cells)) == "flows read and judged"
