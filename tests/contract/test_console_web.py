"""The console through real HTTP and WebSockets: who may do what, and what is refused."""

from __future__ import annotations

import http.client
import json
import ssl
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.console_served import (
    FIRST_PASSWORD,
    OPEN_LIMITS,
    PASSWORD,
    Client,
    ServedConsole,
    acts,
    another,
    code_at_the_end,
    first_administrator,
    served,
    wait_for,
)
from websockets.exceptions import ConnectionClosed, InvalidStatus

from patrol_console.web.params import WebParams
from patrol_core.topics import (
    ESTOP,
    GATE_RESET,
    OPERATOR_LINK,
)
from patrol_records.log.entries import LogEntry
from patrol_records.log.store import LogStore

ROBOT = "/robots/ronda"


def test_there_is_no_default_account_and_the_code_serves_once(console: ServedConsole) -> None:
    client = Client(console)
    assert client.ask("GET", "/session") == (200, {"user": None, "first_start": True})
    wrong = {"code": "AAAAAAAAAAAA", "user": "ada", "password": PASSWORD}
    assert client.ask("POST", "/first-user", wrong)[0] == 403
    code = console.code()
    administrator = first_administrator(console)
    assert administrator.ask("GET", "/session")[1]["role"] == "administrator"
    again = {"code": code, "user": "eve", "password": PASSWORD}
    assert client.ask("POST", "/first-user", again)[0] == 409
    assert not (console.folder / "console" / "first-start.txt").exists()
    mode = (console.folder / "console" / "accounts.db").stat().st_mode & 0o777
    assert mode == 0o600


def test_who_is_not_signed_in_gets_nothing(console: ServedConsole) -> None:
    client = Client(console)
    for method, path in (
        ("GET", "/users"), ("GET", f"{ROBOT}/site"), ("GET", f"{ROBOT}/map.png"),
        ("GET", f"{ROBOT}/incidents"), ("POST", f"{ROBOT}/stop"), ("DELETE", "/session"),
    ):  # fmt: skip
        assert client.ask(method, path, {} if method == "POST" else None)[0] == 401
    for line in ("live", "camera", "drive"):
        with client.socket(f"{ROBOT}/{line}") as socket:
            assert code_at_the_end(socket) == 4401


def test_each_role_may_do_its_part_and_no_more(console: ServedConsole) -> None:
    ada = first_administrator(console)
    people = {r: another(console, ada, r, r) for r in ("viewer", "operator", "supervisor")}
    people["administrator"] = ada
    asks: list[tuple[str, str, Any, str]] = [
        ("GET", f"{ROBOT}/site", None, "viewer"),
        ("POST", f"{ROBOT}/stop", {}, "viewer"),
        ("POST", f"{ROBOT}/commands", {"do": "start", "preview": True}, "operator"),
        ("POST", f"{ROBOT}/announce", {"text": "hello"}, "operator"),
        ("POST", f"{ROBOT}/stop/clear", {"why": "x"}, "supervisor"),
        ("GET", "/users", None, "administrator"),
    ]
    order = list(people)
    for method, path, body, least in asks:
        for role, client in people.items():
            status = client.ask(method, path, body)[0]
            allowed = order.index(role) >= order.index(least)
            done = (200, 409) if path.endswith("clear") else (200,)  # 409: cleared already
            assert status in (done if allowed else (403,)), (path, role, status)


def test_a_robot_that_is_not_ones_own_is_not_there(console: ServedConsole) -> None:
    ada = first_administrator(console)
    assert ada.ask("GET", "/robots/other/site")[0] == 404
    body = {"user": "bo", "role": "viewer", "robots": ["other"], "password": PASSWORD}
    status, answer = ada.ask("POST", "/users", body)
    assert status == 422 and "ronda" in answer["error"]


