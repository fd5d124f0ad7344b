"""The data map on the screen: what it draws, its table, what is laid over it, what was chosen."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from audit import Language, Role, Verdict
from dashboards.parts.data_map.places import HEIGHT, WIDTH
from tests.screens.opening import Opening, words
from tests.screens.recounting import Recount

MAP = "data_map"
SHANGHAI = timezone(timedelta(hours=8))


@pytest.fixture
def counted(workspace: Path) -> Recount:
    return Recount(workspace / "small_carrier")


def series(app: AppTest) -> dict[str, Any]:
    """The graph that ECharts is given."""
    (chart,) = app.get("echarts_chart")
    (told,) = json.loads(chart.proto.spec)["series"]
    return dict(told)


def lines(app: AppTest) -> dict[tuple[str, str], dict[str, Any]]:
    return {(link["source"], link["target"]): link for link in series(app)["links"]}


def nodes(app: AppTest) -> dict[str, dict[str, Any]]:
    """The nodes without the marks of a cut and without the guides, whose ids hold a NUL."""
    return {node["id"]: node for node in series(app)["data"] if "\0" not in node["id"]}


def address(app: AppTest, code: str) -> str | None:
    """What the address says; AppTest gives a text or a list of texts."""
    said = app.query_params.get(code)
    return said[0] if isinstance(said, list) else said


def day(written: str) -> date:
    """The day of a time in the run's zone, in which times without a zone are."""
    told = datetime.fromisoformat(written)
    return (told.astimezone(SHANGHAI) if told.tzinfo else told).date()


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def worst(counted: Recount) -> dict[tuple[str, str], Verdict]:
    """The worst verdict of every relation, told from the files flow by flow."""
    found: dict[tuple[str, str], Verdict] = {}
    for flow in counted.flows:
        pair = (flow["sender"], flow["recipient"])
        verdict = Verdict(str(counted.verdicts[flow["flow_id"]]["overall"]))
        found[pair] = max(found.get(pair, verdict), verdict, key=lambda each: each.gravity)
    return found


# ---- the picture and its table


def test_every_relation_is_drawn_once_with_its_worst_verdict(
    opening: Opening, counted: Recount
) -> None:
    drawn = lines(opening.screen(MAP))
    told = {pair: verdict for pair, verdict in worst(counted).items() if pair[0] != pair[1]}
    assert drawn.keys() == told.keys()
    kinds = {Verdict.INDETERMINATE: "dashed", Verdict.EXCEPTED: "dotted"}
    for pair, verdict in told.items():
        assert drawn[pair]["lineStyle"]["type"] == kinds.get(verdict, "solid"), pair
        assert verdict.value in drawn[pair]["value"]


def test_the_table_beside_it_holds_the_same_relations_and_own_uses(
    opening: Opening, counted: Recount
) -> None:
    table = opening.screen(MAP).dataframe[0].value
    flows = Counter((flow["sender"], flow["recipient"]) for flow in counted.flows)
    assert sorted(table["flows"]) == sorted(flows.values())
    own = sum(count for (sender, recipient), count in flows.items() if sender == recipient)
    assert table[table["recipient"] == "(own use)"]["flows"].sum() == own > 0


def test_the_carrier_stands_in_the_middle_and_always_there(opening: Opening) -> None:
    one, other = nodes(opening.screen(MAP)), nodes(opening.screen(MAP))
    assert (one["CARRIER"]["x"], one["CARRIER"]["y"]) == (WIDTH / 2, HEIGHT / 2)
    places = [{node: (at["x"], at["y"]) for node, at in told.items()} for told in (one, other)]
    assert places[0] == places[1]


@pytest.mark.parametrize("language", Language)
def test_the_chart_has_words_for_those_who_do_not_see_it(
    opening: Opening, language: Language
) -> None:
    app = replace(opening, language=language).screen(MAP)
    (chart,) = app.get("echarts_chart")
    facts = (len(nodes(app)), len(lines(app)))
    said = {"zh": "{} 个节点，{} 条共享关系", "en": "{} nodes and {} sharing relations"}
    assert said[language].format(*facts) in chart.proto.alt


