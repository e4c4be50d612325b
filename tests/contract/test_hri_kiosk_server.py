"""The kiosk's server on real sockets, against clients that mean no good."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from http.client import HTTPConnection

import pytest
from tests.kiosk_desk import FakeDesk, depot_map, page_languages

from patrol_core.web.server import ListenError
from patrol_hri.kiosk.app import create_app
from patrol_hri.kiosk.documents import Document
from patrol_hri.kiosk.params import KioskParams
from patrol_hri.kiosk.server import kiosk_server

PARAMS = KioskParams(
    port=0, max_connections=20, client_connections=10, request_timeout_s=0.5, stall_timeout_s=0.5,
    poll_interval_s=0.05, answer_timeout_s=1.0,
    requests_per_s=1e5, client_requests_burst=10_000,
)  # fmt: skip
HALF_A_BODY = (
    b"POST /api/open HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    b"Content-Length: 4000\r\n\r\n{"
)
JSON = {"content-type": "application/json"}


class SlowDesk(FakeDesk):
    """Takes its time with "wait"."""

    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()

    def hear(self, session_id, text, now_s):  # type: ignore[no-untyped-def]
        if text == "wait":
            self.free.wait(20.0)
        return super().hear(session_id, text, now_s)


@pytest.fixture
def desk() -> Iterator[SlowDesk]:
    slow = SlowDesk()
    yield slow
    slow.free.set()


@pytest.fixture
def port(desk: SlowDesk) -> Iterator[int]:
    app = create_app(desk, page_languages(), depot_map(), PARAMS, time.monotonic)
    server = kiosk_server(app, PARAMS)
    address = server.start()
    yield int(address.rstrip("/").rpartition(":")[2])
    server.stop()
    assert not server.alive


def request(port: int, path: str, value: Document | None = None, session: str = "") -> Document:
    """One request on a connection of its own; what came back, with its status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10.0)
    headers = JSON | ({"authorization": f"Bearer {session}"} if session else {})
    body = None if value is None else json.dumps(value)
    connection.request("GET" if body is None else "POST", path, body, headers)
    answer = connection.getresponse()
    told: Document = json.loads(answer.read())
    connection.close()
    return told | {"status": answer.status}


Dial = Callable[..., socket.socket]


@pytest.fixture
def dial(port: int) -> Iterator[Dial]:
    """Connects from an address of this machine; everything is hung up at the end."""
    with ExitStack() as open_ones:

        def connect(source: str = "127.0.0.1") -> socket.socket:
            return open_ones.enter_context(
                socket.create_connection(("127.0.0.1", port), 10.0, (source, 0))
            )

        yield connect


def all_of(connection: socket.socket) -> bytes:
    """What comes until the server closes."""
    data = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            data += part
    return data


def test_lines_of_an_operator_come_by_themselves(port: int, desk: SlowDesk) -> None:
    session = request(port, "/api/open", {})["session"]
    with closing(HTTPConnection("127.0.0.1", port, timeout=10.0)) as connection:
        headers = {"authorization": f"Bearer {session}"}
        connection.request("GET", "/api/lines?after=1", headers=headers)
        with connection.getresponse() as answer:
            desk.take_over(session, "This is Kim.")
            while b"Kim" not in (line := answer.readline()):
                assert line
    assert json.loads(line[6:])["holder"] == "operator"


def test_a_used_port_is_told_with_what_to_do(port: int, desk: SlowDesk) -> None:
    app = create_app(desk, page_languages(), {}, PARAMS, time.monotonic)
    with pytest.raises(ListenError, match=rf"port {port}: Address already in use.*to do"):
        kiosk_server(app, replace(PARAMS, port=port)).start()


def test_it_stops_while_somebody_reads_on_and_starts_again(desk: SlowDesk) -> None:
    for _ in range(2):
        app = create_app(desk, page_languages(), {}, PARAMS, time.monotonic)
        server = kiosk_server(app, PARAMS)
        port = int(server.start().rstrip("/").rpartition(":")[2])
        session = request(port, "/api/open", {})["session"]
        words = f"GET /api/lines HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {session}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), 10.0) as reading:
            reading.sendall(words.encode())
            came = b""
            while b"data:" not in came:  # at once with the head, or after it
                part = reading.recv(65536)
                assert part
                came += part
            server.stop()
            assert not server.alive
            all_of(reading)  # it is closed: otherwise this times out


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"GET / HTTP/1.1\r\nHost:", b"\x16\x03\x01" * 50, b"G" * 100_000,
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 100_000,
        HALF_A_BODY,
    ],
    ids=["nothing", "half a request", "TLS", "no end", "long header", "half a body"],
)  # fmt: skip
def test_who_sends_no_whole_request_is_cut(dial: Dial, sent: bytes) -> None:
    connection = dial()
    with suppress(ConnectionError):  # cut while it was still sending
        connection.sendall(sent)
    answer = all_of(connection)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


def test_who_drips_a_request_byte_by_byte_is_cut(dial: Dial) -> None:
    connection = dial()
    with suppress(ConnectionError):
        for _ in range(2000):
            connection.sendall(b"G")
            time.sleep(0.01)
        pytest.fail("still connected after 20 s")


def test_who_reads_nothing_is_cut_and_the_room_is_free_again(port: int, dial: Dial) -> None:
    for _ in range(PARAMS.client_connections):
        dial().sendall(b"GET /static/vendor/htm-preact.js HTTP/1.1\r\nHost: a\r\n\r\n" * 400)
    end_s = time.monotonic() + 10.0
    while True:
        try:
            assert request(port, "/api/start")["status"] == 200
            break
        except (OSError, ValueError):
            assert time.monotonic() < end_s
            time.sleep(0.05)


def test_too_many_connections_of_one_are_refused_and_others_are_served(dial: Dial) -> None:
    held = [dial() for _ in range(PARAMS.client_connections)]
    assert all_of(dial()).startswith(b"HTTP/1.1 503 ")
    held += [dial("127.0.0.2") for _ in range(PARAMS.client_connections)]
    assert len(held) == PARAMS.max_connections
    other = dial("127.0.0.3")
    other.sendall(b"GET /api/start HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert all_of(other).startswith(b"HTTP/1.1 200 ")
    assert all_of(held[0]).startswith(b"HTTP/1.1 503 ")


def test_requests_in_one_piece_get_one_answer(dial: Dial) -> None:
    many = dial()
    many.sendall(b"GET /api/start HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
    assert all_of(many).count(b"HTTP/1.1 200 ") == 1


def test_a_robot_that_does_not_answer_is_said_not_to(port: int) -> None:
    session = request(port, "/api/open", {})["session"]
    told = request(port, "/api/say", {"text": "wait"}, session)
    assert told["status"] == 503 and "does not answer" in told["error"]
    assert request(port, "/api/start")["status"] == 200


def test_a_huge_body_is_refused_before_it_has_come(dial: Dial) -> None:
    connection = dial()
    connection.sendall(
        b"POST /api/open HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: 10000000000\r\n\r\n" + b"x" * 20_000
    )
    assert b"413" in all_of(connection)[:20]
