"""No request, however odd, is answered by an error of the console's own.

Requests are drawn from the console's own OpenAPI description: bodies that fit their schema, and
bodies that do not.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.console_served import PASSWORD, Client, ServedConsole, first_administrator, served
from websockets.exceptions import ConnectionClosed

ODD = st.sampled_from(
    ["", "\0", "\ud800", "ronda", "perimeter", "NaN", "../../etc/passwd", "%", "é" * 300, "1e999"]
)
NUMBERS = st.integers() | st.floats() | st.sampled_from([0, -1, 1e308, 2**63, 10**400])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=20) | ODD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
COMMANDS = st.fixed_dictionaries(
    {
        "do": st.sampled_from(["start", "go", "inspect", "dock", "alarm", "set_pose", "skip"]),
        "preview": st.booleans(),
    },
    optional=dict.fromkeys(("route", "checkpoint", "x", "y", "yaw", "incident", "dock"), VALUES),
)  # fmt: skip


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    with served(Path(tmp_path_factory.mktemp("fuzz"))) as made:
        yield made


@pytest.fixture(scope="module")
def ada(console: ServedConsole) -> Client:
    return first_administrator(console)


@pytest.fixture(scope="module")
def described(ada: Client) -> dict[str, Any]:
    status, document = ada.ask("GET", "/openapi.json")
    assert status == 200
    return dict(document)


def fitting(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that fit a schema as pydantic makes them."""
    if "$ref" in schema:
        return fitting(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return st.one_of([fitting(one, schemas) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    kind = schema.get("type")
    if kind == "string":
        least, most = schema.get("minLength", 0), min(schema.get("maxLength", 30), 200)
        return st.text(min_size=least, max_size=most) | ODD
    if kind == "array":
        inner = fitting(schema.get("items", {}), schemas)
        return st.lists(inner, min_size=schema.get("minItems", 0), max_size=4)
    if kind == "object" and "properties" in schema:
        fields = {k: fitting(v, schemas) for k, v in schema["properties"].items()}
        needed = set(schema.get("required", ()))
        return st.fixed_dictionaries(
            {k: v for k, v in fields.items() if k in needed},
            optional={k: v for k, v in fields.items() if k not in needed},
        )
    simple = {"boolean": st.booleans(), "integer": NUMBERS, "number": NUMBERS, "null": st.none()}
    return simple.get(str(kind), VALUES)


def bodies(operation: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "requestBody" not in operation:
        return st.none() | VALUES
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    fits = fitting(schema, schemas)
    return st.one_of(fits, fits, COMMANDS, VALUES, st.binary(max_size=40))


def address(data: st.DataObject, path: str, operation: dict[str, Any]) -> str:
    """The path below /api with drawn parts; `{robot}` is mostly the one that is there."""

    def part(found: re.Match[str]) -> str:
        usual = {"robot": "ronda", "user": "bo"}.get(found[1], "1")
        drawn = data.draw(st.just(usual) | st.just(usual) | st.text(max_size=12) | ODD)
        return quote(drawn.encode("utf-8", "surrogatepass"), safe="") or "x"

    made = re.sub(r"{(\w+)[^}]*}", part, path.removeprefix("/api"))
    names = [one["name"] for one in operation["parameters"] if one["in"] == "query"]
    asked = {name: data.draw(NUMBERS.map(str) | st.text(max_size=12) | ODD) for name in names}
    pairs = (f"{k}={quote(v.encode('utf-8', 'surrogatepass'), safe='')}" for k, v in asked.items())
    return f"{made}?{'&'.join(pairs)}" if asked else made


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_request_breaks_it(
    console: ServedConsole, ada: Client, described: dict[str, Any], data: st.DataObject
) -> None:
    signs = "/api/session", "/api/session/confirm", "/api/session/password", "/api/first-user"
    operations = [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if not (path in signs and method != "get")  # tried by somebody who is not signed in
    ]
    path, method, operation = data.draw(st.sampled_from(operations))
    body = data.draw(bodies(operation, described["components"]["schemas"]))
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, answer = ada.ask(method.upper(), address(data, path, operation), sent)
    assert status < 500 or (status == 503 and answer["error"]), (path, body, answer)
    if status >= 400:
        assert set(answer) == {"error"}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nobody_signs_in_by_an_odd_request(
    console: ServedConsole, described: dict[str, Any], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(["/api/session", "/api/first-user", "/api/session/confirm"]))
    operation = described["paths"][path]["post"]
    body = data.draw(bodies(operation, described["components"]["schemas"]))
    client = Client(console)
    cookie = data.draw(st.text(string.printable.strip(), max_size=40))
    client.cookie = f"ronda-{console.address[1]}={cookie}"
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert 400 <= client.ask("POST", path.removeprefix("/api"), sent)[0] < 500


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(
        ["Origin", "Host", "Cookie", "Content-Type", "Content-Length", "X-Ronda"]
    ),
    value=st.text(string.printable.replace("\r", "").replace("\n", ""), max_size=30)
    | st.sampled_from(["http://[", "null", "[::1", "a:b:c", "http://127.0.0.1:99999999"]),
)
def test_no_header_breaks_it(console: ServedConsole, name: str, value: str) -> None:
    clean = "".join(c for c in value if c.isprintable()).strip()
    body = b"" if name == "Content-Length" else b"{}"
    try:
        status = Client(console).ask("POST", "/robots/ronda/stop", body, {name: clean})[0]
    except (OSError, ValueError):  # cut off, or not sent at all
        return
    assert 400 <= status < 500


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    line=st.sampled_from(["live", "camera", "drive"]),
    said=st.lists(VALUES.map(json.dumps) | st.binary(max_size=30) | st.text("{}[]x", max_size=9)),
)
def test_nothing_that_a_page_says_breaks_a_line(
    console: ServedConsole, ada: Client, line: str, said: list[str | bytes]
) -> None:
    with ada.socket(f"/robots/ronda/{line}") as socket:
        try:
            for one in said:
                socket.send(one)
            socket.recv(timeout=0.05)
        except (ConnectionClosed, TimeoutError):
            pass
    assert socket.close_code not in (1006, 1011)


def test_the_right_password_still_opens_it(console: ServedConsole, ada: Client) -> None:
    assert ada.ask("POST", "/session/confirm", {"password": PASSWORD})[0] == 200