# ---- what is asked of it


def test_the_address_asks_for_violations_only(opening: Opening, counted: Recount) -> None:
    app = opening.screen(MAP, only="yes")
    told = {
        pair
        for pair, verdict in worst(counted).items()
        if verdict is Verdict.VIOLATION and pair[0] != pair[1]
    }
    assert lines(app).keys() == told
    assert app.toggle(key="map-only").value


def test_switching_to_violations_only_is_written_into_the_address(opening: Opening) -> None:
    app = opening.screen(MAP)
    before = len(lines(app))
    app.toggle(key="map-only").set_value(True).run()
    assert address(app, "only") == "yes"
    assert 0 < len(lines(app)) < before
    app.toggle(key="map-only").set_value(False).run()
    assert "only" not in app.query_params
    assert len(lines(app)) == before


@pytest.mark.parametrize("depth", [1, 2])
def test_the_focus_shows_what_is_so_near(opening: Opening, counted: Recount, depth: int) -> None:
    pairs, near = set(worst(counted)), {"BROKER-Y"}
    for _ in range(depth):
        near |= {end for pair in pairs if near & set(pair) for end in pair}
    app = opening.screen(MAP, focus="BROKER-Y", depth=str(depth))
    assert nodes(app).keys() == near
    assert app.selectbox(key="map-focus").value == "BROKER-Y"


def test_merged_by_role_no_flow_is_lost(opening: Opening, counted: Recount) -> None:
    app = opening.screen(MAP, by="role")
    assert all(node.startswith("role:") for node in nodes(app))
    assert app.dataframe[0].value["flows"].sum() == len(counted.flows)
    assert "merged by their role" in words(app)


def test_a_period_shows_the_flows_of_its_days_both_included(
    opening: Opening, counted: Recount
) -> None:
    app = opening.screen(MAP)
    (slider,) = app.slider
    first, last = slider.value
    middle = first + (last - first) / 2
    slider.set_value((first, middle)).run()
    told = app.dataframe[0].value["flows"].sum()
    within = [flow for flow in counted.flows if day(flow["occurred_at"]) <= middle]
    assert told == len(within)
    assert 0 < told < len(counted.flows)


def test_what_the_address_says_wrongly_asks_nothing(opening: Opening) -> None:
    app = opening.screen(MAP, depth="99", only="maybe", by="x", show="x", layer="x")
    assert len(lines(app)) == len(lines(opening.screen(MAP)))


def test_a_focus_on_nobody_says_that_nothing_is_left(opening: Opening) -> None:
    app = opening.screen(MAP, focus="<b>nobody</b>")
    assert not app.get("echarts_chart")
    assert "No sharing is left to show" in words(app)


# ---- what is laid over it


def test_onward_chains_stand_out_and_are_told_below(opening: Opening) -> None:
    app = opening.screen(MAP, show="chains")
    chains = app.dataframe[1].value
    assert len(chains) == 17
    assert all(" → " in way for way in chains["way"])
    drawn = lines(app)
    assert drawn["PTR-DATA", "BROKER-X"]["lineStyle"]["opacity"] == 1
    assert drawn["CARRIER", "MIIT-ZJ"]["lineStyle"]["opacity"] < 0.2


def test_the_blast_radius_asks_for_a_party_first(opening: Opening) -> None:
    assert "Click a party on the map" in words(opening.screen(MAP, show="blast"))


def test_the_blast_radius_of_the_party_that_was_clicked(opening: Opening) -> None:
    app = opening.screen(MAP, show="blast", party="PTR-DATA")
    reached = app.dataframe[1].value
    assert [name.rpartition(" · ")[2] for name in reached["name"]] == [
        "BROKER-X",
        "BROKER-Y",
        "ADNET-Q",
    ]
    assert list(reached["hop"]) == [1, 1, 2]
    lit = {pair for pair, line in lines(app).items() if line["lineStyle"]["opacity"] == 1}
    assert lit == {
        ("PTR-DATA", "BROKER-X"),
        ("PTR-DATA", "BROKER-Y"),
        ("BROKER-X", "ADNET-Q"),
        ("BROKER-X", "BROKER-Y"),
    }


