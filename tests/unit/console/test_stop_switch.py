from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest
from tests.console_robot import LinkedRobot

from patrol_console.stopping.switch import ANSWER_S, SOURCE, StopSwitch
from patrol_core.topics import ESTOP, GATE_RESET, GATE_STATUS
from patrol_core.types.status import Authority, EstopState, GateState, GateStatus
from patrol_core.web.asking import RefusalError


class Rig:
    def __init__(self, folder: Path) -> None:
        self.robot = LinkedRobot(folder)
        self.robot.serve()
        self.steady_s = 100.0
        self.switch = StopSwitch(self.robot.link, lambda: self.steady_s)

    def gate(self, state: GateState, authority: Authority = Authority.NONE) -> None:
        status = GateStatus(
            self.robot.now_s, state, authority, ("why",), 0.0, 0.0, 0.0, 0.0, 0.0, math.inf
        )
        self.robot.hear(GATE_STATUS, status)
        self.robot.tick()

    def state(self) -> str:
        return str(self.switch.document()["state"])


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_a_press_goes_out_at_the_next_tick_and_shows_only_when_the_gate_has_it(rig: Rig) -> None:
    rig.gate(GateState.PASSING)
    rig.switch.press("ada")
    rig.robot.tick()
    assert rig.robot.said_on(ESTOP)[-1] == EstopState(0.02, SOURCE, True)
    assert rig.state() == "asked" and rig.switch.document()["by"] == "ada"
    rig.gate(GateState.LATCHED, Authority.ESTOP)
    assert rig.state() == "stopped" and rig.switch.document()["sources"] == [SOURCE]


def test_a_press_that_nobody_confirms_is_said_to_be_unanswered(rig: Rig) -> None:
    rig.gate(GateState.PASSING)
    rig.switch.press("ada")
    rig.steady_s += ANSWER_S
    assert rig.state() == "unanswered"


def test_it_is_said_again_and_again_while_it_is_pressed(rig: Rig) -> None:
    async def for_a_while() -> None:
        running = asyncio.create_task(rig.switch.run())
        rig.switch.press("ada")
        await asyncio.sleep(0.35)
        running.cancel()

    asyncio.run(for_a_while())
    rig.robot.tick()
    assert len(rig.robot.said_on(ESTOP)) >= 3


def test_clearing_lets_go_first_and_then_asks_for_the_reset(rig: Rig) -> None:
    async def clear() -> None:
        rig.switch.press("ada")
        rig.gate(GateState.LATCHED, Authority.ESTOP)
        rig.switch.clear("bo", "all clear")
        rig.robot.tick()
        assert rig.robot.said_on(ESTOP)[-1].pressed is False
        assert rig.robot.said_on(GATE_RESET) == [] and rig.state() == "clearing"
        await asyncio.sleep(0.35)
        rig.robot.tick()

    asyncio.run(clear())
    [reset] = rig.robot.said_on(GATE_RESET)
    assert (reset.who, reset.reason) == ("bo", "all clear")
    rig.gate(GateState.HOLD)
    assert rig.state() == "clear"


def test_pressing_again_while_it_is_being_cleared_takes_the_reset_back(rig: Rig) -> None:
    async def clear_and_press() -> None:
        rig.switch.press("ada")
        rig.gate(GateState.LATCHED, Authority.ESTOP)
        rig.switch.clear("bo", "all clear")
        rig.switch.press("cy")
        await asyncio.sleep(0.35)
        rig.robot.tick()

    asyncio.run(clear_and_press())
    assert rig.robot.said_on(GATE_RESET) == [] and rig.state() == "stopped"


def test_what_is_pressed_elsewhere_is_shown_and_keeps_it_from_being_cleared(rig: Rig) -> None:
    rig.robot.hear(ESTOP, EstopState(0.0, "button", True))
    rig.gate(GateState.LATCHED, Authority.ESTOP)
    assert rig.state() == "stopped" and rig.switch.document()["sources"] == ["button"]
    with pytest.raises(RefusalError, match="Still pressed: button"):
        rig.switch.clear("bo", "all clear")


def test_nothing_is_cleared_that_is_not_stopped(rig: Rig) -> None:
    with pytest.raises(RefusalError, match="gate is not heard"):
        rig.switch.clear("bo", "why")
    rig.gate(GateState.PASSING)
    with pytest.raises(RefusalError, match="Nothing is stopped"):
        rig.switch.clear("bo", "why")
