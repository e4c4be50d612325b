"""Rules about what people do, as data. None asks who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from patrol_core.site.model import Hours


class RuleKind(Enum):
    """Stay in one place; run; lie on the ground; stand together as many; be where it is closed."""

    LOITERING = "loitering"
    RUNNING = "running"
    LYING = "lying"
    CROWD = "crowd"
    CLOSED_ZONE = "closed_zone"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, in force in the zones named (none: everywhere) at `hours` (none: always).

    It is told when it has been broken for `for_s`. `radius_m` is that of LOITERING and CROWD,
    `speed_mps` that of RUNNING, `people` that of CROWD. CLOSED_ZONE without hours: its zones are
    closed whenever their own hours do not count.
    """

    rule_id: str
    kind: RuleKind
    for_s: float
    zone_ids: tuple[str, ...] = ()
    hours: tuple[Hours, ...] = ()
    radius_m: float = 0.0
    speed_mps: float = 0.0
    people: int = 0
