"""`./ronda console users`: the way back in at the machine, while the console is served."""

from __future__ import annotations

from pathlib import Path

from tests.console_served import (
    PASSWORD,
    Client,
    another,
    first_administrator,
    served,
    wait_for,
)
from typer.testing import CliRunner

from patrol_core.topics import OPERATOR_ACTS
from ronda_cli.app import build


def command(folder: Path, *words: str, typed: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(
        build(["console"]), ["console", "users", *words, "--folder", str(folder)], input=typed
    )
    return done.exit_code, done.output


def test_what_is_done_at_the_machine_counts_while_the_console_runs(tmp_path: Path) -> None:
    folder, fresh = tmp_path / "console", "another quiet lamp 9"
    with served(tmp_path) as console:
        assert command(folder, "code") == (0, console.code() + "\n")
        ada = first_administrator(console)
        bo = another(console, ada, "bo", "operator")
        assert command(folder, "role", "bo", "viewer")[0] == 0
        wait_for(lambda: bo.ask("GET", "/session")[1]["role"] == "viewer")
        assert command(folder, "password", "bo", typed=f"{fresh}\n{fresh}\n")[0] == 0
        wait_for(lambda: bo.ask("GET", "/robots/ronda/site")[0] == 401)
        body = {"user": "bo", "password": fresh}
        assert Client(console).ask("POST", "/session", body)[0] == 200
        assert command(folder, "remove", "ada")[0] == 0
        wait_for(lambda: ada.ask("GET", "/users")[0] == 401)
        typed = f"{PASSWORD}\n{PASSWORD}\n"
        assert command(folder, "add", "eve", "administrator", typed=typed)[0] == 0
        body = {"user": "eve", "password": PASSWORD}
        assert Client(console).ask("POST", "/session", body)[0] == 200
        told = {"user_changed", "password_reset", "user_removed", "user_added"}
        wait_for(lambda: told <= {
            act.kind for act in console.said_on(OPERATOR_ACTS) if act.who == "at the machine"
        })  # fmt: skip
        listed = command(folder, "list")[1]
        assert "eve" in listed and "administrator" in listed and "ada" not in listed


def test_what_cannot_be_done_is_refused(tmp_path: Path) -> None:
    assert command(tmp_path / "nowhere", "list")[0] != 0
    with served(tmp_path) as console:
        first_administrator(console)
        for words, typed in (
            (("code",), ""), (("role", "bo", "viewer"), ""), (("remove", "bo"), ""),
            (("add", "ada", "viewer"), ""), (("add", "Bad Name", "viewer"), ""),
            (("password", "ada"), "short\nshort\n"),
        ):  # fmt: skip
            assert command(tmp_path / "console", *words, typed=typed)[0] != 0, words
