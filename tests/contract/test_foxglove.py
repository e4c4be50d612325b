"""The engineers' bridge on the line, with a client of our own."""

from __future__ import annotations

import http.client
import itertools
import logging
import pickle
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flight_rig import GATE, INCIDENT, scan
from tests.foxglove_bridge import PATIENCE_S, Bridge, Client, bridge
from tests.gate_world import ROBOT, make_site
from websockets.exceptions import ConnectionClosed, InvalidStatus

from patrol_console.assembly import build
from patrol_console.foxglove.params import FoxgloveParams
from patrol_console.foxglove.rows import SHOWN
from patrol_console.params import ConsoleParams
from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.site.model import Zone, ZoneKind
from patrol_core.topics import (
    AMCL_POSE,
    CAMERA_BLURRED,
    GATE_STATUS,
    INCIDENTS,
    ODOM,
    PATROL_EVENTS,
    SCAN,
    TF_STATIC,
)
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import FindingKind
from patrol_core.types.sensors import LaserScan

MIB = 2**20
GARDEN = Zone("garden", ZoneKind.PRIVACY, ((1.0, -1.0), (9.0, -1.0), (9.0, 1.0), (1.0, 1.0)))


@pytest.fixture(autouse=True)
def no_error_goes_unheard(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [r.getMessage() for r in caplog.get_records("call") if r.name == "asyncio"] == []


@pytest.mark.parametrize("protocol", ["foxglove.sdk.v1", "foxglove.websocket.v1"])
def test_a_client_gets_the_bytes_it_asks_for_and_no_others(tmp_path: Path, protocol: str) -> None:
    with bridge(tmp_path) as made:
        client = Client(made.address, protocol)
        assert client.socket.subprotocol == protocol
        assert client.info["capabilities"] == ["time"]
        assert set(client.channels) == {f"/{topic.name}" for topic in SHOWN}
        scans = client.channels["/scan"]
        assert (scans["encoding"], scans["schemaEncoding"]) == ("cdr", "ros2msg")
        assert (scans["schemaName"], scans["schema"]) == (SCAN.ros_type, made.wire.schema(SCAN))
        assert made.component.hears == ()
        client.subscribe("/odom", "/scan", first=70)
        made.until_heard(ODOM, SCAN)
        for n in range(100):
            made.hear(ODOM, bytes([n]) * n)
            made.hear(TF_STATIC, b"not asked for")
        client.until(lambda: len(client.messages) == 100)
        at_s = made.now_s
        assert client.messages == [
            (70, pytest.approx(at_s), bytes([n]) * n) for n in range(100)
        ]  # fmt: skip
        client.ask({"op": "unsubscribe", "subscriptionIds": [70]})
        made.until_heard(SCAN)
        made.hear(SCAN, b"last")
        client.until(lambda: len(client.messages) == 101)
        assert client.messages[-1][::2] == (71, b"last")
        client.socket.close()
        made.until_heard()


def test_the_robots_time_is_told(tmp_path: Path) -> None:
    with bridge(tmp_path) as made:
        client = Client(made.address)
        made.step(5.0)
        client.until(lambda: made.now_s in [pytest.approx(time_s) for time_s in client.times_s])


def test_words_are_read_and_come_without_names(tmp_path: Path) -> None:
    with bridge(tmp_path) as made:
        client = Client(made.address)
        client.subscribe("/gate_status", "/incidents")
        made.until_heard(GATE_STATUS, INCIDENTS)
        gate = replace(GATE, reasons=("reset by anna refused: bumper",))
        told = replace(INCIDENT, kind=FindingKind.REPORT)
        made.hear(INCIDENTS, made.wire.encode(INCIDENTS, told))
        made.hear(GATE_STATUS, made.wire.encode(GATE_STATUS, gate))
        client.until(lambda: bool(client.messages))
        ((subscription, _, data),) = client.messages
        assert subscription == 0
        assert pickle.loads(data).reasons == ("reset by an operator refused: bumper",)


def test_what_lies_in_a_privacy_zone_is_taken_out(tmp_path: Path) -> None:
    with bridge(tmp_path, zones=(GARDEN,)) as made:
        client = Client(made.address)
        client.subscribe("/scan")
        made.until_heard(SCAN)
        heard = made.wire.encode(SCAN, scan(1.0))
        made.hear(SCAN, heard)  # the robot does not know where it is
        made.read(AMCL_POSE, PoseEstimate(1.0, Pose2(0.0, 0.0)))
        made.step()
        made.hear(SCAN, heard)
        made.read(AMCL_POSE, PoseEstimate(1.0, Pose2(-20.0, 0.0)))
        made.step()
        made.hear(SCAN, heard)
        client.until(lambda: len(client.messages) == 2)
        near, far = (pickle.loads(data) for _, _, data in client.messages)
        assert isinstance(near, LaserScan)
        assert [bool(np.isnan(one)) for one in near.ranges_m] == [True, False, False, False]
        assert client.messages[1][2] == heard and not np.isnan(far.ranges_m).any()


def test_an_old_event_of_a_privacy_zone_is_not_told_to_who_comes_later(tmp_path: Path) -> None:
    with bridge(tmp_path, zones=(GARDEN,)) as made:
        client = Client(made.address)
        client.subscribe("/patrol_events")
        made.until_heard(PATROL_EVENTS)
        made.read(AMCL_POSE, PoseEstimate(1.0, Pose2(0.0, 0.0)))
        made.step()
        for x_m in (5.0, -5.0):
            event = PatrolEvent(1.0, "p", "checkpoint_reached", "a", "", Pose2(x_m, 0.0))
            made.hear(PATROL_EVENTS, made.wire.encode(PATROL_EVENTS, event))
        late = Client(made.address)
        late.subscribe("/patrol_events")
        for one in (client, late):
            one.until(lambda one=one: bool(one.messages))  # type: ignore[misc]
            assert [pickle.loads(data).pose.x_m for _, _, data in one.messages] == [-5.0]


def test_a_client_that_reads_nothing_harms_nobody_and_is_cut(tmp_path: Path) -> None:
    params = FoxgloveParams(enabled=True, port=0, stall_timeout_s=1.0)
    picture = bytes(MIB)
    with bridge(tmp_path, params=params) as made:
        idle, reader = Client(made.address), Client(made.address)
        idle.subscribe("/odom", "/camera/image_blurred/compressed")
        reader.subscribe("/camera/image_blurred/compressed")
        made.until_heard(ODOM, CAMERA_BLURRED)
        before = psutil.Process().memory_info().rss
        sent = itertools.count()

        def send() -> int:
            number = next(sent) % 256
            made.hear(CAMERA_BLURRED, bytes([number]) + picture)
            reader.until(lambda: bool(reader.messages) and reader.messages[-1][2][0] == number)
            reader.messages.clear()
            return number

        assert [send() for _ in range(200)] == [*range(200)]
        assert psutil.Process().memory_info().rss - before < 60 * MIB, "200 MiB were sent"
        made.until(lambda: send() >= 0 and ODOM not in made.component.hears)
        assert idle.until_closed() == 1006


def test_a_slow_client_gets_the_newest_picture_next(tmp_path: Path) -> None:
    with bridge(tmp_path) as made:
        client = Client(made.address)
        client.subscribe("/camera/image_blurred/compressed")
        made.until_heard(CAMERA_BLURRED)
        for n in range(100):
            made.hear(CAMERA_BLURRED, bytes([n]) + bytes(MIB))
        client.until(lambda: bool(client.messages) and client.messages[-1][2][0] == 99)
        assert len(client.messages) < 50


ORIGIN = "https://app.foxglove.dev"


@pytest.mark.parametrize("origin", [None, ORIGIN])
def test_programs_and_listed_pages_may_connect(tmp_path: Path, origin: str | None) -> None:
    with bridge(tmp_path) as made:
        assert Client(made.address, origin=origin).channels


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "file://",
        f"{ORIGIN}.evil.example",
        "",
        "http://127.0.0.1:8480",
    ],
)
def test_pages_of_strangers_are_refused_and_that_is_said_once(
    tmp_path: Path, origin: str, caplog: pytest.LogCaptureFixture
) -> None:
    with bridge(tmp_path) as made:
        for _ in range(3):
            assert handshake(made, f"Origin: {origin}") == 403
            assert handshake(made, f"Origin: {ORIGIN}", f"Origin: {origin}") == 403
        said = [r.getMessage() for r in caplog.records if "foxglove.origins" in r.getMessage()]
        assert len(said) == 1 and repr(origin) in said[0]


