"""The recordings of Leigh et al. 2015, and which of them served for choosing parameters."""

from __future__ import annotations

from ronda_cli.environment.paths import ROOT

FOLDER = ROOT.parent / "shared" / "data" / "lidar_people"

TRAINED_LEGS = tuple(f"positive_{number}_extracted.bag.zip" for number in (1, 3, 6))
TRAINED_FREE = (("negative_2.bag.zip", "/left_scan"),)
"""The model of legs is trained on these: labelled legs, and (with a topic) a drive past nobody."""

HALVED, HALF_S = "general_tracking_moving_1", 37.0
"""Of this recording the first seconds served for choosing."""

TUNED = (
    "positive_1_extracted", "positive_3_extracted", "positive_6_extracted",
    "negative_2 /left_scan", "demo_stationary_simple_environment",
)  # fmt: skip
"""All of these served for choosing."""
