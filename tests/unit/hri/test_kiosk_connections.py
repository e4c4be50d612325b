"""Who has to make room when the kiosk's server has as many connections as it may have."""

from __future__ import annotations

from typing import cast

from patrol_core.web.connections import Counts, GuardedProtocol
from patrol_hri.kiosk.params import KioskParams

PARAMS = KioskParams(max_connections=10, client_connections=4)


class Room:
    """Connections that wait for a request, and those that had to give way."""

    def __init__(self) -> None:
        self.counts = Counts(PARAMS)
        self.gave_way: list[str] = []

    def silent(self, client: str, name: str) -> GuardedProtocol | None:
        """One more; None where it is refused."""
        if not self.counts.admit(client):
            return None
        room = self

        class Silent:
            def give_way(self) -> None:
                room.gave_way.append(name)
                room.counts.wait_no_more(client, connection)
                room.counts.leave(client)

        connection = cast("GuardedProtocol", Silent())
        self.counts.wait(client, connection)
        return connection


def test_silent_connections_push_out_each_other_and_not_a_visitor() -> None:
    room = Room()
    assert room.silent("visitor", "visitor")
    for number in range(40):
        room.silent(f"attacker {number % 5}", f"{number % 5}/{number}")
    assert len(room.gave_way) > 20 and "visitor" not in room.gave_way


def test_of_equals_who_has_waited_longest_gives_way() -> None:
    room = Room()
    for number in range(11):
        assert room.silent(str(number), str(number))
    assert room.gave_way == ["0"]


def test_one_client_has_only_so_many() -> None:
    room = Room()
    assert [room.silent("a", "a") is None for _ in range(5)] == [False] * 4 + [True]


def test_who_is_being_answered_does_not_give_way() -> None:
    room = Room()
    for number in range(10):
        connection = room.silent(str(number), str(number))
        assert connection is not None
        room.counts.wait_no_more(str(number), connection)
    assert room.silent("late", "late") is None and room.gave_way == []
