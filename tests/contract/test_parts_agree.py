"""Numbers of one part that another part counts on."""

from __future__ import annotations

from patrol_gate.params import GateParams
from patrol_mission.behaviours import ANNOUNCED_AFTER_S, ANNOUNCED_S
from patrol_nav.params import CostmapParams


def test_plans_keep_farther_from_forbidden_ground_than_the_gate() -> None:
    assert CostmapParams().zone_margin_m > GateParams().geofence_margin_m


def test_the_dwell_ends_no_earlier_than_the_announcement_lasts() -> None:
    assert GateParams().warning_s >= ANNOUNCED_S
    assert GateParams().standing_s <= ANNOUNCED_AFTER_S
