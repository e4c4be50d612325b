"""Fixtures of several files: a browser, a console that is served, somebody who looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.console_served import ServedConsole, another, first_administrator, served
from tests.console_visit import WIDE, Visit
from tests.kiosk_browser import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def console(tmp_path: Path) -> Iterator[ServedConsole]:
    with served(tmp_path) as made:
        yield made


@pytest.fixture
def visit(browser: Browser, console: ServedConsole) -> Iterator[Visit]:
    """Somebody who may clear stops, at a wide screen."""
    administrator = first_administrator(console)
    another(console, administrator, "bo", "supervisor")
    made = Visit(browser, console, WIDE, "dark")
    made.sign_in("bo")
    yield made
    made.context.close()
