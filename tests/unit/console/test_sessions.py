from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol_console.accounts.permissions import Role
from patrol_console.accounts.sessions import Sessions
from patrol_console.accounts.store import AccountStore, User

HOUR_S = 3600.0


class Rig:
    def __init__(self, folder: Path) -> None:
        self.now_s = 1.7e9
        self.store = AccountStore(folder / "accounts.db")
        self.user = User("ada", Role.OPERATOR, ("*",), "hash", self.now_s)
        self.store.put(self.user)
        self.sessions = self.opened()

    def opened(self) -> Sessions:
        return Sessions(self.store, lambda: self.now_s, 12 * HOUR_S, 4 * HOUR_S)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.store.close()


def test_a_token_is_kept_nowhere(rig: Rig) -> None:
    token, session = rig.sessions.begin(rig.user)
    assert rig.sessions.find(token) is session
    assert all(token not in repr(kept) for kept in rig.store.sessions())
    assert rig.sessions.find("another") is None


def test_who_is_idle_for_too_long_is_signed_out_and_told(rig: Rig) -> None:
    token, session = rig.sessions.begin(rig.user)
    told: list[str] = []
    session.on_revoked(lambda: told.append("ended"))
    rig.now_s += 3.9 * HOUR_S
    assert rig.sessions.find(token) is session
    rig.now_s += 3.9 * HOUR_S
    assert rig.sessions.find(token) is session
    rig.now_s += 4.1 * HOUR_S
    assert rig.sessions.find(token) is None and told == ["ended"]
    assert rig.store.sessions() == []


def test_no_session_outlasts_its_time_however_busy(rig: Rig) -> None:
    token, session = rig.sessions.begin(rig.user)
    for _ in range(11):
        rig.now_s += HOUR_S
        assert rig.sessions.lives(session)
    rig.now_s += 1.1 * HOUR_S
    assert not rig.sessions.lives(session) and rig.sessions.find(token) is None


def test_sessions_are_there_after_a_restart(rig: Rig) -> None:
    token, _ = rig.sessions.begin(rig.user)
    rig.now_s += HOUR_S
    found = rig.opened().find(token)
    assert found is not None and found.user == "ada"


def test_a_removed_user_has_none(rig: Rig) -> None:
    token, _ = rig.sessions.begin(rig.user)
    rig.sessions.end_all("ada")
    rig.store.remove("ada")
    assert rig.sessions.find(token) is None and rig.opened().find(token) is None
