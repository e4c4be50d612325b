"""Conversations on the kiosk's page, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect
from tests.kiosk_browser import PHONE, Kiosk, begin, leave, say


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    served = Kiosk()
    yield served
    served.stop()


def test_by_touch(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser)
    begin(page)
    expect(page.get_by_role("log")).to_contain_text("I am a machine")
    page.get_by_role("button", name="Find a place").tap()
    page.get_by_role("button", name="Office", exact=True).tap()
    expect(page.get_by_role("log")).to_contain_text("Way to Office")
    expect(page.get_by_role("log")).to_contain_text("from the site's visitor page")
    expect(page.get_by_role("img", name="Map: the way to Office. 49 m")).to_be_visible()
    page.get_by_role("button", name="No", exact=True).tap()
    expect(page.locator(".line.visitor").last).to_contain_text("No")
    assert kiosk.desk.opened == [("kiosk", "en")]
    leave(page)


def test_by_keyboard_alone(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="English")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Where is the office?")
    page.keyboard.press("Enter")
    expect(page.locator(".line.robot").last).to_contain_text("brick building")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.locator("button.emergency:focus").count():
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What has happened?")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox")).to_be_focused()
    leave(page)


def test_help_is_there_before_a_language_is_chosen(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser, PHONE, "de")
    page.get_by_role("button", name="Notfall").tap()
    page.get_by_role("button", name="Feuer oder Rauch").tap()
    expect(page.locator(".line.visitor")).to_contain_text("Es brennt.")
    assert kiosk.desk.heard == ["Es brennt."] and kiosk.desk.opened == [("phone", "de")]
    page.get_by_role("button", name="Bitte ein Mensch").tap()
    expect(page.locator(".line.visitor").last).to_contain_text("mit einem Menschen")
    leave(page)


def test_the_language_changes_by_touch_and_by_words(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser)
    begin(page)
    page.get_by_role("button", name="Language", exact=True).tap()
    page.get_by_role("button", name="العربية").tap()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.get_by_role("button", name="حالة طوارئ")).to_be_visible()
    human, emergency = (page.locator(f"button.{c}").bounding_box() for c in ("human", "emergency"))
    assert human is not None and emergency is not None and human["x"] > emergency["x"]
    say(page, "Deutsch, bitte")
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    expect(page.get_by_role("button", name="Notfall")).to_be_visible()
    leave(page)


def test_an_operator_takes_over_and_gives_back(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser)
    begin(page)
    kiosk.desk.take_over("session-0", "This is <b>Kim</b>. <img src=x onerror=alert(1)>")
    expect(page.locator(".line.operator .who")).to_have_text("Human")
    expect(page.locator(".line.operator p")).to_contain_text("<b>Kim</b>")
    expect(page.locator(".held")).to_have_text("You are now talking to a human.")
    kiosk.desk.release("session-0")
    expect(page.locator(".notice")).to_have_text("You are talking to the robot again.")
    leave(page)


def test_the_server_dies_and_comes_back(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser)
    begin(page)
    kiosk.stop()
    expect(page.get_by_role("alert")).to_contain_text("The robot does not answer.")
    page.get_by_role("textbox").fill("office")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox")).to_have_value("office")
    kiosk.start()
    expect(page.get_by_role("alert")).to_have_count(0)
    say(page, "office")
    kiosk.desk.forget()
    expect(page.get_by_role("button", name="Start again")).to_be_visible()
    expect(page.locator(".line")).to_have_count(0)
    leave(page)


def test_the_first_screen_says_so_too(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser)
    kiosk.stop()
    expect(page.get_by_role("alert")).to_contain_text("The robot does not answer.")
    kiosk.start()
    expect(page.get_by_role("alert")).to_have_count(0)
    leave(page)


def test_two_visitors_do_not_see_each_other(browser: Browser, kiosk: Kiosk) -> None:
    one, two = kiosk.visit(browser), kiosk.visit(browser, PHONE)
    begin(one)
    begin(two, "Deutsch")
    say(one, "my secret")
    say(two, "mein Geheimnis")
    expect(one.get_by_role("log")).not_to_contain_text("Geheimnis")
    expect(two.get_by_role("log")).not_to_contain_text("secret")
    leave(one)
    leave(two)


def test_the_end_clears_the_screen(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser)
    begin(page)
    say(page, "bye")
    expect(page.get_by_role("log")).to_contain_text("Goodbye.")
    page.get_by_role("button", name="Start again").tap()
    expect(page.locator(".line")).to_have_count(0)
    begin(page)
    page.get_by_role("button", name="End", exact=True).tap()
    expect(page.get_by_role("heading", name="This conversation has ended.")).to_be_visible()
    expect(page.locator(".line")).to_have_count(0)
    leave(page)
    assert kiosk.desk.closed == ["session-1"]


def test_silence_is_asked_about_before_it_ends(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser)

    def shorter(route: Route) -> None:
        answer = route.fetch()
        times = {"silence_s": 2, "silence_warning_s": 3}
        route.fulfill(response=answer, json=answer.json() | times)

    page.route("**/api/start", shorter)
    page.reload()
    begin(page)
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(page.get_by_role("alertdialog", name="Are you still there?")).to_be_visible()
    page.get_by_role("button", name="I am still here").tap()
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    kiosk.desk.take_over("session-0", "Hello, this is Kim.")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    kiosk.desk.release("session-0")
    expect(page.get_by_role("heading", name="This conversation has ended.")).to_be_visible(
        timeout=12_000.0
    )
    expect(page.locator(".line")).to_have_count(0)
    leave(page)


def test_a_page_that_is_closed_ends_its_conversation(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser)
    begin(page)
    page.goto("about:blank")
    page.wait_for_timeout(500.0)
    assert kiosk.desk.closed == ["session-0"]
    leave(page)


def test_nothing_is_kept_and_nobody_else_is_asked(browser: Browser, kiosk: Kiosk) -> None:
    page = kiosk.visit(browser)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.reload()
    begin(page)
    say(page, "office")
    assert asked and all(url.startswith(kiosk.url) for url in asked) and complaints == []
    assert not any("session-0" in url for url in asked)
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    leave(page)
