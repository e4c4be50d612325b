"""The console's pages in a real Chromium: sign in, watch, stop, drive, command, and looks."""

from __future__ import annotations

import time
from contextlib import closing

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from tests.console_served import (
    FIRST_PASSWORD,
    PASSWORD,
    Client,
    ServedConsole,
    first_administrator,
    wait_for,
)
from tests.console_visit import IS_ON_TOP, PHONE, WIDE, Visit

from patrol_core.actions import PATROL
from patrol_core.topics import (
    CMD_VEL_TELEOP,
    ESTOP,
    GATE_RESET,
    INCIDENT_ACTS,
    LOCAL_COSTMAP,
    TELEOP_LEASE,
)
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.mission import PatrolFeedback
from patrol_core.types.perception import Finding, FindingKind, Measure
from patrol_records.log.entries import LogEntry
from patrol_records.log.store import LogStore
from patrol_records.store import RecordStore

PAGES = ("overview", "alerts", "replay", "drive", "talk", "edit", "log", "health", "users", "me")


PIXEL = """async () => {
  const { View } = await import('/static/map_view.js');
  const canvas = document.querySelector('.map canvas'), view = new View(canvas);
  view.fit();
  const [x, y] = view.pixels(0, 0).map((at) => at * devicePixelRatio);
  return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data];
}"""


HAS_MAP = """async () => {
  const { store } = await import('/static/store.js');
  await new Promise(requestAnimationFrame);
  return Boolean(store.mapImage);
}"""
KEPT = """async () => {
  const { store } = await import('/static/store.js');
  return store.site ?? store.live.pose ?? null;
}"""


def test_the_first_start_makes_an_administrator(browser: Browser, console: ServedConsole) -> None:
    made = Visit(browser, console, WIDE, "light")
    page = made.page
    page.get_by_label("Code").fill(console.code())
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("characters")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").click()
    expect(page.get_by_role("link", name="Users")).to_be_visible()
    made.context.close()


@pytest.mark.parametrize("size", [WIDE, PHONE])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_page_is_whole_readable_and_has_the_stop(
    browser: Browser, console: ServedConsole, size: tuple[int, int], theme: str
) -> None:
    first_administrator(console)
    with LogStore(console.robot.link.run_folder, writable=True) as log:
        log.append([LogEntry(1.0, "authority:1", "authority", {"authority": "mission"})])
    made = Visit(browser, console, size, theme)
    page = made.sign_in("ada")
    expect(page.get_by_text("no patrol").first).to_be_visible()
    problems: list[object] = []
    for name in PAGES:
        made.go(name)
        stop = page.get_by_role("button", name="Stop the robot")
        way = page.locator(f'nav a[aria-current="page"][href$="/{name}"]')
        expect(way).to_be_in_viewport()
        expect(stop).to_be_in_viewport(ratio=1.0)
        assert stop.evaluate(IS_ON_TOP), f"something lies over the stop of {name}"
        wide = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert wide, f"{name} is wider than the screen"
        found = Axe().run(page)
        problems += [
            (name, one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]
        ]
    assert problems == []
    assert made.complaints == []
    made.context.close()


def test_the_stop_shows_what_the_gate_has_said(visit: Visit, console: ServedConsole) -> None:
    page = visit.page
    console.speaks = False
    page.get_by_role("button", name="Stop the robot").click()
    wait_for(lambda: any(said.pressed for said in console.said_on(ESTOP)))
    expect(page.get_by_text("STOP NOT CONFIRMED").first).to_be_visible()
    console.speaks = True
    expect(page.get_by_text("Stopped by bo").first).to_be_visible()
    page.get_by_role("button", name="Clear this stop").click()
    page.get_by_label("Why it may be cleared").fill("nobody near")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Clear", exact=True).click()
    wait_for(lambda: console.said_on(GATE_RESET))
    expect(page.get_by_text("Stopped by")).to_have_count(0)
    assert visit.complaints == []


def test_the_stop_is_reached_by_keyboard_alone(visit: Visit, console: ServedConsole) -> None:
    page = visit.page
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "stop-button":
            break
    page.keyboard.press("Enter")
    wait_for(lambda: any(said.pressed for said in console.said_on(ESTOP)))


