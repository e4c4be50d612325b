"""Light and sound before the first movement after standing."""

from __future__ import annotations

from patrol_gate.announce import Announcer
from patrol_gate.params import GateParams

TICK_S = 0.02


def ticks_until_it_may(announcer: Announcer, limit: int = 200) -> int:
    """How many ticks of wanting to move pass, with light and sound, before it may."""
    for count in range(limit):
        if announcer.may_move(True, TICK_S):
            assert (announcer.light, announcer.sound) == (True, False)
            return count
        assert (announcer.light, announcer.sound) == (True, True)
    return limit


def stand(announcer: Announcer, ticks: int) -> None:
    for _ in range(ticks):
        assert announcer.may_move(False, TICK_S) is False
        assert (announcer.light, announcer.sound) == (False, False)


def test_nothing_is_announced_before_anybody_wants_to_move() -> None:
    announcer = Announcer(GateParams())
    assert (announcer.light, announcer.sound) == (False, False)


def test_the_first_movement_is_announced_for_two_seconds_and_goes_on_without() -> None:
    announcer = Announcer(GateParams())
    assert ticks_until_it_may(announcer) in (99, 100)
    assert [ticks_until_it_may(announcer) for _ in range(200)] == [0] * 200


def test_after_a_short_stop_it_goes_on_and_after_ten_seconds_it_announces_again() -> None:
    announcer = Announcer(GateParams())
    ticks_until_it_may(announcer)
    for _ in range(3):
        stand(announcer, 498)
        assert ticks_until_it_may(announcer) == 0
    stand(announcer, 500)
    assert ticks_until_it_may(announcer) in (99, 100)


def test_how_long_it_stands_before_it_announces_is_a_parameter() -> None:
    announcer = Announcer(GateParams(standing_s=2.0))
    ticks_until_it_may(announcer)
    stand(announcer, 98)
    assert ticks_until_it_may(announcer) == 0
    stand(announcer, 100)
    assert ticks_until_it_may(announcer) in (99, 100)


def test_an_interrupted_announcement_is_resumed_and_one_long_gone_begins_anew() -> None:
    announcer = Announcer(GateParams(standing_s=2.0, warning_s=1.0))
    assert ticks_until_it_may(announcer, 30) == 30
    stand(announcer, 45)
    assert ticks_until_it_may(announcer, 10) == 10
    stand(announcer, 45)
    assert ticks_until_it_may(announcer) in (9, 10)
    stand(announcer, 100)
    assert ticks_until_it_may(announcer, 30) == 30
    stand(announcer, 52)
    assert ticks_until_it_may(announcer) in (49, 50)
