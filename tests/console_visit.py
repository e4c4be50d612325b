"""Somebody at the console's pages, in a real Chromium."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.console_served import PASSWORD, ServedConsole

WIDE, PHONE = (1440, 900), (360, 740)
IS_ON_TOP = """stop => {
  const box = stop.getBoundingClientRect();
  return stop.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""
"""Of the stop: whether nothing lies over it."""


class Visit:
    """One browser at the console; whatever its pages complain of fails the test."""

    def __init__(
        self, browser: Browser, console: ServedConsole, size: tuple[int, int], theme: str
    ) -> None:
        viewport = {"width": size[0], "height": size[1]}
        self.context: BrowserContext = browser.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            color_scheme=theme,  # type: ignore[arg-type]
            has_touch=size is PHONE,
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.goto(console.url)

    def _hear(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            self.complaints.append(str(getattr(message, "text", "")))

    def sign_in(self, user: str) -> Page:
        self.page.get_by_label("Name").fill(user)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("navigation", name="Pages")).to_be_visible()
        return self.page

    def go(self, page: str) -> None:
        self.page.evaluate(f"location.hash = '#/ronda/{page}'")
