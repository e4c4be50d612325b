"""The kiosk's page in a real Chromium."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from patrol_hri.kiosk.app import create_app
from patrol_hri.kiosk.params import KioskParams
from patrol_hri.kiosk.server import kiosk_server
from ronda_cli.environment.system import BROWSERS
from tests.kiosk_desk import FakeDesk, depot_map, page_languages

PARAMS = KioskParams(port=0, poll_interval_s=0.05, phone_address="http://192.168.1.20:8470/")
LANDSCAPE, PORTRAIT, PHONE = (1920, 1080), (1080, 1920), (360, 740)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; skips where there is none (`./ronda test` installs one, or says how)."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium here")
    expect.set_options(timeout=20_000.0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


class Kiosk:
    """A served kiosk with a desk that a test can reach behind it; can die and come back."""

    def __init__(self) -> None:
        self.desk = FakeDesk()
        self.url = ""
        self._params = PARAMS
        self.start()

    def start(self) -> None:
        """Serve, on the same port as before."""
        app = create_app(self.desk, page_languages(), depot_map(), self._params, time.monotonic)
        self._server = kiosk_server(app, self._params)
        self.url = self._server.start()
        port = int(self.url.rstrip("/").rpartition(":")[2])
        self._params = replace(self._params, port=port)

    def stop(self) -> None:
        """Die, as far as pages can tell."""
        self._server.stop()

    def visit(
        self, browser: Browser, size: tuple[int, int] = LANDSCAPE, language: str = "en"
    ) -> Page:
        """A page at the first screen, in a profile of its own. Its errors fail the test."""
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=language, has_touch=True
        )
        context.set_default_timeout(15_000.0)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"the page failed: {error}"))
        page.goto(self.url + ("?robot" if size != PHONE else ""))
        page.locator(".answers button").first.wait_for()
        return page


def begin(page: Page, language: str = "English") -> None:
    """Touch a language; the conversation is open then."""
    page.get_by_role("button", name=language, exact=True).tap()
    page.get_by_role("textbox").wait_for()


def say(page: Page, text: str) -> None:
    """Write to the robot, and wait for its answer."""
    count = page.locator(".line").count()
    page.get_by_role("textbox").fill(text)
    page.locator(".writing button.main").tap()
    page.locator(".line").nth(count + 1).wait_for()


def leave(page: Page) -> None:
    """Close the page and its profile, once what answers its requests in a test has done so."""
    page.unroute_all(behavior="wait")
    context: BrowserContext = page.context
    context.close()
