"""What people do about incidents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ActKind(Enum):
    """ACKNOWLEDGE: somebody has seen it. RESOLVE: nothing is left to do. SHELVE: not to be shown
    for a while. REOPEN: it is as new again; records do that, too, when its cause is seen again.
    """

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    SHELVE = "shelve"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class IncidentAct:
    """One act; it counts for the whole group of its incident. No act is ever changed or undone.

    `act_id` makes a repeated message the same act. `for_s`: how long it is shelved, else 0.
    """

    stamp_s: float
    act_id: str
    incident_id: int
    act: ActKind
    who: str
    why: str
    for_s: float = 0.0
