"""The data map under a mouse: node, edge and row lead to their flows; a crowd does no harm."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
from playwright.sync_api import expect

from audit import Language
from dashboards.parts.data_map.lines import middle
from dashboards.parts.data_map.manner import Manner
from dashboards.parts.data_map.picture import View, picture
from dashboards.parts.data_map.places import HEIGHT, WIDTH, Place
from dashboards.parts.map import option
from tests.browser.conftest import Look
from tests.browser.looking import Looking
from tests.browser.serving import Served, served
from tests.screens.keeping import keep

MAP = "data_map"
HARM = """() => [
    window.harmed,
    ...[...document.querySelectorAll(
        '[src*="evil"], [href*="evil"], #root script, #root img[src=x]'
    )].map((node) => node.outerHTML),
].filter(Boolean)"""
CROWD = 72  # parties that all share with each other: 72 * 71 = 5,112 relations
NAMES = (
    "<img src=x onerror='window.harmed=1'>",
    "<script>window.harmed=1</script>",
    "![x](http://evil.example/x.png)",
    "[click](javascript:window.harmed=1)",
    '=HYPERLINK("http://evil.example")',
    "\u202egnp.live",
    "{a|style} {b} {c}",
    '"><svg onload=window.harmed=1>',
)


# ---- where things are on the canvas


def spec(run: Path, view: View) -> dict[str, Any]:
    """The map of this run as the screen draws it."""
    counts = pl.read_parquet(run / "relation_counts.parquet")
    relations = counts.with_columns(suppressed=pl.lit(value=False))
    parties = pl.read_parquet(run / "parties.parquet")
    drawn = picture(relations, parties, view)
    (series,) = option(drawn, Manner({}, Language.en))["series"]
    return dict(series)


def places(run: Path, view: View | None = None) -> dict[str, Place]:
    return {node["id"]: (node["x"], node["y"]) for node in spec(run, view or View())["data"]}


def lonely_edge(run: Path) -> tuple[str, str]:
    """The edge whose middle is farthest from every node, its name below it and every other edge."""
    stood = {node: place for node, place in places(run).items() if "\0" not in node}
    pairs = [(link["source"], link["target"]) for link in spec(run, View())["links"]]
    names = [(x + side, y + 26) for x, y in stood.values() for side in (-60, 0, 60)]

    def room(pair: tuple[str, str]) -> float:
        here = middle(*(stood[end] for end in pair))
        others = [
            on for other in pairs if other != pair for on in along(stood[other[0]], stood[other[1]])
        ]
        return min(math.dist(here, there) for there in [*stood.values(), *names, *others])

    return max(pairs, key=room)


def along(start: Place, end: Place) -> list[Place]:
    """Points of the line between two places: through its middle, as a parabola."""
    half = middle(start, end)
    bent = tuple(2 * half[n] - (start[n] + end[n]) / 2 for n in (0, 1))
    steps = [step / 24 for step in range(25)]
    return [
        (
            (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * bent[0] + t**2 * end[0],
            (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * bent[1] + t**2 * end[1],
        )
        for t in steps
    ]


def point(tab: Looking, series: dict[str, Any], place: Place) -> Place:
    """Where a place of the plane is in the window: as large as there is room, in the middle."""
    canvas = tab.page.get_by_test_id("stEChartsChart").locator("canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    wide = box["width"] - series["left"] - series["right"]
    tall = box["height"] - series["top"] - series["bottom"]
    scale = min(wide / WIDTH, tall / HEIGHT)
    x = box["x"] + series["left"] + (wide - WIDTH * scale) / 2 + place[0] * scale
    y = box["y"] + series["top"] + (tall - HEIGHT * scale) / 2 + place[1] * scale
    return x, y


def click(tab: Looking, run: Path, place: Place) -> None:
    """Click there, and wait until the screen is drawn again."""
    before = tab.script_run(MAP)
    tab.page.mouse.click(*point(tab, spec(run, View()), place))
    tab.drawn(MAP, after=before)


def codes(tab: Looking) -> dict[str, str]:
    return {name: said[0] for name, said in parse_qs(urlsplit(tab.address()).query).items()}


@pytest.fixture
def example(workspace: Path) -> Path:
    return workspace / "small_carrier"


# ---- a mouse


def test_a_click_on_a_node_tells_the_party_and_a_second_lets_go(
    tab: Looking, example: Path
) -> None:
    tab.open(MAP)
    place = places(example)["AGY-COLLECT"]
    click(tab, example, place)
    assert codes(tab)["party"] == "AGY-COLLECT"
    expect(tab.page.get_by_role("heading", name="恒清资产服务有限公司")).to_be_visible()
    tab.drawn("table-map-flows")
    tab.keep("data-map-node")
    click(tab, example, place)
    assert "party" not in codes(tab)


def test_a_click_on_an_edge_tells_the_relation_and_its_flows(tab: Looking, example: Path) -> None:
    tab.open(MAP)
    stood = places(example)
    pair = lonely_edge(example)
    click(tab, example, middle(*(stood[end] for end in pair)))
    assert (codes(tab)["sender"], codes(tab)["recipient"]) == pair
    expect(tab.page.get_by_role("heading", name=" → ")).to_be_visible()
    tab.drawn("table-map-flows")
    tab.keep("data-map-edge")


def test_after_a_node_an_edge_is_what_was_clicked_last(tab: Looking, example: Path) -> None:
    tab.open(MAP)
    stood = places(example)
    pair = lonely_edge(example)
    click(tab, example, stood["AGY-COLLECT"])
    click(tab, example, middle(*(stood[end] for end in pair)))
    assert (codes(tab).get("sender"), codes(tab).get("recipient")) == pair
    assert "party" not in codes(tab)


def test_a_row_of_the_table_is_the_same_as_its_line(tab: Looking) -> None:
    tab.open(MAP)
    before = tab.script_run(MAP)
    tab.row(1)
    tab.drawn(MAP, after=before)
    assert codes(tab)["sender"] == "CARRIER"
    tab.drawn("table-map-flows")


def test_a_link_shows_what_its_sender_saw(tab: Looking) -> None:
    tab.open(MAP, focus="BROKER-X", depth="2", only="yes", show="cut", lang="en")
    expect(tab.page.get_by_text("Violations only")).to_be_visible()
    expect(tab.page.get_by_role("heading", name="Smallest cut")).to_be_visible()
    tab.keep("data-map-link")


@pytest.mark.parametrize("show", ["chains", "blast", "cut"])
@pytest.mark.parametrize(("language", "dark"), [("zh", False), ("en", True)])
def test_nobody_is_kept_out_of_what_is_laid_over(
    look: Look, dashboard: Served, show: str, language: str, *, dark: bool
) -> None:
    tab = look(dashboard.url, dark=dark)
    tab.open(MAP, show=show, lang=language, party="PTR-DATA")
    tab.keep(f"data-map-{show}-{language}-{'dark' if dark else 'light'}")
    assert not tab.barriers()


# ---- a crowd with hostile names


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 5,112 relations between parties whose names mean harm."""
    folder = tmp_path_factory.mktemp("crowd")
    keep(_export(folder / "export"), folder / "runs" / "crowd")
    return folder / "runs"


