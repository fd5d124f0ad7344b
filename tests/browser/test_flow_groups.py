"""Flows in groups in a real browser: a click on the Sankey, on the calendar and on a row."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.looking import Looking


@pytest.fixture
def groups(tab: Looking) -> Looking:
    """The screen, its charts standing still."""
    tab.open("flow_groups")
    expect(charts(tab)).to_have_count(2)
    return tab


def charts(tab: Looking) -> Locator:
    return tab.page.get_by_test_id("stEChartsChart").locator("canvas")


PAINTED = """([canvas, x, y]) => canvas.getContext("2d").getImageData(
    canvas.width * x, canvas.height * y, 1, 1).data[3] > 0"""


def click(tab: Looking, number: int, x: float, y: float) -> None:
    """Click a chart at a share of its width and height, once something is drawn there."""
    canvas = charts(tab).nth(number)
    canvas.scroll_into_view_if_needed()
    tab.page.wait_for_function(PAINTED, arg=[canvas.element_handle(), x, y])
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * x, "y": box["height"] * y})


def test_a_row_of_the_table_leads_to_its_flows(groups: Looking) -> None:
    groups.row(0)
    expect(groups.page.get_by_text("BROKER-X · Sale of data")).to_be_visible()
    expect(groups.page.get_by_text("From row 1, of 10")).to_be_visible()


def test_a_role_of_the_sankey_leads_to_its_flows_and_can_be_let_go(groups: Looking) -> None:
    click(groups, 0, 0.018, 0.33)
    chosen = groups.page.get_by_test_id("stText").get_by_text("CARRIER", exact=True)
    expect(chosen).to_be_visible()
    expect(groups.page.get_by_text("From row 1, of 56")).to_be_visible()
    groups.keep("flow-groups-chosen")
    groups.page.get_by_role("button", name="Clear").click()
    expect(groups.page.get_by_text("Click a node, a link or a bar")).to_be_visible()


def test_a_link_of_the_sankey_leads_to_its_flows_and_can_be_let_go(groups: Looking) -> None:
    """The widest one: what the carrier got and was permitted to."""
    click(groups, 0, 0.2, 0.3)
    chosen = groups.page.get_by_test_id("stText").get_by_text("CARRIER · ✓ permitted", exact=True)
    expect(chosen).to_be_visible()
    expect(groups.page.get_by_text("From row 1, of 35")).to_be_visible()
    groups.keep("flow-groups-link")
    click(groups, 0, 0.2, 0.3)
    expect(groups.page.get_by_text("Click a node, a link or a bar")).to_be_visible()


def test_a_piece_of_the_calendar_leads_to_its_flows(groups: Looking) -> None:
    click(groups, 1, 0.275, 0.78)
    expect(groups.page.get_by_text("✕ violation · 2025-03-01 – 2025-03-31")).to_be_visible()
    expect(groups.page.get_by_text("From row 1, of 21")).to_be_visible()
