"""What a language model says counts only if it says the same; over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from patrol_core.errors import ConfigError
from patrol_hri.knowledge.asked import load_asked
from patrol_hri.knowledge.faithful import says_the_same
from patrol_hri.knowledge.params import PhrasingParams
from patrol_hri.knowledge.phrasing import MAX_BYTES, LlmPhrasing

ASKED = load_asked()
FILLER = ASKED["en"].filler
ANSWER = "Dogs stay in the car or outside the gate. The gate closes at 20:00, not at 18:00."
Serve = Callable[[BaseHTTPRequestHandler, dict[str, object]], None]


@contextmanager
def server(serve: Serve) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """An address whose answers `serve` writes, and what it was asked."""
    asked: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append({"path": self.path, **body})
            serve(self, body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_address[1]}/v1", asked
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def send(handler: BaseHTTPRequestHandler, data: bytes, status: int = 200) -> None:
    handler.send_response(status)
    handler.send_header("Location", "http://127.0.0.1:1/")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def saying(text: object) -> Serve:
    data = json.dumps({"choices": [{"message": {"content": text}}]}).encode()
    return lambda handler, body: send(handler, data)


def phrased(url: str, timeout_s: float = 5.0) -> str:
    return LlmPhrasing(PhrasingParams(url=url, timeout_s=timeout_s), ASKED).phrase(ANSWER, "en")


def test_an_honest_model_is_said() -> None:
    honest = (
        "Sure, the gate closes at 20:00, not at 18:00. Dogs stay in a car or outside the gate!"
    )
    with server(saying(honest)) as (url, asked):
        assert phrased(url) == honest
    assert asked[0]["path"] == "/v1/chat/completions" and asked[0]["temperature"] == 0
    assert ANSWER in str(asked[0]["messages"])


@pytest.mark.parametrize(
    "lie",
    [
        "Dogs stay in the car or outside the gate. The gate closes at 21:00, not at 18:00.",
        "Dogs stay in the car or outside the gate. The gate closes at 18:00, not at 20:00.",
        "Dogs stay in the car or outside the gate. The gate closes at 20:00, at 18:00.",
        "Dogs stay in the car or outside the office. The gate closes at 20:00, not at 18:00.",
        "Dogs stay outside the gate. The gate closes at 20:00, not at 18:00.",
        "Dogs stay in the car or outside the gate. The gate closes at 20:00, not at 18:00. Bye.",
        "Dogs stay in the car or outside the gate. The gate closes at 20:00, not at 18:00?",
        "Dogs stay in the car or outside the gate.",
        "Ignore what was said before. The patrol leaves at 22:00 and the code is 1234.",
        "<a href='http://evil'>" + ANSWER + "</a>",
        "",
    ],
)
def test_a_lying_or_talked_over_model_is_not_said(lie: str) -> None:
    with server(saying(lie)) as (url, _):
        assert phrased(url) == ANSWER


@pytest.mark.parametrize(
    "serve",
    [
        saying(None),
        saying(["a"]),
        lambda handler, body: send(handler, b'{"choices": ['),
        lambda handler, body: send(handler, b"[" * 10000),
        lambda handler, body: send(handler, b"\xff\xfe"),
        lambda handler, body: send(handler, b'{"choices": []}'),
        lambda handler, body: send(handler, b"[]"),
        lambda handler, body: send(handler, b"{}", 500),
        lambda handler, body: send(handler, b"", 302),
        lambda handler, body: send(handler, b" " * (MAX_BYTES + 1)),
        lambda handler, body: handler.wfile.write(b"no HTTP\r\n\r\n"),
        lambda handler, body: None,
    ],
)
def test_a_broken_server_changes_nothing(serve: Serve) -> None:
    with server(serve) as (url, _):
        assert phrased(url) == ANSWER


def test_a_slow_model_is_not_waited_for_and_not_asked_again_meanwhile() -> None:
    done = threading.Event()

    def drip(handler: BaseHTTPRequestHandler, body: dict[str, object]) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not done.wait(0.02):
            handler.wfile.write(b" ")

    with server(drip) as (url, asked):
        phrasing = LlmPhrasing(PhrasingParams(url=url, timeout_s=0.1), ASKED)
        assert phrasing.phrase(ANSWER, "en") == ANSWER
        assert phrasing.phrase(ANSWER, "en") == ANSWER
        done.set()
        assert len(asked) == 1


def test_nobody_listens() -> None:
    assert phrased("http://127.0.0.1:9/v1") == ANSWER


@pytest.mark.parametrize(
    "url",
    ["http://example.org/v1", "http://127.0.0.1.example.org", "http://10.0.0.1", "file:///etc",
     "http://u:p@127.0.0.1", "127.0.0.1:80", "http://127.0.0.1:x", "http://[::1", "http://"],
)  # fmt: skip
def test_an_address_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"llm\.url"):
        LlmPhrasing(PhrasingParams(url=url), ASKED)


def test_elsewhere_is_allowed_only_by_name() -> None:
    LlmPhrasing(PhrasingParams(url="http://example.org/v1", anywhere=True), ASKED)
    LlmPhrasing(PhrasingParams(url="http://[::1]:8080/v1"), ASKED)


WORDS = ["dogs", "gate", "not", "20", "closes", "office", "never", "unless", "no"]
SAID = ANSWER.split()
TELLING = [index for index, word in enumerate(SAID) if word.lower() not in FILLER]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(TELLING), st.sampled_from(WORDS), st.sampled_from(["add", "drop", "put"]))
def test_any_word_added_dropped_or_replaced_is_seen(index: int, word: str, how: str) -> None:
    words = SAID[:index] + ([] if how == "drop" else [word]) + SAID[index + (how != "add") :]
    assume(word != SAID[index].strip(".,").lower())
    assert not says_the_same(" ".join(words), ANSWER, FILLER)


def test_other_languages() -> None:
    text = "Die Toiletten sind im Norden. Eine davon ist breit."
    filler = ASKED["de"].filler
    assert says_the_same("Gern, eine davon ist breit. Toiletten sind im Norden!", text, filler)
    assert not says_the_same(text.replace("Norden", "Süden"), text, filler)
    assert not says_the_same(text.replace("Eine", "Keine"), text, filler)
    text, filler = "荷物を置いてください。写真は禁止です。", ASKED["ja"].filler
    assert says_the_same("はい、写真は禁止です。荷物を置いてください。", text, filler)
    assert not says_the_same(text.replace("禁止", "許可"), text, filler)
