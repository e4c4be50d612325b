"""Rules that hold everywhere and always, as data. None asks who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from patrol_core.site.model import Hours


class RuleKind(Enum):
    """People stay in one place; run; lie on the ground; stand together as many; are where it is
    closed. A thing stands where nothing may."""

    LOITERING = "loitering"
    RUNNING = "running"
    LYING = "lying"
    CROWD = "crowd"
    CLOSED_ZONE = "closed_zone"
    KEEP_FREE = "keep_free"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, in force in the zones named (none: everywhere) at `hours` (none: always).

    It is told when it has been broken for `for_s`. `radius_m` is that of LOITERING and CROWD,
    `speed_mps` that of RUNNING, `people` that of CROWD, `length_m` that of KEEP_FREE. CLOSED_ZONE
    without hours: its zones are closed whenever their own hours do not count.
    """

    rule_id: str
    kind: RuleKind
    for_s: float
    zone_ids: tuple[str, ...] = ()
    hours: tuple[Hours, ...] = ()
    radius_m: float = 0.0
    speed_mps: float = 0.0
    people: int = 0
    length_m: float = 0.0