def _export(folder: Path) -> Path:
    folder.mkdir()
    ids = ["CAR", *(f"<b>P{n}</b>" for n in range(1, CROWD))]
    roles = ("authorized_partner", "third_party", "affiliate", "<i>strange</i>")
    parties = [
        {"party_id": each, "name": f"{NAMES[n % len(NAMES)]} {n}", "role": roles[n % 4]}
        for n, each in enumerate(ids)
    ]
    parties[0] |= {"role": "carrier"}
    pairs = [(one, other) for one in ids for other in ids if one != other]
    flows = [
        {
            "flow_id": f"F{n:05}",
            "occurred_at": f"2025-03-{1 + n % 28:02}T10:00:00+08:00",
            "subject_id": f"S{n % 97}",
            "sender": sender,
            "recipient": recipient,
            "data_categories": "contact.phone",
            "purpose": "commercial.data_sale",
            "operation": "share",
        }
        for n, (sender, recipient) in enumerate(pairs)
    ]
    consents = [{"consent_id": "C1", "subject_id": "S1", "document": "d", "version": "1"}]
    tables = {"parties": parties, "flows": flows, "consents": consents, "evidence": []}
    _write(folder, tables)
    return folder


def _write(folder: Path, tables: dict[str, list[dict[str, str]]]) -> None:
    from tests.reference import COLUMNS

    for table, rows in tables.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS[table].split(), restval="")
            writer.writeheader()
            writer.writerows(rows)


@pytest.fixture(scope="module")
def crowded(crowd: Path) -> Iterator[Served]:
    with served(crowd, "--lang", "en") as running:
        yield running


def test_five_thousand_hostile_edges_are_merged_and_shown_without_harm(
    look: Look, crowded: Served, crowd: Path
) -> None:
    assert pl.read_parquet(crowd / "crowd" / "relation_counts.parquet").height > 5000
    tab = look(crowded.url).open(MAP)
    expect(tab.page.get_by_text("Parties are merged by their role.")).to_be_visible()
    assert tab.page.evaluate(HARM) == []
    tab.keep("data-map-crowd-merged")


def test_five_thousand_hostile_edges_may_be_seen_party_by_party(
    look: Look, crowded: Served, crowd: Path
) -> None:
    tab = look(crowded.url).open(MAP, by="party")
    expect(tab.page.get_by_text("less grave relations are not drawn")).to_be_visible()
    run, view = crowd / "crowd", View(by_role=False)
    for party, place in list(places(run, view).items())[:6]:
        tab.page.mouse.move(*point(tab, spec(run, view), place))
        tooltip = tab.page.get_by_text("flows in and out").last
        expect(tooltip, party).to_be_visible()
    assert tab.page.evaluate(HARM) == []
    assert "\u202e" not in tab.page.inner_text("body")
    tab.keep("data-map-crowd-parties")


@pytest.mark.parametrize("show", ["chains", "blast", "cut"])
def test_what_is_laid_over_a_crowd_does_no_harm(look: Look, crowded: Served, show: str) -> None:
    tab = look(crowded.url).open(MAP, show=show, party="<b>P3</b>", by="party")
    assert tab.page.evaluate(HARM) == []
    tab.keep(f"data-map-crowd-{show}")
