"""What a route says of each of its stops, beyond where it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patrol_core.site.model import Hours


class Otherwise(Enum):
    """What the robot does with a stop that cannot be done, where nobody says anything else.

    Go on without it; go home, try it again later and go on from there; go home and end; stand
    where it is until a person decides.
    """

    PROCEED = "proceed"
    RETURN_AND_RETRY_LATER = "return_and_retry_later"
    RETURN_AND_END = "return_and_end"
    STOP_HERE = "stop_here"


@dataclass(frozen=True, slots=True)
class OnFailure:
    """Try so often again, then ask the operator for so long, then `otherwise`."""

    retries: int = 0
    ask_operator_s: float = 0.0
    otherwise: Otherwise = Otherwise.PROCEED


@dataclass(frozen=True, slots=True)
class Element:
    """A stop at a checkpoint. None: as the route says. No hours: always.

    `corridor_m`: how far the robot may leave the way to it. `speed_mps`: on the way to it.
    """

    checkpoint_id: str
    on_failure: OnFailure | None = None
    speed_mps: float | None = None
    corridor_m: float | None = None
    hours: tuple[Hours, ...] = ()

    def valid_at(self, weekday: int, second_of_day: int) -> bool:
        """Whether it is done at a local time."""
        return not self.hours or any(h.contain(weekday, second_of_day) for h in self.hours)


@dataclass(frozen=True, slots=True)
class RouteCare:
    """How a route is driven whatever its form. None: as the mission's parameters say.

    Charges are shares of a full battery: below `start_at` it is not begun, at `return_at` the
    robot goes home to charge. `unpredictable`: each patrol is drawn anew
    (`patrol_mission/unpredictable`).
    """

    elements: tuple[Element, ...] = ()
    on_failure: OnFailure = OnFailure()
    start_at: float | None = None
    return_at: float | None = None
    unpredictable: bool = False

    def element(self, checkpoint_id: str) -> Element:
        """What is said of a stop; nothing in particular where nothing is."""
        found = (e for e in self.elements if e.checkpoint_id == checkpoint_id)
        return next(found, Element(checkpoint_id))
