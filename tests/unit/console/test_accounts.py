from __future__ import annotations

import itertools

import pytest

from patrol_console.accounts.attempts import FORGOTTEN_AFTER_S, FREE, LONGEST_WAIT_S, Attempts
from patrol_console.accounts.passwords import check_password, hash_password, is_right
from patrol_console.accounts.permissions import Permission, Role, permissions_of
from patrol_console.accounts.store import check_name
from patrol_core.web.asking import RefusalError


def test_waiting_grows_with_failures_and_ends() -> None:
    attempts, waits = Attempts(), []
    for _ in range(FREE + 8):
        attempts.failed("ada", "10.0.0.7", 0.0)
        waits.append(attempts.wait_s("ada", "10.0.0.7", 0.0))
    assert waits[: FREE - 1] == [0.0] * (FREE - 1)
    assert waits[FREE - 1 : FREE + 3] == [1.0, 2.0, 4.0, 8.0]
    assert waits[-1] == LONGEST_WAIT_S
    assert attempts.wait_s("ada", "10.0.0.7", LONGEST_WAIT_S) == 0.0
    assert attempts.wait_s("ada", "10.0.0.7", FORGOTTEN_AFTER_S + 1.0) == 0.0


def test_who_guesses_elsewhere_locks_nobody_out() -> None:
    attempts = Attempts()
    for _ in range(1000):
        attempts.failed("ada", "10.0.0.66", 0.0)
    assert attempts.wait_s("ada", "10.0.0.7", 0.0) == 0.0
    assert attempts.wait_s("bo", "10.0.0.66", 0.0) > 0.0


def test_a_success_forgives_the_name() -> None:
    attempts = Attempts()
    for _ in range(FREE):
        attempts.failed("ada", "10.0.0.7", 0.0)
    attempts.succeeded("ada", "10.0.0.7")
    assert attempts.wait_s("ada", "10.0.0.7", 0.0) == 0.0


def test_a_password_is_kept_as_a_salted_hash() -> None:
    kept = hash_password("quiet harbour lamp 7")
    assert kept.startswith("$argon2id$") and kept != hash_password("quiet harbour lamp 7")
    assert is_right(kept, "quiet harbour lamp 7")
    assert not is_right(kept, "quiet harbour lamp 8") and not is_right("nonsense", "x")


@pytest.mark.parametrize(
    "password", ["short", "1234567890", "Password123!", "x" * 129, "adaada12ada"]
)
def test_passwords_that_are_guessed_first_are_refused(password: str) -> None:
    with pytest.raises(RefusalError):
        check_password(password, "ada")


def test_long_plain_words_are_a_password() -> None:
    check_password("four walls and a dog", "ada")


@pytest.mark.parametrize("name", ["", "a", "Ada", "1ada", "a" * 40, "a b", "../x", "ada\n"])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(RefusalError):
        check_name(name)


def test_each_role_may_do_more_than_the_one_before() -> None:
    held = [permissions_of(role) for role in Role]
    assert all(less < more for less, more in itertools.pairwise(held))
    assert held[-1] == frozenset(Permission)
    assert all(Permission.STOP in permissions for permissions in held)
