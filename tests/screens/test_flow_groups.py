"""Flows in groups on the screen: the Sankey, the timeline, and the flows behind a choice."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from audit import By, Language, Role, Verdict
from dashboards.parts.calendar import Calendar, Step
from dashboards.parts.sankey import Group
from tests.screens.opening import Opening, words
from tests.screens.recounting import Recount, is_few

CHOSEN = "flow-groups-group"


@pytest.fixture
def counted(workspace: Path) -> Recount:
    return Recount(workspace / "small_carrier")


def spec(app: AppTest, number: int) -> dict[str, Any]:
    """What ECharts is given for one of the charts."""
    told: dict[str, Any] = json.loads(app.get("echarts_chart")[number].proto.spec)
    return told


def test_every_judged_flow_is_drawn_once_on_either_side(opening: Opening, counted: Recount) -> None:
    (series,) = spec(opening.screen("flow_groups"), 0)["series"]
    depth = {node["name"]: node["depth"] for node in series["data"]}
    wide = Counter[int]()
    for link in series["links"]:
        wide[depth[link["source"]]] += link["value"]
        assert depth[link["target"]] == depth[link["source"]] + 1
    assert wide == {0: len(counted.flows), 1: len(counted.flows)}


def test_the_table_says_the_same_as_the_files(opening: Opening, counted: Recount) -> None:
    table = opening.screen("flow_groups").dataframe[0].value
    told = {
        (row["recipient"], row["purpose"]): (row["flows"], row["violation"])
        for row in table.to_dict("records")
    }
    mine = [
        flow
        for flow in counted.flows
        if (flow["recipient"], flow["purpose"]) == ("BROKER-X", "commercial.data_sale")
    ]
    wrong = [f for f in mine if counted.verdicts[f["flow_id"]]["overall"] == "violation"]
    assert told["聚流数据服务有限公司 · BROKER-X", "Sale of data"] == (len(mine), len(wrong))
    assert sum(flows for flows, _ in told.values()) == len(counted.flows)


def test_only_violations_can_be_counted(opening: Opening, counted: Recount) -> None:
    app = opening.screen("flow_groups")
    app.button_group(key="flow-groups-counted").set_value("violation").run()
    (series,) = spec(app, 0)["series"]
    wrong = [row for row in counted.verdicts.values() if row["overall"] == "violation"]
    assert sum(link["value"] for link in series["links"]) == 2 * len(wrong)


@pytest.mark.parametrize("by", By)
def test_the_timeline_counts_every_flow_on_its_day_in_the_zone_of_the_run(
    opening: Opening, counted: Recount, by: By
) -> None:
    app = opening.screen("flow_groups")
    app.button_group(key="flow-groups-by").set_value(by.value).run()
    chart = spec(app, 1)
    told = Counter[tuple[str, str]]()
    signs = {"✕": "violation", "?": "indeterminate", "◇": "excepted", "✓": "permitted"}
    for series in chart["series"]:
        for day, flows in zip(chart["xAxis"]["data"], series["data"], strict=True):
            told[day, signs[series["name"][0]]] += flows
    letters = 10 if by is By.day else 7
    expected = Counter(
        (flow["occurred_at"][:letters], str(counted.verdicts[flow["flow_id"]]["overall"]))
        for flow in counted.flows
        if flow["occurred_at"].endswith("+08:00")
    )
    assert sum(expected.values()) > 200
    if all(flow["occurred_at"].endswith("+08:00") for flow in counted.flows):
        assert +told == expected
    assert sum(told.values()) == len(counted.flows)


def test_a_choice_lists_exactly_its_flows(opening: Opening, counted: Recount) -> None:
    app = opening.screen("flow_groups")
    app.session_state[CHOSEN] = Group(("BROKER-X",), (), Verdict.VIOLATION)
    app.run()
    expected = {
        flow["flow_id"]
        for flow in counted.flows
        if flow["recipient"] == "BROKER-X"
        and counted.verdicts[flow["flow_id"]]["overall"] == "violation"
    }
    assert set(app.dataframe[-1].value["flow_id"]) == expected
    assert "BROKER-X · ✕ violation" in words(app)


def test_letting_go_of_a_choice_lists_nothing(opening: Opening) -> None:
    app = opening.screen("flow_groups")
    app.session_state[CHOSEN] = Group(("BROKER-X",))
    app.run()
    (clear,) = [each for each in app.button if each.label == "Clear"]
    assert "Click a node, a link or a bar" in words(clear.click().run())


def test_a_click_on_the_calendar_asks_for_its_verdict_and_days(opening: Opening) -> None:
    opening.screen("flow_groups")  # the words of the verdicts are those of a tab
    told = pl.DataFrame(
        {
            "at": [date(2025, 1, 1), date(2025, 12, 1), date(2025, 12, 1)],
            "verdict": ["permitted", "violation", "permitted"],
            "flows": [3, 1, 4],
        }
    )
    clicked = [{"series_index": 0, "data_indices": [1]}]
    expected = Step(Verdict.VIOLATION, date(2025, 12, 1), date(2026, 1, 1))
    assert Calendar(told, By.month).chosen(clicked) == expected
    assert Calendar(told, By.day).chosen(clicked) == replace(expected, before=date(2025, 12, 2))
    assert Calendar(told, By.month).chosen([{"series_index": 7, "data_indices": [0]}]) is None
    assert Calendar(told, By.month).chosen([]) is None


def test_a_viewer_sees_groups_but_no_single_flow_and_nothing_of_few_people(
    opening: Opening, counted: Recount
) -> None:
    app = replace(opening, role=Role.viewer).screen("flow_groups")
    app.session_state[CHOSEN] = Group(("BROKER-X",))
    shown = words(app.run())
    assert "needs the role of officer" in shown
    assert not any(flow["flow_id"] in shown for flow in counted.flows)
    people = app.dataframe[0].value["subjects"].dropna()
    told = {each.strip() for each in people}
    assert "all customers" in told
    assert not any(is_few(each.replace(",", "")) for each in told)


def test_without_the_export_the_groups_are_there_and_the_timeline_says_why_not(
    workspace: Path, tmp_path: Path
) -> None:
    shutil.copytree(workspace / "small_carrier", tmp_path / "elsewhere" / "run")
    shown = words(Opening(tmp_path / "elsewhere").screen("flow_groups"))
    assert "The timeline cannot be shown" in shown
    assert "Sale of data" in shown


def test_everything_is_in_chinese_too(opening: Opening) -> None:
    app = replace(opening, language=Language.zh).screen("flow_groups")
    shown = words(app)
    assert "时间分布" in shown
    assert "数据出售" in shown
    assert "其他第三方" in json.dumps(spec(app, 0), ensure_ascii=False)