def test_a_robot_that_is_not_heard_is_said_to_be_so(visit: Visit, console: ServedConsole) -> None:
    expect(visit.page.get_by_role("status").first).to_contain_text("No patrol")
    console.close()
    expect(visit.page.get_by_role("status").first).to_contain_text("what is shown is old")
    expect(visit.page.locator("header .age.old")).to_be_visible()
    visit.page.get_by_role("button", name="Stop the robot").click()
    expect(visit.page.get_by_text("The stop was NOT taken")).to_be_visible()


def test_a_command_is_shown_as_the_robot_answers_it(visit: Visit, console: ServedConsole) -> None:
    page = visit.page
    page.get_by_role("button", name="Start patrol").click()
    expect(page.get_by_text("returns to its dock")).to_be_visible()
    assert console.said_on(PATROL.goal) == []
    page.get_by_role("button", name="Do it").click()
    wait_for(lambda: console.said_on(PATROL.goal))
    expect(page.get_by_text("start: sent")).to_be_visible()
    goal_id = console.said_on(PATROL.goal)[0].goal_id
    console.robot.hear(PATROL.feedback, PatrolFeedback(goal_id, 1, 0.1, "leaving the dock"))
    expect(page.get_by_text("start: acknowledged, leaving the dock")).to_be_visible()


def is_driving(console: ServedConsole) -> bool:
    said = console.said_on(CMD_VEL_TELEOP)
    return bool(said) and said[-1].linear_mps > 0.0


@pytest.mark.parametrize("ending", ["key", "blur", "hidden", "closed"])
def test_driving_ends_with_the_grip_however_it_ends(
    visit: Visit, console: ServedConsole, ending: str
) -> None:
    page = visit.page
    visit.go("drive")
    page.get_by_role("button", name="Take the robot").click()
    expect(page.get_by_text("You have the robot")).to_be_visible()
    page.keyboard.down("ArrowUp")
    wait_for(lambda: is_driving(console))
    if ending == "key":
        page.keyboard.up("ArrowUp")
    elif ending == "blur":
        page.evaluate("dispatchEvent(new Event('blur'))")
    elif ending == "hidden":
        page.evaluate("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
    else:
        page.close()
    wait_for(lambda: not is_driving(console))
    wait_for(lambda: not console.said_on(TELEOP_LEASE)[-1].dead_man)


def test_the_stick_drives_while_it_is_held(visit: Visit, console: ServedConsole) -> None:
    page = visit.page
    visit.go("drive")
    page.get_by_role("button", name="Take the robot").click()
    expect(page.get_by_text("You have the robot")).to_be_visible()
    box = page.get_by_role("application").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 60)
    wait_for(lambda: is_driving(console))
    page.mouse.up()
    wait_for(lambda: not is_driving(console))