def test_with_a_first_password_one_can_only_choose_ones_own(console: ServedConsole) -> None:
    ada, bo = first_administrator(console), Client(console)
    body = {"user": "bo", "role": "supervisor", "robots": ["*"], "password": FIRST_PASSWORD}
    assert ada.ask("POST", "/users", body)[0] == 200
    signed_in = {"user": "bo", "password": FIRST_PASSWORD}
    assert bo.ask("POST", "/session", signed_in)[1]["permissions"] == ["self"]
    status, told = bo.ask("POST", f"{ROBOT}/commands", {"do": "pause"})
    assert status == 403 and "password of your own" in told["error"]
    with bo.socket(f"{ROBOT}/live") as line:
        assert code_at_the_end(line) == 4403
    same = {"old": FIRST_PASSWORD, "new": FIRST_PASSWORD}
    assert bo.ask("POST", "/session/password", same)[0] == 422
    assert bo.ask("POST", "/session/password", {**same, "new": PASSWORD})[0] == 200
    assert bo.ask("POST", f"{ROBOT}/commands", {"do": "pause", "preview": True})[0] == 409
    assert ada.ask("PATCH", "/users/bo", {"password": FIRST_PASSWORD})[0] == 200
    assert bo.ask("POST", "/session", signed_in)[1]["permissions"] == ["self"]


def test_other_sites_pages_are_refused(console: ServedConsole) -> None:
    ada = first_administrator(console)
    foreign = {"Origin": "https://elsewhere.example"}
    assert ada.ask("POST", f"{ROBOT}/stop", {}, foreign)[0] == 403
    assert ada.ask("POST", f"{ROBOT}/stop", {}, {"X-Ronda": ""})[0] == 403
    for origin in ("https://elsewhere.example", ""):
        with pytest.raises(InvalidStatus), ada.socket(f"{ROBOT}/live", origin):
            pass
    assert console.said_on(ESTOP) == []


