"""Reports and replays in a real Chromium: they fit, are legible, ask nobody, and can be played."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.report_records import SITE, START_S, sample, write_records

from patrol_core.robot import load_robot
from patrol_records.store import RecordStore
from ronda_cli.records import Records
from ronda_cli.reporting import write_patrol_report, write_replay
from ronda_cli.reporting_week import newest_day, write_week_report
from ronda_cli.setting import ROBOT_FILE

WIDTHS = (1440, 360)
AXE_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
EIGHT_HOURS = 57_600
"""Samples, one each half second."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every page of one small night."""
    run = tmp_path_factory.mktemp("runs") / "yard-20261024-205900"
    write_records(run)
    records = Records(str(run), "")
    robot, week = load_robot(ROBOT_FILE), run / "week.html"
    day = newest_day([records], SITE)
    write_week_report([records], SITE, robot, day, START_S + 90000.0, week)
    return {
        "patrol": write_patrol_report(records, SITE, robot, "first"),
        "week": week,
        "replay": write_replay(records, SITE, "", None),
    }


@contextmanager
def opened(
    browser: Browser, file: Path, width: int = 1440, scheme: str = "light"
) -> Iterator[Page]:
    """The page in a profile of its own; its errors and its requests fail the test."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"the page failed: {error}"))
    page.on("console", lambda message: pytest.fail(message.text))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    yield page
    assert [url for url in asked if not url.startswith(("data:", file.as_uri()))] == []
    context.close()


@pytest.mark.parametrize("name", ["patrol", "week", "replay"])
def test_pages_fit_and_are_legible(browser: Browser, pages: dict[str, Path], name: str) -> None:
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            with opened(browser, pages[name], width, scheme) as page:
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{width} px"
                report = Axe().run(page, options=AXE_OPTIONS)
                assert report.violations_count == 0, f"{width} {scheme} {report.generate_report()}"


def test_paper_is_white(browser: Browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["patrol"], scheme="dark") as page:
        page.emulate_media(media="print")
        back = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert back == "rgb(255, 255, 255)"
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_night_can_be_played(browser: Browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["replay"]) as page:
        clock, now = page.locator("#clock"), page.locator("#now")
        events = page.locator("#events button")
        expect(clock).to_have_text("20:59:30")
        expect(now).to_have_text("the place is not recorded")
        events.filter(has_text="Checkpoint reached").first.click()
        expect(clock).to_have_text("21:00:30")
        expect(now).to_contain_text("held · 0.5 m/s · battery 90 %")
        expect(page.locator("[aria-current]")).to_contain_text("Checkpoint reached")
        page.locator("#slider").focus()
        page.keyboard.press("ArrowRight")
        expect(clock).to_have_text("21:00:40")
        expect(page.locator("#detail")).to_contain_text("stands there")
        page.keyboard.press("n")
        expect(clock).to_have_text("21:00:50")
        page.keyboard.press("p")
        page.keyboard.press("p")
        expect(clock).to_have_text("21:00:31")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        expect(clock).to_have_text("21:05:41")
        page.keyboard.press("End")
        expect(clock).to_have_text("02:02:09")
        page.keyboard.press("Home")
        page.locator("#speed").select_option("600")
        page.locator("#slider").focus()
        page.keyboard.press(" ")
        expect(page.locator("#play")).to_have_attribute("aria-label", "Pause")
        expect(clock).not_to_have_text("20:59:30")
        while not page.evaluate("player.at > 60"):
            page.wait_for_timeout(50)
        page.keyboard.press(" ")
        expect(page.locator("#play")).to_have_attribute("aria-label", "Play")


def test_held_and_gaps_are_told(browser: Browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["replay"]) as page:
        page.evaluate("seek(30 + 32)")
        expect(page.locator("#now")).to_contain_text("held · 0.5 m/s")
        expect(page.locator("#now")).to_contain_text("obstacle at … m")
        page.evaluate("seek(30 + 140)")
        expect(page.locator("#now")).to_contain_text("nothing was recorded")
        assert page.evaluate("robotAt(30 + 140)") is None


def test_eight_hours_are_one_page(browser: Browser, tmp_path: Path) -> None:
    run = tmp_path / "yard-20261024-205900"
    write_records(run)
    store = RecordStore(run)
    day = [sample(20000.0 + 0.5 * i, "second", x_m=0.1 * (i % 40)) for i in range(EIGHT_HOURS)]
    store.add(samples=day)
    store.close()
    file = write_replay(Records(str(run), ""), SITE, "", None)
    assert file.stat().st_size < 2_000_000
    with opened(browser, file) as page:
        page.evaluate("seek(length_s - 60)")
        assert page.evaluate("samples.count") >= EIGHT_HOURS
        expect(page.locator("#now")).to_contain_text("driving")