def test_who_has_a_first_password_chooses_one(browser: Browser, console: ServedConsole) -> None:
    ada = first_administrator(console)
    body = {"user": "bo", "role": "viewer", "robots": ["*"], "password": FIRST_PASSWORD}
    assert ada.ask("POST", "/users", body)[0] == 200
    made = Visit(browser, console, PHONE, "light")
    page = made.page
    page.get_by_label("Name").fill("bo")
    page.get_by_label("Password").fill(FIRST_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("The one you were given").fill(FIRST_PASSWORD)
    page.get_by_label("Your own").fill(PASSWORD)
    page.get_by_role("button", name="Choose it").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    assert made.complaints == []
    made.context.close()


def test_when_a_session_ends_the_page_shows_nothing_any_more(
    visit: Visit, console: ServedConsole
) -> None:
    page = visit.page
    expect(page.get_by_text("Main gate")).to_be_visible()
    ada = Client(console)
    assert ada.ask("POST", "/session", {"user": "ada", "password": PASSWORD})[0] == 200
    assert ada.ask("DELETE", "/users/bo")[0] == 200
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.evaluate(KEPT) is None


def test_what_is_in_the_way_is_shown_when_asked_for(visit: Visit, console: ServedConsole) -> None:
    page = visit.page
    expect(page.get_by_text("Main gate")).to_be_visible()
    cells = np.full((200, 200), 100, np.int8)

    def ink() -> list[int]:
        found: list[int] = page.evaluate(PIXEL)
        return found

    def is_shown() -> bool:
        console.robot.hear(LOCAL_COSTMAP, OccupancyGrid(0.0, 0.1, -10.0, -10.0, cells))
        return ink() != before

    page.wait_for_function(HAS_MAP)
    page.wait_for_timeout(1000)  # it has been drawn by then
    before = ink()
    layer = page.get_by_role("button", name="Show what is in the robot's way")
    layer.click()
    expect(layer).to_have_attribute("aria-pressed", "true")
    wait_for(is_shown)
    layer.click()
    wait_for(lambda: ink() == before)


def test_the_stop_is_reached_by_touch(browser: Browser, console: ServedConsole) -> None:
    """That nothing lies over it on any page, `test_every_page_...` says."""
    first_administrator(console)
    made = Visit(browser, console, PHONE, "light")
    page = made.sign_in("ada")
    page.get_by_role("button", name="Stop the robot").tap()
    wait_for(lambda: any(said.pressed for said in console.said_on(ESTOP)))
    expect(page.get_by_text("Stopped by ada").first).to_be_visible()
    made.context.close()


def test_an_alert_is_taken_and_shown_as_the_records_have_it(
    visit: Visit, console: ServedConsole
) -> None:
    page = visit.page
    finding = Finding(
        "f1", 1, time.time(), FindingKind.OBJECT, 1.0, 2.0, 0.4, 0.3, 0.8, 9.0,
        "stands in the way",
        (Measure("age", 4.0, 3.0, "s"),),
    )  # fmt: skip
    with closing(RecordStore(console.robot.link.run_folder)) as store:
        store.add([finding])
        visit.go("alerts")
        page.get_by_text("stands in the way").click()
        take = page.get_by_role("button", name="I take it")
        expect(take).to_be_disabled()
        page.get_by_label("What you see, or why").fill("on my way")
        take.click()
        wait_for(lambda: console.said_on(INCIDENT_ACTS))
        expect(page.get_by_text("acknowledged by bo")).to_have_count(0)
        store.add(acts=console.said_on(INCIDENT_ACTS)[:1])
        expect(page.get_by_text("by bo")).to_be_visible()
        expect(take).to_have_count(0)


HELD_GAMEPAD = """() => {
  const buttons = () => [0, 1, 2, 3, 4, 5].map((at) => ({ pressed: at === 4 && window.grips }));
  navigator.getGamepads = () => [{ connected: true, axes: [0, -1], buttons: buttons() }];
}"""


@pytest.mark.parametrize("hand", ["stick", "gamepad"])
def test_a_grip_that_outlasts_the_focus_has_to_be_taken_anew(
    visit: Visit, console: ServedConsole, hand: str
) -> None:
    page, mouse = visit.page, visit.page.mouse
    visit.go("drive")
    page.get_by_role("button", name="Take the robot").click()
    expect(page.get_by_text("You have the robot")).to_be_visible()
    box = page.get_by_role("application").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 4
    page.evaluate(HELD_GAMEPAD)

    def grip() -> None:
        page.evaluate("window.grips = true") if hand == "gamepad" else mouse.down()

    def let_go() -> None:
        page.evaluate("window.grips = false") if hand == "gamepad" else mouse.up()

    mouse.move(x, y)
    grip()
    wait_for(lambda: is_driving(console))
    page.evaluate("dispatchEvent(new Event('blur'))")
    wait_for(lambda: not is_driving(console))
    told = len(console.said_on(TELEOP_LEASE))
    mouse.move(x + 5.0, y)
    wait_for(lambda: len(console.said_on(TELEOP_LEASE)) > told + 10)
    assert not any(said.dead_man for said in console.said_on(TELEOP_LEASE)[told:])
    let_go()
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    grip()
    wait_for(lambda: is_driving(console))
    let_go()
