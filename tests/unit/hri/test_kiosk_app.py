from __future__ import annotations

import asyncio
import hashlib
import json
import re
from dataclasses import replace

import pytest
import yaml
from starlette.types import ASGIApp
from tests.asgi_call import ask, call, post
from tests.kiosk_desk import LANGUAGES, FakeDesk, depot_map, page_languages

from patrol_core.web.pages import VENDOR
from patrol_core.web.rates import MAX_CLIENTS, Limiter
from patrol_hri.intents import Intent
from patrol_hri.kiosk.app import FOLDER, create_app
from patrol_hri.kiosk.asking import MAX_TEXT
from patrol_hri.kiosk.documents import reply_document
from patrol_hri.kiosk.feed import MAX_WAITING, Feed
from patrol_hri.kiosk.params import KioskParams
from patrol_hri.turn import Act, ActKind, Reply

PARAMS = KioskParams(phone_address="http://192.168.1.20:8470/")
MAP = depot_map()


class RecordedVoice:
    """A voice that only notes what it would say."""

    problem = ""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def say(self, text: str, language: str) -> bool:
        self.said.append((text, language))
        return True

    def close(self) -> None:
        self.said.clear()


def made(
    desk: FakeDesk, params: KioskParams = PARAMS, voice: RecordedVoice | None = None
) -> ASGIApp:
    return create_app(desk, page_languages(), MAP, params, lambda: 1.0, voice)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def test_the_page_may_load_its_own_files_and_nothing_else(desk: FakeDesk) -> None:
    answer = ask(made(desk), "GET", "/")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not any(h in answer.headers for h in ("set-cookie", "access-control-allow-origin"))
    assert not re.search(r"<style|style=|<script>|\son\w+=", answer.body.decode())


def test_no_file_of_the_page_names_another_address_or_keeps_anything() -> None:
    for file in FOLDER.glob("*"):
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"https?://|localStorage|sessionStorage|cookie\s*=", text), file


def test_what_others_wrote_is_what_it_is_said_to_be() -> None:
    for source in yaml.safe_load((VENDOR / "sources.yaml").read_text()):
        body = (VENDOR / source["file"]).read_bytes()
        assert hashlib.sha256(body).hexdigest() == source["sha256"]


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static//etc/passwd", "/static/vendor/sources.yaml", "/x"]
)
def test_only_files_of_the_page_can_be_had(desk: FakeDesk, path: str) -> None:
    assert ask(made(desk), "GET", path).status == 404


def test_a_conversation_by_requests(desk: FakeDesk) -> None:
    app = made(desk)
    opened = post(app, "/api/open", {"language": "de", "front_end": "phone"}).json()
    assert desk.opened == [("phone", "de")]
    assert opened["holder"] == "robot" and opened["lines"][0]["text"].startswith("Guten Tag")
    told = post(
        app, "/api/say", {"text": "Wo ist das Büro?", "after": 1}, opened["session"]
    ).json()
    assert [line["speaker"] for line in told["lines"]] == ["visitor", "robot"]
    assert told["reply"]["sourced"] and told["reply"]["choices"] == ["Ja", "Nein"]
    assert told["reply"]["way"]["points"][0] == [-20.0, -24.0]
    assert post(app, "/api/leave", {}, opened["session"]).status == 200
    assert desk.closed == [opened["session"]]
    assert post(app, "/api/say", {"text": "Hallo"}, opened["session"]).status == 404


def test_last_words_are_shown_though_the_conversation_is_over(desk: FakeDesk) -> None:
    app = made(desk)
    session = post(app, "/api/open", {}).json()["session"]
    told = post(app, "/api/say", {"text": "Bye", "after": 1}, session).json()
    assert told["reply"]["ends"] and told["lines"][-1]["text"] == "Goodbye."


def test_the_file_and_line_of_a_source_stay_with_the_robot(desk: FakeDesk) -> None:
    app = made(desk)
    session = post(app, "/api/open", {}).json()["session"]
    assert b"visitors.yaml" not in post(app, "/api/say", {"text": "office"}, session).body


def test_of_what_is_set_off_only_a_walk_is_told() -> None:
    reply = Reply("Come along.", "en", Intent.GUIDE)
    kinds = {kind: reply_document(replace(reply, acts=(Act(kind, "s", 0.0, text="secret"),)))
             for kind in ActKind}  # fmt: skip
    assert "secret" not in json.dumps(list(kinds.values()))
    told = {kind: document["guided"] for kind, document in kinds.items()}
    assert told == dict.fromkeys(ActKind) | {ActKind.GUIDE: True, ActKind.STOP_GUIDE: False}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"[" * 5000, 400), (b"[]", 400), (b'{"text": 1}', 400),
        (b'{"text": "  "}', 400), (b'{"text": "\xff"}', 400), (b'{"text": "a", "after": -1}', 400),
        (json.dumps({"text": "x" * (MAX_TEXT + 1)}).encode(), 413),
        (b" " * (8192 + 1), 413),
    ],
)  # fmt: skip
def test_what_is_no_sentence_is_refused_in_one(desk: FakeDesk, body: bytes, status: int) -> None:
    app = made(desk)
    session = post(app, "/api/open", {}).json()["session"]
    headers = {"content-type": "application/json", "authorization": f"Bearer {session}"}
    answer = ask(app, "POST", "/api/say", body, headers=headers)
    assert answer.status == status and answer.json()["error"].endswith(".")
    assert desk.heard == []


def test_forms_of_other_pages_are_refused(desk: FakeDesk) -> None:
    answer = ask(made(desk), "POST", "/api/open", b"{}", headers={"content-type": "text/plain"})
    assert answer.status == 415 and desk.opened == []


