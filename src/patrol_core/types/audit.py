"""What people do with the robot, for the tamper-evident log."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OperatorAct:
    """One act of a person who has signed in. `stamp_s` is Unix time.

    `act_id` makes a repeated message the same act. `kind`: "signed_in", "command", "stop_pressed",
    "drive_taken", "user_changed"... `subject`: what it was done to; `details` in words.
    """

    stamp_s: float
    act_id: str
    who: str
    role: str
    kind: str
    subject: str
    details: str


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """The acknowledgement that an act is durable: leaf `index` of the log."""

    stamp_s: float
    act_id: str
    index: int
