"""What is watched at every tick of a patrol: the battery, and whether operators are heard."""

from __future__ import annotations

from patrol_core.result import ErrorCode
from patrol_core.topics import BATTERY_STATE
from patrol_mission.board import Board
from patrol_mission.link import LinkStep
from patrol_mission.run import Rest

_RESERVE_EVERY_S = 5.0
"""The way home is looked up so often."""


class BatteryWatch:
    """Sends the robot home while it can still get there, to go on once it is charged."""

    def __init__(self) -> None:
        self._looked_s = float("-inf")
        self._needed = 0.0

    def step(self, board: Board) -> None:
        run, battery = board.active, board.inputs.latest(BATTERY_STATE)
        if battery is None or run.return_reason or board.at_dock():
            return
        if run.question is not None and run.question.unsure:
            return
        charge = battery.charge_fraction
        floor = board.params.return_battery_fraction
        if run.care.return_at is not None:
            floor = run.care.return_at
        needed = self._to_get_home(board)
        if charge >= max(floor, needed):
            return
        reason = f"battery at {charge:.0%}"
        if needed > floor:
            reason += f": the way home of {board.home_m():.0f} m takes what is above the reserve"
        go_on = board.params.go_on_battery_fraction
        run.go_home(reason, ErrorCode.BATTERY_LOW, Rest(go_on) if go_on < 1.0 else None)
        board.record("battery_low", "battery", reason)

    def _to_get_home(self, board: Board) -> float:
        """The charge that the way home takes, with the reserve; 0 where the way is not known."""
        if board.now_s - self._looked_s >= _RESERVE_EVERY_S:
            self._looked_s = board.now_s
            metres = board.home_m()
            seconds = metres / board.active.speed_mps
            spent = board.energy.cost(metres, seconds) if board.pose is not None else 0.0
            self._needed = spent + board.params.reserve_battery_fraction
        return self._needed


_TOLD = {
    LinkStep.HEARD: ("link_back", "operators are heard again"),
    LinkStep.LOST: ("link_lost", "no operator is heard: the patrol goes on by itself"),
    LinkStep.RETURN: ("link_return", "no operator is heard: back along the way come"),
    LinkStep.STAND: ("link_stand", "no operator is heard for long: standing here"),
}


class LinkWatch:
    """Tells every step of the ladder, and goes home where it says so."""

    def __init__(self) -> None:
        self._told = LinkStep.HEARD

    def step(self, board: Board) -> None:
        run = board.active
        if board.link is not self._told:
            self._told = board.link
            kind, sentence = _TOLD[board.link]
            board.record(kind, board.link.value, sentence)
        if board.link is LinkStep.RETURN and not run.return_reason and not board.at_dock():
            run.go_home("no operator is heard", rest=Rest(for_link=True))