def test_the_smallest_cut_says_what_would_stop(opening: Opening, counted: Recount) -> None:
    app = opening.screen(MAP, show="cut")
    cut = app.dataframe[1].value
    told = metrics(app)
    assert told["Relations to suspend"] == str(len(cut))
    assert told["Flows stopped"] == str(cut["flows"].sum())
    assert told["Lawful ones among them"] == str((cut["permitted"] + cut["excepted"]).sum())
    marks = [node for node in series(app)["data"] if node["id"].startswith("\0cut ")]
    assert len(marks) == len(cut)
    stopped = [tuple(mark["id"].removeprefix("\0cut ").split("\0")) for mark in marks]
    flows = [flow for flow in counted.flows if (flow["sender"], flow["recipient"]) in stopped]
    assert len(flows) == cut["flows"].sum()


def test_without_the_cut_no_violation_is_fed(opening: Opening, counted: Recount) -> None:
    """Walked over the relations of the files: every violating one is cut, unfed or told apart."""
    app = opening.screen(MAP, show="cut")
    marks = (node["id"] for node in series(app)["data"] if node["id"].startswith("\0cut "))
    cut = {tuple(mark.removeprefix("\0cut ").split("\0")) for mark in marks}
    bad = {pair for pair, verdict in worst(counted).items() if verdict is Verdict.VIOLATION}
    own = {pair for pair in bad if pair[0] == "CARRIER" and pair[1] in {"CARRIER", "CUSTOMER"}}
    assert {pair for pair in bad if pair[0] == "CARRIER"} - own <= cut
    told = sum(
        int(label.rpartition("(")[2].rstrip(")"))
        for label in (expander.label for expander in app.expander)
        if "(" in label
    )
    assert len(cut & bad) + told == len(bad)


# ---- what was chosen


def test_a_relation_is_told_with_its_edges_and_its_flows(
    opening: Opening, counted: Recount
) -> None:
    app = opening.screen(MAP, sender="CARRIER", recipient="AFF-PAY")
    flows = [
        flow["flow_id"]
        for flow in counted.flows
        if (flow["sender"], flow["recipient"]) == ("CARRIER", "AFF-PAY")
    ]
    assert metrics(app)["Flows"] == str(len(flows))
    assert sorted(app.dataframe[-1].value["flow_id"]) == sorted(flows)
    edges = app.dataframe[-2].value
    assert set(edges["purpose"]) >= {"Payment", "Billing"}
    assert lines(app)["CARRIER", "AFF-PAY"]["lineStyle"]["shadowBlur"]


def test_a_party_is_told_with_its_relations_and_its_flows(
    opening: Opening, counted: Recount
) -> None:
    app = opening.screen(MAP, party="PTR-DATA")
    flows = [f for f in counted.flows if "PTR-DATA" in (f["sender"], f["recipient"])]
    assert metrics(app)["Flows"] == str(len(flows))
    assert sorted(app.dataframe[-1].value["flow_id"]) == sorted(f["flow_id"] for f in flows)
    shown = words(app)
    assert "明数建模科技有限公司 · PTR-DATA" in shown
    assert "Authorised partner" in shown


def test_letting_go_leaves_nothing_chosen(opening: Opening) -> None:
    app = opening.screen(MAP, party="PTR-DATA")
    (button,) = [each for each in app.button if each.label == "Let go"]
    button.click().run()
    assert "party" not in app.query_params
    assert "Click a node or a line" in words(app)


def test_focussing_on_the_chosen_party(opening: Opening) -> None:
    app = opening.screen(MAP, party="BROKER-Y")
    (button,) = [each for each in app.button if each.label == "Focus here"]
    button.click().run()
    assert address(app, "focus") == "BROKER-Y"
    assert app.selectbox(key="map-focus").value == "BROKER-Y"


