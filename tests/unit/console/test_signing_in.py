"""Sessions and users while several people act at once, and after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrol_console.accounts.accounts import Accounts
from patrol_console.accounts.attempts import FREE, Attempts
from patrol_console.accounts.permissions import Role
from patrol_console.accounts.sessions import OpenSession, Sessions
from patrol_console.accounts.store import AccountStore
from patrol_console.files import FIRST_CODE
from patrol_core.web.asking import RefusalError

PASSWORD = "quiet harbour lamp 7"
HOUR_S = 3600.0


class Desk:
    """Accounts with an administrator `ada` and an operator `bo`, at a time that a test sets."""

    def __init__(self, folder: Path) -> None:
        self.now_s = 0.0
        self.store = AccountStore(folder / "accounts.db")
        self.sessions = Sessions(self.store, lambda: self.now_s, 12 * HOUR_S, 4 * HOUR_S)
        self.accounts = Accounts(
            self.store, self.sessions, lambda *_: None, lambda: self.now_s, folder
        )

    async def people(self) -> tuple[OpenSession, OpenSession]:
        code = self.accounts.first_code()
        ada = self.found(await self.accounts.first_user(code, "ada", PASSWORD, "a"))
        await self.accounts.add(ada, "bo", Role.OPERATOR, ("*",), PASSWORD)
        return ada, self.found(await self.accounts.sign_in("bo", PASSWORD, "b"))

    def found(self, token: str) -> OpenSession:
        session = self.sessions.find(token)
        assert session is not None
        return session


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.accounts.close()
    made.store.close()


@pytest.mark.parametrize("kept", ["", "\n", "AB", "-" * 12, "é" * 12])
def test_a_code_that_was_cut_off_opens_nothing(desk: Desk, tmp_path: Path, kept: str) -> None:
    (tmp_path / FIRST_CODE).write_text(kept, encoding="utf-8")
    with pytest.raises(RefusalError, match="not the code"):
        asyncio.run(desk.accounts.first_user(kept or "-", "eve", PASSWORD, "e"))
    assert len(desk.accounts.first_code()) == 12


def test_a_code_serves_one_of_two_at_once(desk: Desk) -> None:
    async def both() -> list[object]:
        code = desk.accounts.first_code()
        asks = (desk.accounts.first_user(code, name, PASSWORD, "a") for name in ("ada", "eve"))
        return list(await asyncio.gather(*asks, return_exceptions=True))

    answers = asyncio.run(both())
    assert sum(isinstance(one, str) for one in answers) == len(desk.store.users()) == 1


def test_who_is_removed_while_the_password_is_checked_gets_no_session(desk: Desk) -> None:
    async def go() -> None:
        ada, _ = await desk.people()
        signing_in = asyncio.ensure_future(desk.accounts.sign_in("bo", PASSWORD, "b"))
        await asyncio.sleep(0)
        desk.accounts.remove(ada, "bo")
        with pytest.raises(RefusalError, match="wrong"):
            await signing_in

    asyncio.run(go())


def test_a_new_password_brings_no_removed_user_back(desk: Desk) -> None:
    async def go() -> None:
        ada, bo = await desk.people()
        changing = asyncio.ensure_future(
            desk.accounts.change_password(bo, PASSWORD, PASSWORD + "8", "b")
        )
        resetting = asyncio.ensure_future(desk.accounts.reset_password(ada, "bo", PASSWORD))
        await asyncio.sleep(0)
        desk.accounts.remove(ada, "bo")
        for task in (changing, resetting):
            with pytest.raises(RefusalError):
                await task
        assert [user.name for user in desk.store.users()] == ["ada"]

    asyncio.run(go())


def test_many_guesses_at_once_are_no_way_round_the_waiting(desk: Desk) -> None:
    async def go() -> list[int]:
        await desk.people()
        asks = (desk.accounts.sign_in("bo", f"guess {n}", "e") for n in range(40))
        answers = await asyncio.gather(*asks, return_exceptions=True)
        return [one.status for one in answers if isinstance(one, RefusalError)]

    statuses = asyncio.run(go())
    assert statuses.count(401) == FREE and statuses.count(429) == 40 - FREE


def test_who_signs_in_often_is_not_slowed_down() -> None:
    attempts = Attempts()
    for _ in range(1000):
        attempts.failed("ada", "a", 0.0)
        attempts.succeeded("ada", "a")
    assert attempts.wait_s("ada", "a", 0.0) == attempts.wait_s("bo", "a", 0.0) == 0.0


def test_giving_the_password_again_changes_the_token(desk: Desk) -> None:
    async def go() -> None:
        await desk.people()
        old = await desk.accounts.sign_in("bo", PASSWORD, "b")
        session = desk.found(old)
        told: list[str] = []
        session.on_revoked(lambda: told.append("ended"))
        new = await desk.accounts.confirm(session, PASSWORD, "b")
        assert desk.sessions.find(old) is None and desk.found(new) is session
        assert not told and desk.accounts.is_confirmed(session)
        desk.now_s += 60.0
        assert not desk.accounts.is_confirmed(session)
        again = Sessions(desk.store, lambda: desk.now_s, 12 * HOUR_S, 4 * HOUR_S)
        assert again.find(old) is None and again.find(new) is not None

    asyncio.run(go())
