"""docs/ASVS.md is whole, and what it says of the console that no other test shows."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.console_served import (
    PASSWORD,
    Client,
    ServedConsole,
    another,
    first_administrator,
    served,
)

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "src" / "patrol_console"
SCRIPTS = sorted(p for p in (CONSOLE / "static").rglob("*.js") if "vendor" not in p.parts)
LEVEL_1 = {
    "1.2": 5, "1.3": 2, "1.5": 1, "2.1": 1, "2.2": 2, "2.3": 1, "3.2": 2, "3.3": 1, "3.4": 2,
    "3.5": 3, "4.1": 1, "4.4": 1, "5.2": 2, "5.3": 2, "6.1": 1, "6.2": 8, "6.3": 2, "6.4": 2,
    "7.2": 4, "7.4": 2, "8.1": 1, "8.2": 2, "8.3": 1, "9.1": 3, "9.2": 1, "10.4": 5, "11.3": 2,
    "11.4": 1, "12.1": 1, "12.2": 2, "13.4": 1, "14.2": 1, "14.3": 1, "15.1": 1, "15.2": 1,
    "15.3": 1,
}  # fmt: skip
"""Sections of ASVS 5.0.0 with how many requirements of level 1 each has: its first ones."""
ROWS = [
    [cell.strip() for cell in line.strip("| \n").split(" | ")]
    for line in (ROOT / "docs" / "ASVS.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| V")
]


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    with served(Path(tmp_path_factory.mktemp("asvs"))) as made:
        yield made


@pytest.fixture(scope="module")
def ada(console: ServedConsole) -> Client:
    return first_administrator(console)


def answer(console: ServedConsole, path: str) -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPConnection(*console.address)) as connection:
        connection.request("GET", path, headers={"Origin": "https://elsewhere.example"})
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()


def test_the_table_has_every_requirement_of_level_1() -> None:
    expected = [f"V{s}.{n + 1}" for s, count in LEVEL_1.items() for n in range(count)]
    assert [row[0] for row in ROWS] == expected and len(expected) == 70


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_the_test_of_each_line_is_there(row: list[str]) -> None:
    _, _, how, named = row
    if named == "—":
        assert how.startswith(("Does not apply: ", "**Not ", "[CONSOLE_SECURITY.md]"))
        return
    file, _, name = named.strip("`").partition("::")
    (found,) = (ROOT / "tests").rglob(file)
    assert re.search(rf"^def {name}\(", found.read_text(encoding="utf-8"), re.MULTILINE)


def test_pages_build_nodes_and_run_no_text() -> None:
    banned = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|javascript:"
    )
    assert SCRIPTS
    for script in SCRIPTS:
        assert not re.search(banned, script.read_text(encoding="utf-8")), script


def test_the_console_starts_no_process_and_runs_no_text() -> None:
    banned = r"\bsubprocess\b|os\.system|os\.popen|\beval\(|\bexec\(|pickle|yaml\.load\("
    for source in CONSOLE.rglob("*.py"):
        assert not re.search(banned, source.read_text(encoding="utf-8")), source


def test_password_fields_hide_and_take_what_is_pasted() -> None:
    text = "".join(script.read_text(encoding="utf-8") for script in SCRIPTS)
    fields = re.findall(r'autocomplete=(?:"|\$\{[^}]*")(?:current|new)-password', text)
    assert len(re.findall(r'type="password"', text)) == len(fields) > 0
    assert "onpaste" not in text.lower()


def test_pages_store_nothing_in_the_browser() -> None:
    for script in SCRIPTS:
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"sessionStorage|indexedDB|document\.cookie|caches\.", text), script


def test_no_other_site_is_let_in(console: ServedConsole) -> None:
    for path in ("/", "/api/session", "/nowhere"):
        assert not any(k.startswith("access-control") for k in answer(console, path)[1])


def test_every_answer_names_its_type(console: ServedConsole) -> None:
    for path, kind in (
        ("/", "text/html; charset=utf-8"), ("/static/main.js", "text/javascript; charset=utf-8"),
        ("/static/theme.css", "text/css; charset=utf-8"), ("/api/session", "application/json"),
        ("/nowhere", "application/json"),
    ):  # fmt: skip
        assert answer(console, path)[1]["content-type"] == kind


@pytest.mark.parametrize(
    "path",
    ["../web/app.py", "%2e%2e/web/app.py", "..%2f..%2fparams.py", "/etc/passwd", ".git/config"],
)
def test_no_path_leads_out_of_the_pages(console: ServedConsole, path: str) -> None:
    assert answer(console, f"/static/{path}")[0] == 404


def test_a_password_is_changed_with_the_old_one(console: ServedConsole, ada: Client) -> None:
    bo, new = another(console, ada, "bo", "viewer"), "Ünusual  " + "x" * 100
    assert bo.ask("POST", "/session/password", {"old": "no", "new": new})[0] == 403
    assert bo.ask("POST", "/session/password", {"new": new})[0] == 400
    assert bo.ask("POST", "/session/password", {"old": PASSWORD, "new": new})[0] == 200
    for tried, status in ((PASSWORD, 401), (new[:-1], 401), (new.lower(), 401), (new, 200)):
        body = {"user": "bo", "password": tried}
        assert Client(console).ask("POST", "/session", body)[0] == status


def test_a_token_is_long_and_new(console: ServedConsole, ada: Client) -> None:
    tokens = set()
    for _ in range(3):
        client = Client(console)
        assert client.ask("POST", "/session", {"user": "ada", "password": PASSWORD})[0] == 200
        tokens.add(client.cookie.partition("=")[2])
    assert len(tokens) == 3 and all(len(token) >= 43 for token in tokens)


def test_no_secret_stands_in_an_address(ada: Client) -> None:
    _, described = ada.ask("GET", "/openapi.json")
    for path, methods in described["paths"].items():
        for operation in methods.values():
            names = [p["name"] for p in operation["parameters"] if p["in"] != "header"]
            assert not {"token", "password", "code", "key"} & set(names), path


def test_users_are_told_without_their_secrets(ada: Client) -> None:
    _, told = ada.ask("GET", "/users")
    assert told["users"] and all(set(u) == {"name", "role", "robots"} for u in told["users"])
