"""The replay page in a real Chromium: chosen, moved through by slider and keys, packed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

pytest.importorskip("rclpy")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from tests.console_served import ServedConsole, another, first_administrator, served
from tests.console_visit import IS_ON_TOP, PHONE, WIDE, Visit
from tests.contract.test_console_replay import record

from patrol_core.types.perception import Finding, FindingKind
from patrol_records.flight import shelf
from patrol_records.store import RecordStore


@pytest.fixture
def console(tmp_path: Path) -> Iterator[ServedConsole]:
    with served(tmp_path) as made:
        run = made.robot.link.run_folder
        record(run / shelf.FLIGHT)
        finding = Finding("f1", 1, 12.0, FindingKind.OBJECT, 1.0, 2.0, 0.4, 0.3, 0.8, 9.0, "x", ())
        with closing(RecordStore(run)) as store:
            store.add([finding])
        another(made, first_administrator(made), "bo", "supervisor")
        yield made


def test_a_recording_is_seen_again_and_packed(browser: Browser, console: ServedConsole) -> None:
    made = Visit(browser, console, WIDE, "dark")
    page = made.sign_in("bo")
    page.get_by_role("link", name="Replay").click()
    page.get_by_text("Incident 1: object").click()
    slider = page.get_by_label("Time in the recording")
    expect(page.get_by_text("0:00 of 0:03")).to_be_visible()
    expect(page.get_by_text("No picture of that time")).to_be_visible()
    slider.focus()
    page.keyboard.press("End")
    expect(page.get_by_text("0:03 of 0:03")).to_be_visible()
    expect(page.get_by_text("1.00 m/s")).to_be_visible()
    expect(page.get_by_alt_text("What the camera saw")).to_be_visible()
    page.get_by_role("button", name="0:02 Incident 1: object").click()
    expect(page.get_by_text("0:02 of 0:03")).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_text("0:03 of 0:03")).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Package").click()
    with zipfile.ZipFile(download.value.path()) as package:
        assert "recording.mcap" in package.namelist()
    assert made.complaints == []
    made.context.close()


@pytest.mark.parametrize("size", [WIDE, PHONE])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_is_whole_readable_and_has_the_stop(
    browser: Browser, console: ServedConsole, size: tuple[int, int], theme: str
) -> None:
    made = Visit(browser, console, size, theme)
    page = made.sign_in("bo")
    made.go("replay/000000000010000")
    expect(page.get_by_text("RECORDING, not now")).to_be_visible()
    stop = page.get_by_role("button", name="Stop the robot")
    expect(stop).to_be_in_viewport(ratio=1.0)
    assert stop.evaluate(IS_ON_TOP)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
    made.context.close()


def test_from_an_alert_to_its_recording(browser: Browser, console: ServedConsole) -> None:
    made = Visit(browser, console, WIDE, "dark")
    page = made.sign_in("bo")
    made.go("alerts/1")
    page.get_by_role("link", name="See how it came about").click()
    expect(page.get_by_label("Time in the recording")).to_be_visible()
    made.context.close()
