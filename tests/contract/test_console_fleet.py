"""Several robots on one console: each its own line, rights, stop and records, one click apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.console_served import (
    PASSWORD,
    Client,
    ServedConsole,
    another,
    first_administrator,
    served,
    wait_for,
)
from tests.console_visit import PHONE, WIDE, Visit

from patrol_core.topics import ESTOP
from patrol_core.types.perception import Finding, FindingKind
from patrol_records.store import RecordStore


@pytest.fixture
def console(tmp_path: Path) -> Iterator[ServedConsole]:
    with served(tmp_path, others=("south",)) as made:
        first_administrator(made)
        yield made


def administrator(console: ServedConsole) -> Client:
    made = Client(console)
    assert made.ask("POST", "/session", {"user": "ada", "password": PASSWORD})[0] == 200
    return made


def pressed(console: ServedConsole) -> list[bool]:
    """Whether the stop of the own robot was pressed, and of the other."""
    robots = (console.robot, console.others[0])
    return [any(said.pressed for said in robot.said_on(ESTOP)) for robot in robots]


def test_each_robot_has_its_own_stop(console: ServedConsole) -> None:
    ada = administrator(console)
    assert ada.ask("POST", "/robots/south/stop", {})[0] == 200
    wait_for(lambda: pressed(console)[1])
    assert pressed(console) == [False, True]
    with ada.socket("/robots/south/live") as south, ada.socket("/robots/ronda/live") as ronda:
        assert json.loads(south.recv(20.0))["stop"]["state"] in ("asked", "stopped")
        assert json.loads(ronda.recv(20.0))["stop"]["state"] == "clear"


def test_who_has_one_robot_sees_nothing_of_the_other(console: ServedConsole) -> None:
    ada = administrator(console)
    bo = another(console, ada, "bo", "operator")
    assert ada.ask("PATCH", "/users/bo", {"robots": ["south"]})[0] == 200
    assert bo.ask("POST", "/session", {"user": "bo", "password": PASSWORD})[0] == 200
    assert [one["name"] for one in bo.ask("GET", "/session")[1]["robots"]] == ["south"]
    assert bo.ask("GET", "/robots/south/site")[0] == 200
    assert bo.ask("GET", "/robots/ronda/site")[0] in (403, 404)
    assert bo.ask("POST", "/robots/ronda/stop", {})[0] in (403, 404)


def test_from_one_robot_to_the_other_is_one_click(
    browser: Browser, console: ServedConsole
) -> None:
    made = Visit(browser, console, WIDE, "dark")
    page = made.sign_in("ada")
    robots = page.get_by_role("navigation", name="Robots")
    expect(robots.get_by_role("link", name="well: south")).to_be_visible()
    kind, reason = FindingKind.EMERGENCY, "behind the shed"
    finding = Finding("f1", 1, 1000.0, kind, 1.0, 2.0, 0.4, 0.3, 0.8, 9.0, reason, ())
    with closing(RecordStore(console.others[0].link.run_folder)) as store:
        store.add([finding])
    urgent = robots.get_by_role("link", name="an alert is urgent or overdue: south")
    expect(urgent).to_be_visible(timeout=15_000)
    urgent.click()
    expect(page.get_by_role("button", name="Stop south")).to_be_visible()
    page.get_by_role("link", name="Alerts").click()
    expect(page.get_by_text("behind the shed")).to_be_visible()
    page.get_by_role("button", name="Stop south").click()
    wait_for(lambda: pressed(console)[1])
    robots.get_by_role("link", name="ronda").click()
    expect(page.get_by_text("Nothing here")).to_be_visible()
    expect(robots.get_by_role("link", name="stopped: south")).to_be_visible()
    assert pressed(console) == [False, True] and made.complaints == []
    made.context.close()


def test_two_robots_fit_on_a_phone(browser: Browser, console: ServedConsole) -> None:
    made = Visit(browser, console, PHONE, "light")
    page = made.sign_in("ada")
    expect(page.get_by_role("navigation", name="Robots")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    made.context.close()
