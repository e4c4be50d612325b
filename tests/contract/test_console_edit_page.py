"""The site's page in a real Chromium: changed on the map, checked, saved, brought back."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.console_served import ServedConsole, wait_for
from tests.console_visit import Visit

from patrol_core.site.model import Zone


def forecourt(console: ServedConsole) -> Zone:
    zones = console.robot.link.site.zones
    return next(zone for zone in zones if zone.zone_id == "office_forecourt")


def test_a_zone_is_edited_checked_saved_and_brought_back(
    visit: Visit, console: ServedConsole
) -> None:
    page = visit.page
    visit.go("edit")
    page.get_by_role("button", name="office_forecourt (speed)").click()
    limit = page.get_by_label("Speed limit")
    limit.fill("-1")
    limit.press("Tab")
    expect(page.get_by_text("zones/office_forecourt")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    limit.fill("0.4")
    limit.press("Tab")
    page.get_by_label("What was changed, and why").fill("ice before the office")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("As the robot has it")).to_be_visible()
    expect(page.get_by_text("ice before the office")).to_be_visible()
    wait_for(lambda: forecourt(console).speed_limit_mps == 0.4)
    page.get_by_role("button", name="Back to version 1").click()
    expect(page.get_by_text("back to version 1", exact=False)).to_be_visible()
    wait_for(lambda: forecourt(console).speed_limit_mps == 0.6)


def test_a_warning_is_read_before_a_change_is_saved(visit: Visit, console: ServedConsole) -> None:
    page = visit.page
    visit.go("edit")
    page.get_by_role("button", name="office_windows (privacy)").click()
    page.get_by_role("button", name="Take it out").click()
    page.get_by_label("What was changed, and why").fill("windows are frosted now")
    expect(page.get_by_text("are hidden no more")).to_be_visible()
    page.get_by_role("button", name="Save in spite of it").click()
    expect(page.get_by_text("As the robot has it")).to_be_visible()
    wait_for(lambda: all(z.zone_id != "office_windows" for z in console.robot.link.site.zones))


def test_a_checkpoint_is_set_on_the_map_and_dragged(visit: Visit) -> None:
    page = visit.page
    visit.go("edit")
    expect(page.get_by_role("button", name="Checkpoints")).to_be_visible()
    box = page.locator(".map canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5
    page.mouse.click(x, y)
    page.get_by_role("button", name="Checkpoints").click()
    page.get_by_role("button", name="One more at the mark").click()
    place = page.get_by_label("x [m]")
    before = float(place.input_value())
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y)
    page.mouse.up()
    expect(page.get_by_text("2 changes, not saved")).to_be_visible()
    assert float(place.input_value()) > before + 1.0
    visit.go("alerts")
    expect(page.get_by_role("heading", name="Alerts")).to_be_visible()
    visit.go("edit")
    expect(page.get_by_text("2 changes, not saved")).to_be_visible()
    page.get_by_role("button", name="Drop all").click()
    expect(page.get_by_text("As the robot has it")).to_be_visible()