# ---- who reads


def test_a_viewer_sees_no_small_count_no_flow_and_no_period(opening: Opening) -> None:
    app = replace(opening, role=Role.viewer).screen(MAP, sender="CARRIER", recipient="AFF-PAY")
    table = pl.from_pandas(app.dataframe[0].value)
    few = table.filter(pl.col("subjects").is_null())
    assert few.height > 0
    assert few["flows"].null_count() == few.height
    people = table["subjects"].drop_nulls().str.extract(r"([\d,]+)$")
    assert (people.str.replace_all(",", "").cast(pl.Int64) >= 5).all()
    assert "flow_id" not in [name for each in app.dataframe for name in each.value.columns]
    assert not app.slider
    assert "Single flows need the role of officer" in words(app)
    assert "too few people to tell" in lines(app)["CARRIER", "AFF-PAY"]["value"]


def test_a_viewers_cut_names_no_relation_that_is_hidden(opening: Opening) -> None:
    app = replace(opening, role=Role.viewer).screen(MAP, show="cut")
    assert "Relations of fewer than 5 people take no part in this" in words(app)
    cut = pl.from_pandas(app.dataframe[1].value)
    assert cut["flows"].null_count() == 0
    hidden = {pair for pair, line in lines(app).items() if "too few people" in line["value"]}
    assert hidden
    drawn = lines(app)
    assert not any(drawn[pair]["lineStyle"].get("opacity") == 1 for pair in hidden)


@pytest.mark.parametrize("show", ["chains", "blast"])
def test_a_viewer_is_told_how_many_verdicts_are_withheld(opening: Opening, show: str) -> None:
    app = replace(opening, role=Role.viewer).screen(MAP, show=show, party="CARRIER")
    assert "more your role is not told the verdict" in words(app)
    assert "too few people to tell" in set(app.dataframe[1].value["verdict"])
    assert "more your role is not told" not in words(
        opening.screen(MAP, show=show, party="CARRIER")
    )


@pytest.mark.parametrize("show", ["chains", "blast", "cut"])
def test_what_is_laid_over_the_map_says_that_it_is_of_the_whole_run(
    opening: Opening, show: str
) -> None:
    app = opening.screen(MAP, show=show, party="CARRIER")
    said = "of the whole run, not of the days chosen above"
    assert said not in words(app)
    slider = app.slider[0]
    first, last = slider.value
    slider.set_value((first + timedelta(days=30), last)).run()
    assert said in words(app)


# ---- both languages, and no run


@pytest.mark.parametrize("show", ["chains", "blast", "cut"])
@pytest.mark.parametrize("language", Language)
def test_every_overlay_is_told_in_both_languages(
    opening: Opening, show: str, language: Language
) -> None:
    app = replace(opening, language=language).screen(MAP, show=show, party="CARRIER")
    titles = {
        "chains": ("转手链", "Onward chains"),
        "blast": ("波及范围", "Blast radius"),
        "cut": ("最小切断", "Smallest cut"),
    }
    headings = " ".join(each.value for each in app.subheader)
    assert titles[show][list(Language).index(language)] in headings


def test_without_a_run_it_says_how_to_get_one(nothing_yet: Opening) -> None:
    assert "No run has been left here yet" in words(nothing_yet.screen(MAP))


def test_what_a_link_asks_for_in_vain_is_said(opening: Opening) -> None:
    codes = {"depth": "9", "show": "all", "layer": "statute", "focus": "NOBODY", "party": "NO-ONE"}
    shown = words(opening.screen(MAP, **codes))
    for name in ("depth=9", "show=all", "layer=statute"):
        assert f"The link says {name}, which means nothing here" in shown
    for party in ("NOBODY", "NO-ONE"):
        assert f"The link asks for “{party}”, which is not in this run." in shown
    known = {"depth": "2", "show": "cut", "focus": "BROKER-Y", "party": "role:carrier"}
    assert "The link" not in words(opening.screen(MAP, **known))
