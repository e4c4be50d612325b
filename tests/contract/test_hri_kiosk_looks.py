"""The kiosk's page for everybody: touched from a wheelchair, read by a screen reader, seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from tests.kiosk_browser import LANDSCAPE, PHONE, PORTRAIT, Kiosk, begin, leave, say

LEAST_PX = 56.0
NAMES = {"en": "English", "de": "Deutsch", "ar": "العربية"}
OFFICE = {"en": "office", "de": "Büro", "ar": "المكتب"}
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"color-contrast-enhanced": {"enabled": True}},
}


@pytest.fixture(scope="module")
def kiosk() -> Iterator[Kiosk]:
    served = Kiosk()
    yield served
    served.stop()


def screens(page: Page, language: str, look: Callable[[str], None]) -> None:
    """Lead a page through its screens."""
    look("first screen")
    begin(page, NAMES[language])
    look("opened")
    say(page, OFFICE[language])
    page.locator(".map").wait_for()
    look("a way")
    page.locator(".topics button").first.tap()
    look("places")
    page.locator(".emergency").tap()
    look("emergency")
    page.locator(".panel-head button").tap()
    page.locator(".small button").nth(1).tap()
    look("languages")
    page.locator(".panel-head button").tap()
    page.locator(".small button").nth(3).tap()
    page.locator(".working h2").wait_for()
    look("ended")


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT, PHONE], ids=str)
def test_it_can_be_touched_and_read(
    browser: Browser, kiosk: Kiosk, size: tuple[int, int], language: str
) -> None:
    page = kiosk.visit(browser, size, language)

    def look(screen: str) -> None:
        touched = page.locator("button:visible, input:visible")
        for box, words in zip(boxes(page), touched.all_text_contents(), strict=True):
            where = f"{screen}: {words!r} {box}"
            assert box["width"] >= LEAST_PX and box["height"] >= LEAST_PX, where
            assert box["x"] >= 0.0 and box["x"] + box["width"] <= size[0] + 0.5, where
            if size != PHONE:
                assert box["y"] >= size[1] / 2.0, where
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        report = Axe().run(page, options=AXE_OPTIONS)
        assert report.violations_count == 0, f"{screen}: {report.generate_report()}"
        if language != "ar":  # from right to left axe sees no text to judge the contrast of
            passed = {rule["id"] for rule in report.response["passes"]}
            assert "color-contrast-enhanced" in passed

    screens(page, language, look)
    leave(page)


def boxes(page: Page) -> list[dict[str, float]]:
    """Where everything that can be touched lies [px]."""
    found: list[dict[str, float]] = page.locator("button:visible, input:visible").evaluate_all(
        "all => all.map(one => { const {x, y, width, height} = one.getBoundingClientRect();"
        " return {x, y, width, height}; })"
    )
    return found


def test_who_wants_no_motion_sees_none(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser)
    moving = "document.getAnimations().filter(a => a.playState === 'running').length"
    assert page.evaluate(moving) == 2
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moving) == 0
    leave(page)