def test_every_answer_has_the_headers_that_keep_a_page_safe(console: ServedConsole) -> None:
    for path in ("/", "/static/main.js", "/api/session", "/nowhere"):
        with closing(http.client.HTTPConnection(*console.address)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in policy and "Server" not in answer.headers


def test_a_session_is_kept_by_a_cookie_that_scripts_cannot_read(console: ServedConsole) -> None:
    first_administrator(console)
    body = json.dumps({"user": "ada", "password": PASSWORD})
    headers = {"Content-Type": "application/json", "X-Ronda": "1"}
    with closing(http.client.HTTPConnection(*console.address)) as connection:
        connection.request("POST", "/api/session", body, headers)
        cookie = connection.getresponse().headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie


def test_guessing_passwords_becomes_slow_and_locks_nobody_else_out(console: ServedConsole) -> None:
    ada = first_administrator(console)
    another(console, ada, "bo", "operator")
    client = Client(console)
    statuses = [
        client.ask("POST", "/session", {"user": "bo", "password": f"wrong {n}"})[0]
        for n in range(8)
    ]
    assert statuses[:5] == [401] * 5 and statuses[-1] == 429
    good = {"user": "ada", "password": PASSWORD}
    assert Client(console).ask("POST", "/session", good)[0] == 200
    wait_for(lambda: "sign_in_failed" in acts(console))


@pytest.mark.parametrize("bad", ["short", "password123", "ada-ada-ada-1", "x" * 129])
def test_weak_passwords_are_refused(console: ServedConsole, bad: str) -> None:
    body = {"code": console.code(), "user": "ada", "password": bad}
    assert Client(console).ask("POST", "/first-user", body)[0] in (400, 422)


def test_a_new_role_counts_at_once_and_closes_open_lines(console: ServedConsole) -> None:
    ada = first_administrator(console)
    bo = another(console, ada, "bo", "operator")
    with bo.socket(f"{ROBOT}/drive") as line:
        line.recv()
        assert ada.ask("PATCH", "/users/bo", {"role": "viewer"})[0] == 200
        assert code_at_the_end(line) == 4401
    assert bo.ask("POST", f"{ROBOT}/commands", {"do": "pause"})[0] == 403


def test_the_only_administrator_stays(console: ServedConsole) -> None:
    ada = first_administrator(console)
    assert ada.ask("PATCH", "/users/ada", {"role": "viewer"})[0] == 409
    assert ada.ask("DELETE", "/users/ada")[0] == 409


def test_sessions_outlive_the_console_and_end_when_signed_out(tmp_path: Path) -> None:
    with served(tmp_path) as console:
        ada = first_administrator(console)
        port = console.address[1]
    with served(tmp_path, WebParams(port=port)) as console:
        client = Client(console)
        client.cookie = f"ronda-{port}={ada.cookie.partition('=')[2]}"
        assert client.ask("GET", f"{ROBOT}/site")[0] == 200
        assert client.ask("DELETE", "/session")[0] == 200
        client.cookie = f"ronda-{port}={ada.cookie.partition('=')[2]}"
        assert client.ask("GET", f"{ROBOT}/site")[0] == 401


def test_the_stop_needs_one_act_and_clearing_two(console: ServedConsole) -> None:
    ada = first_administrator(console)
    another(console, ada, "bo", "supervisor")
    bo = Client(console)
    bo.ask("POST", "/session", {"user": "bo", "password": PASSWORD})
    assert bo.ask("POST", f"{ROBOT}/stop", {})[0] == 200
    wait_for(lambda: any(said.pressed for said in console.said_on(ESTOP)))
    assert bo.ask("POST", "/session/confirm", {"password": "wrong"})[0] == 403
    assert bo.ask("POST", "/session/confirm", {"password": PASSWORD})[0] == 200
    assert bo.ask("POST", f"{ROBOT}/stop/clear", {"why": "nobody near"})[0] == 200
    wait_for(lambda: console.said_on(GATE_RESET))
    assert console.said_on(GATE_RESET)[0].who == "bo"
    wait_for(lambda: {"stop_pressed", "stop_cleared"} <= set(acts(console)))


def test_the_live_line_tells_changes_and_waits_for_who_is_slow(console: ServedConsole) -> None:
    ada = first_administrator(console)
    with ada.socket(f"{ROBOT}/live") as line:
        first = json.loads(line.recv(timeout=20.0))
        assert first["n"] == 1 and first["gate"]["state"] == "passing"
        second = json.loads(line.recv(timeout=20.0))
        assert second["n"] == 2 and "gate" not in second
        with pytest.raises(TimeoutError):  # two are on the way: no third before an answer
            line.recv(timeout=0.6)
        line.send('{"ack": 2}')
        assert json.loads(line.recv(timeout=20.0))["n"] == 3
        wait_for(lambda: console.said_on(OPERATOR_LINK))


@pytest.mark.parametrize("text", ["x", "[]", '{"ack": 99}', '{"want": ["users"]}', "9" * 2000])
def test_a_page_that_says_nonsense_is_let_go(console: ServedConsole, text: str) -> None:
    ada = first_administrator(console)
    for path in ("live", "camera", "drive"):
        with ada.socket(f"{ROBOT}/{path}") as line:
            line.send('{"take": true}' if path == "drive" else text)
            with suppress(ConnectionClosed):  # it may be closed by the first one already
                line.send(text)
            assert 4400 <= code_at_the_end(line) < 4500


def test_a_request_that_is_not_right_is_refused_in_words(console: ServedConsole) -> None:
    ada = first_administrator(console)
    bodies: list[Any] = [
        "{", "[]", '"x"', "null", json.dumps({"why": 7}), json.dumps({"why": "x", "more": 1}),
        b"\xff\xfe", "[" * 100_000, json.dumps({"why": "x" * 600_000}),
    ]  # fmt: skip
    for body in bodies:
        status, answer = ada.ask("POST", f"{ROBOT}/stop/clear", body)
        assert 400 <= status < 500 and answer["error"].endswith("."), (body[:20], status, answer)
    assert ada.ask("PUT", f"{ROBOT}/stop", {})[0] == 405
    assert ada.ask("GET", "/nowhere")[0] == 404


def test_who_asks_too_much_waits(tmp_path: Path) -> None:
    web = WebParams(port=0, client_requests_per_s=1.0, client_requests_burst=30)
    with served(tmp_path, web) as console:
        client = Client(console)
        assert 429 in [client.ask("GET", "/session")[0] for _ in range(40)]


def test_tls_is_spoken_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    web = WebParams(port=0, tls=True, names=("yard.example",))
    with served(tmp_path, web) as console:
        assert console.url.startswith("https://")
        certificate = tmp_path / "console" / "console-certificate.pem"
        context = ssl.create_default_context(cafile=str(certificate))
        https = http.client.HTTPSConnection(*console.address, context=context)
        with closing(https) as connection:
            connection.request("GET", "/api/session")
            answer = connection.getresponse()
            assert answer.status == 200 and answer.headers["Strict-Transport-Security"]
        key = tmp_path / "console" / "console-key.pem"
        assert key.stat().st_mode & 0o777 == 0o600
        made = certificate.read_bytes()
    with served(tmp_path, web):
        assert certificate.read_bytes() == made


def test_beyond_this_machine_tls_is_always_spoken() -> None:
    assert WebParams(host="0.0.0.0").speaks_tls
    assert not OPEN_LIMITS.speaks_tls


def test_what_is_served_is_described(console: ServedConsole) -> None:
    ada = first_administrator(console)
    status, described = ada.ask("GET", "/openapi.json")
    assert status == 200 and described["openapi"] == "3.1.0"
    clear = described["paths"]["/api/robots/{robot}/stop/clear"]["post"]
    assert clear["security"] and "clear_stop" in clear["description"]
    assert described["components"]["schemas"]["ClearBody"]["required"] == ["why"]


def test_a_name_that_was_not_given_is_refused(tmp_path: Path) -> None:
    with served(tmp_path, WebParams(port=0, names=("yard.example",))) as console:
        port = console.address[1]
        for host, status in (
            (f"yard.example:{port}", 200), (f"localhost:{port}", 200), (f"[::1]:{port}", 200),
            (f"rebound.example:{port}", 421), ("yard.example.evil", 421), ("[::1", 421),
        ):  # fmt: skip
            assert Client(console).ask("GET", "/session", headers={"Host": host})[0] == status


@pytest.mark.parametrize("origin", ["null", "http://[", "https://127.0.0.1", "http://127.0.0.1"])
def test_an_origin_that_is_not_the_page_itself_is_refused(
    console: ServedConsole, origin: str
) -> None:
    body = {"user": "ada", "password": PASSWORD}
    assert Client(console).ask("POST", "/session", body, {"Origin": origin})[0] == 403


def test_a_line_ends_with_a_reason_after_bytes(console: ServedConsole) -> None:
    ada = first_administrator(console)
    with ada.socket(f"{ROBOT}/live") as line:
        line.send(b"\x00\xff")
        assert code_at_the_end(line) == 4400


def test_signing_in_anew_ends_the_session_before(console: ServedConsole) -> None:
    ada = first_administrator(console)
    before = ada.cookie
    assert ada.ask("POST", "/session", {"user": "ada", "password": PASSWORD})[0] == 200
    assert ada.cookie != before
    ada.cookie = before
    assert ada.ask("GET", f"{ROBOT}/site")[0] == 401


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_only_current_tls_is_spoken_and_the_cookie_is_for_this_host(tmp_path: Path) -> None:
    with served(tmp_path, WebParams(port=0, tls=True)) as console:
        context = ssl.create_default_context(
            cafile=str(tmp_path / "console" / "console-certificate.pem")
        )
        with closing(http.client.HTTPSConnection(*console.address, context=context)) as line:
            body = {"code": console.code(), "user": "ada", "password": PASSWORD}
            headers = {"Content-Type": "application/json", "X-Ronda": "1"}
            line.request("POST", "/api/first-user", json.dumps(body), headers)
            cookie = line.getresponse().headers["Set-Cookie"]
            assert line.sock.version() == "TLSv1.3"
        assert cookie.startswith("__Host-ronda=") and "Secure" in cookie and "Path=/" in cookie
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("DEFAULT:@SECLEVEL=0")
        with (
            closing(http.client.HTTPSConnection(*console.address, context=old)) as line,
            pytest.raises(ssl.SSLError),
        ):
            line.request("GET", "/")


def test_the_log_is_read_by_who_may(console: ServedConsole) -> None:
    ada = first_administrator(console)
    operator = another(console, ada, "bo", "operator")
    assert operator.ask("GET", f"{ROBOT}/log")[0] == 403
    assert ada.ask("GET", f"{ROBOT}/log")[0] == 503
    with LogStore(console.robot.link.run_folder, writable=True) as log:
        data = {"who": "ada", "role": "operator", "what": "command", "to": "x", "details": ""}
        log.append([LogEntry(1.0, f"act:{n}", "act", data) for n in range(5)])
        log.append([LogEntry(2.0, "authority:1", "authority", {"authority": "mission"})])
    status, page = ada.ask("GET", f"{ROBOT}/log?kind=act&limit=2")
    assert status == 200 and page["size"] == 6 and page["more"]
    assert [one["number"] for one in page["entries"]] == [4, 3]
    older = ada.ask("GET", f"{ROBOT}/log?kind=act&limit=9&before=3")[1]
    assert [one["number"] for one in older["entries"]] == [2, 1, 0] and not older["more"]
    for query in ("kind=x", "before=-1", "limit=0", "limit=9999"):
        assert ada.ask("GET", f"{ROBOT}/log?{query}")[0] == 400