def test_control_characters_and_halves_of_characters_become_spaces(desk: FakeDesk) -> None:
    app = made(desk)
    session = post(app, "/api/open", {}).json()["session"]
    assert post(app, "/api/say", {"text": "\x00one\ntwo\ud800"}, session).status == 200
    assert desk.heard == ["one two"]


def test_who_asks_too_often_waits_and_others_do_not(desk: FakeDesk) -> None:
    app = made(desk, replace(PARAMS, client_turns_burst=3))
    statuses = [post(app, "/api/open", {}, client="10.0.0.1").status for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert post(app, "/api/open", {}, client="10.0.0.2").status == 200


def test_tokens_come_back_with_time_and_clients_are_forgotten() -> None:
    limiter = Limiter(1000.0, 1.0, 2)
    assert [limiter.take("a", 0.0) for _ in range(3)] == [True, True, False]
    assert limiter.take("a", 1.0) and not limiter.take("a", 1.5)
    for index in range(MAX_CLIENTS):
        limiter.take(str(index), float(index))
    assert len(limiter._clients) == MAX_CLIENTS and "a" not in limiter._clients


def test_in_all_there_are_only_so_many() -> None:
    limiter = Limiter(10.0, 100.0, 100)
    assert sum(limiter.take(str(index), 0.0) for index in range(100)) == 20


def test_aloud_goes_what_the_robot_said_on_its_own_screen(desk: FakeDesk) -> None:
    voice = RecordedVoice()
    app = made(desk, voice=voice)
    session = post(app, "/api/open", {}).json()["session"]
    post(app, "/api/say", {"text": "say something rude"}, session)
    spoken = {"number": 1, "language": "en"}
    assert post(app, "/api/speak", spoken, session, client="10.0.0.1").status == 404
    assert post(app, "/api/speak", spoken | {"number": 2}, session).status == 404
    assert post(app, "/api/speak", spoken, session).json() == {"spoken": True}
    assert [text[:6] for text, _ in voice.said] == ["Hello."]


def test_the_code_for_phones_is_there_when_an_address_is(desk: FakeDesk) -> None:
    answer = ask(made(desk), "GET", "/api/address.svg")
    assert answer.status == 200 and answer.body.startswith(b"<?xml") and b"<svg" in answer.body
    without = made(desk, replace(PARAMS, phone_address=""))
    assert ask(without, "GET", "/api/address.svg").status == 404


def test_the_map_shows_places_of_visitors_and_nothing_of_the_patrol() -> None:
    assert {place["id"] for place in MAP["places"]} == {"reception", "office", "loading_bay"}
    assert set(MAP) == {"outline", "buildings", "language", "places"}
    assert 5 < len(MAP["buildings"]) < 80 and len(json.dumps(MAP)) < 20_000
    west = min(x for ring in MAP["buildings"] for x, _ in ring)
    assert west > min(x for x, _ in MAP["outline"])


def test_a_page_that_takes_nothing_is_let_go() -> None:
    async def run() -> None:
        desk = FakeDesk()
        session = desk.open("kiosk", 0.0)

        async def at_once(work, *arguments):  # type: ignore[no-untyped-def]
            return work(*arguments)

        feed = Feed(desk, 0.0, at_once)
        updates = feed.read(session, 0, 5.0)
        assert (await anext(updates) or {})["lines"][0]["number"] == 1
        for _ in range(MAX_WAITING + 1):
            desk.hear(session, "hm", 0.0)
            await asyncio.sleep(0.001)
        rest = [update async for update in updates]
        assert len(rest) == MAX_WAITING

    asyncio.run(run())


def test_reading_on_ends_with_the_conversation(desk: FakeDesk) -> None:
    app = made(desk, replace(PARAMS, poll_interval_s=0.02))
    session = post(app, "/api/open", {}).json()["session"]

    async def run() -> bytes:
        headers = {"authorization": f"Bearer {session}"}
        reading = asyncio.create_task(
            call(app, "GET", "/api/lines", headers=headers, query="after=1")
        )
        await asyncio.sleep(0.05)
        desk.take_over(session, "This is Kim.")
        await asyncio.sleep(0.05)
        desk.forget()
        return (await reading).body

    updates = [json.loads(e[6:]) for e in asyncio.run(run()).decode().split("\n\n") if e[1:]]
    assert updates[1]["lines"][0]["text"] == "This is Kim." and updates[1]["holder"] == "operator"
    assert updates[-1] == {"ended": True}


@pytest.mark.parametrize("code", ["de", "ar"])
def test_every_language_has_every_word_of_the_page(code: str) -> None:
    texts = {c: yaml.safe_load((LANGUAGES / c / "texts.yaml").read_text()) for c in ("en", code)}
    english, other = ({k: set(re.findall(r"\{\w+\}", v)) for k, v in texts[c].items()
                       if k.startswith("kiosk_")} for c in ("en", code))  # fmt: skip
    assert other == english


def test_the_page_asks_for_no_word_that_is_not_there() -> None:
    english = yaml.safe_load((LANGUAGES / "en" / "texts.yaml").read_text())
    written = " ".join(file.read_text() for file in FOLDER.glob("*.js"))
    asked = set(re.findall(r'\bsay\("(\w+)"', written))
    asked |= {f"say_{kind}" for kind in ("fire", "medical", "violence", "danger")}
    asked |= {"fire", "medical", "violence", "danger", "robot", "visitor", "operator"}
    asked |= set(re.findall(r'"(lost|ended|listening|speak|with_human|with_robot)"', written))
    assert {f"kiosk_{key}" for key in asked} == {k for k in english if k.startswith("kiosk_")}
