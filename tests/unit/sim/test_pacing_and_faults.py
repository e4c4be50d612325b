from __future__ import annotations

import pytest

from patrol_core.errors import RondaError
from patrol_sim.faults import fault_from_json
from patrol_sim.pacing import MAX_LAG_S, Pacer
from patrol_sim.scenario import Fault, FaultKind


def test_keeps_a_multiple_of_real_time() -> None:
    pacer = Pacer(2.0)
    assert pacer.wait_s(0.0, None, 100.0) == 0.0
    assert pacer.wait_s(1.0, None, 100.0) == pytest.approx(0.5)
    assert pacer.wait_s(1.0, None, 100.5) == pytest.approx(0.0)


def test_does_not_make_up_for_lost_time() -> None:
    pacer = Pacer(1.0)
    pacer.wait_s(0.0, None, 100.0)
    assert pacer.wait_s(0.02, None, 105.0) == 0.0
    assert pacer.wait_s(0.04, None, 105.0) == pytest.approx(0.02)


def test_at_full_speed_waits_for_commands_for_a_second_at_most() -> None:
    pacer = Pacer(0.0)
    assert pacer.wait_s(5.0, 5.0 - MAX_LAG_S + 0.01, 100.0) == 0.0
    lagging_s = 5.0 - MAX_LAG_S - 0.01
    assert pacer.wait_s(5.0, lagging_s, 100.0) == pytest.approx(1.0)
    assert pacer.wait_s(5.0, lagging_s, 100.7) == pytest.approx(0.3)
    assert pacer.wait_s(5.0, lagging_s, 101.0) == 0.0
    assert pacer.wait_s(5.02, lagging_s, 101.0) == pytest.approx(0.02)
    assert pacer.wait_s(5.02, 5.01, 101.0) == 0.0
    assert pacer.wait_s(9.0, 5.01, 101.0) == pytest.approx(1.0)


def test_at_full_speed_runs_as_wall_time_before_the_first_command() -> None:
    pacer = Pacer(0.0)
    pacer.wait_s(0.0, None, 100.0)
    assert pacer.wait_s(0.5, None, 100.0) == pytest.approx(0.5)


def test_a_fault_in_words() -> None:
    text = '{"kind": "slip", "duration_s": 2, "amount": 0.4}'
    assert fault_from_json(text, 7.0) == Fault(FaultKind.SLIP, 7.0, 2.0, amount=0.4)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"kind": "bomb", "duration_s": 1}', '{"kind": "drop"}',
             '{"kind": "cut", "duration_s": 1, "colour": "red"}'],
)  # fmt: skip
def test_what_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(RondaError, match="not a fault"):
        fault_from_json(text, 0.0)