HANDSHAKE = (
    "GET / HTTP/1.1", "Host: robot", "Connection: Upgrade", "Upgrade: websocket",
    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: foxglove.sdk.v1",
)  # fmt: skip


def lines(*several: str) -> bytes:
    return "\r\n".join((*several, "", "")).encode()


def handshake(made: Bridge, *headers: str) -> int:
    """The status of the answer to a handshake with these headers added."""
    return int(talk(made, lines(*HANDSHAKE, *headers), ends=False).split()[1])


def talk(made: Bridge, data: bytes, *, ends: bool) -> bytes:
    """What comes back first to bytes on a connection of its own, that then says no more."""
    url = urlsplit(made.address)
    with socket.create_connection((url.hostname, url.port), timeout=PATIENCE_S) as line:
        line.sendall(data)
        try:
            if ends:
                line.shutdown(socket.SHUT_WR)
            return line.recv(1000)
        except ConnectionResetError:
            return b""


def test_who_speaks_another_protocol_is_refused(tmp_path: Path) -> None:
    with bridge(tmp_path) as made:
        with pytest.raises(InvalidStatus) as refused:
            Client(made.address, "rosbridge_v2")
        assert refused.value.response.status_code == 400
        url = urlsplit(made.address)
        page = http.client.HTTPConnection(str(url.hostname), url.port, timeout=PATIENCE_S)
        page.request("GET", "/")
        assert page.getresponse().status == 426
        page.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    with bridge(tmp_path_factory.mktemp("run")) as made:
        yield made


HEAD = lines(*HANDSHAKE).removesuffix(b"\r\n")


@given(st.binary(max_size=300), st.sampled_from((b"", HEAD, HEAD + b"\r\n")))
@settings(max_examples=60, deadline=None)
def test_no_bytes_on_the_line_break_it(served: Bridge, data: bytes, begin: bytes) -> None:
    answer = talk(served, begin + data, ends=True)
    assert re.match(rb"(HTTP/1.1 (101|4\d\d) |$)", answer)


@given(st.lists(st.binary(max_size=200) | st.text(max_size=200), max_size=5))
@settings(max_examples=30, deadline=None)
def test_nothing_said_breaks_it(served: Bridge, said: list[str | bytes]) -> None:
    client = Client(served.address)
    for one in said:
        client.socket.send(one)
    client.until(lambda: len(client.statuses) == len(said))
    client.socket.close()


def test_it_still_serves_after_all_that(served: Bridge, caplog: pytest.LogCaptureFixture) -> None:
    client = Client(served.address)
    client.subscribe("/odom")
    served.until_heard(ODOM)
    served.hear(ODOM, b"here")
    client.until(lambda: bool(client.messages))
    client.socket.close()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_message_that_is_too_long_ends_the_connection(served: Bridge) -> None:
    client = Client(served.address)
    client.socket.send("x" * 70_000)
    assert client.until_closed() == 1009


def test_nothing_can_be_said_to_the_robot(served: Bridge) -> None:
    """A client that claims to publish is told that it cannot; `Bridge.step` checks that nothing is
    ever said on a row."""
    client = Client(served.address)
    command = {"id": 1, "topic": "/cmd_vel", "encoding": "cdr", "schemaName": "a/msg/B"}
    client.ask({"op": "advertise", "channels": [command]})
    client.socket.send(b"\x01\x01\0\0\0" + bytes(64))
    client.until(lambda: len(client.statuses) == 2)
    served.step()
    assert served.component.writes == ()
    client.socket.close()


def test_there_are_only_so_many_clients_and_silent_connections(tmp_path: Path) -> None:
    params = FoxgloveParams(enabled=True, port=0, max_clients=2)
    with bridge(tmp_path, params=params) as made:
        clients = [Client(made.address) for _ in range(2)]
        with pytest.raises(ConnectionClosed) as refused:
            Client(made.address)
        assert refused.value.rcvd is not None and refused.value.rcvd.code == 1013
        url = urlsplit(made.address)
        silent = [socket.create_connection((url.hostname, url.port)) for _ in range(120)]
        clients[0].subscribe("/odom")
        made.until_heard(ODOM)
        made.hear(ODOM, b"here")
        clients[0].until(lambda: bool(clients[0].messages))
        for line in silent:
            line.settimeout(PATIENCE_S)
            assert line.recv(1) == b"", "who says nothing is cut"
            line.close()


def test_a_port_that_is_taken_is_said_and_harms_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with bridge(tmp_path, params=FoxgloveParams(enabled=True, port=port)) as made:
            made.step()
            assert made.component.hears == () and made.address == ""
    assert f"cannot listen on 127.0.0.1 port {port}" in caplog.text


def test_an_address_that_others_can_reach_is_said_loudly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for host, is_loud in (("127.0.0.1", False), ("0.0.0.0", True)):
        caplog.clear()
        with bridge(tmp_path, params=FoxgloveParams(enabled=True, host=host, port=0)):
            assert ("WHOEVER REACHES" in caplog.text) is is_loud


def test_it_is_off_unless_it_is_wanted(tmp_path: Path) -> None:
    context = ProcessContext(make_site(), ROBOT, tmp_path)
    names = [part.name for part in build(context, ConsoleParams())]
    assert names == ["console", "viewer"]
    wanted = replace(ConsoleParams(), foxglove=FoxgloveParams(enabled=True))
    assert [part.name for part in build(context, wanted)] == ["console", "viewer", "foxglove"]
